import Basics
import Tensors

/// Padded planes of numbers, aligned to whole vectors: the fields of one vector of unknowns, or the coefficients of a matrix.
///
/// Two kinds of vector are told apart by their borders. Residuals, right-hand sides and products A y are zero outside the grid.
/// Iterates hold whatever `wrap` or an update left there; they are wrapped before a stencil reads them. An inner product has at
/// least one vector of the first kind, so that borders never count.
final class GridVector<Scalar: TensorScalar> {
    let layout: GridLayout
    let planes: Int
    let base: UnsafeMutablePointer<Scalar>
    /// Elements of all planes and borders, a multiple of the lanes of a vector.
    let count: Int

    /// Zeros; or, where every row is to be loaded, zeros beyond the first and the last row only.
    init(_ layout: GridLayout, planes: Int, rowsAreLoaded: Bool = false) {
        self.layout = layout
        self.planes = planes
        let lanes = Scalar.Vector.scalarCount
        count = layout.capacity(planes, lanes)
        base = FieldMemory.take(count * MemoryLayout<Scalar>.stride).bindMemory(to: Scalar.self, capacity: count)
        guard rowsAreLoaded else {
            clear()
            return
        }
        for plane in 0...planes {
            // From the end of a plane's last row to the next one's first.
            let end = plane == 0 ? base : origin(plane - 1) + layout.ny * layout.rowStride
            clearScalars(end, (plane == planes ? base + count : origin(plane)) - end)
        }
    }

    deinit { FieldMemory.give(base, count * MemoryLayout<Scalar>.stride) }

    /// Cell (0, 0) of a plane.
    func origin(_ plane: Int = 0) -> UnsafeMutablePointer<Scalar> {
        base + plane * layout.planeStride + layout.lead
    }

    func clear() { clearScalars(base, count) }

    /// Zeros in row j of every plane, its border included.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func clear(row j: Int) {
        for plane in 0..<planes { clearScalars(origin(plane) + j * layout.rowStride, layout.rowStride) }
    }

    func copy(_ other: GridVector) { copyScalars(from: other.base, to: base, count) }

    /// Takes [planes, ny, nx], multiplied by `factor`. What is beyond the columns becomes zero.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func load(_ values: UnsafePointer<Scalar>, times factor: Scalar = 1) {
        for plane in 0..<planes {
            concurrentRanges(layout.ny, leastWork: layout.rowsWorthAThread) { rows, _ in
                for j in rows { loadRow(values + (plane * layout.ny + j) * layout.nx, plane, j, times: factor) }
            }
        }
    }

    func load(_ values: [Scalar], times factor: Scalar = 1) {
        values.withUnsafeBufferPointer { if let first = $0.baseAddress { load(first, times: factor) } }
    }

    /// Row j of a plane from nx values.
    func loadRow(_ values: UnsafePointer<Scalar>, _ plane: Int, _ j: Int, times factor: Scalar = 1) {
        splitRow(values, origin(plane) + j * layout.rowStride, layout.nx, layout.halfStride, factor)
    }

    /// nx values from row j of a plane.
    func unloadRow(_ values: UnsafeMutablePointer<Scalar>, _ plane: Int, _ j: Int, times factor: Scalar = 1) {
        let row = origin(plane) + j * layout.rowStride
        joinRow(row, row + layout.halfStride, values, layout.nx, factor)
    }

    /// [planes, ny, nx], multiplied by `factor`.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func unload(times factor: Scalar = 1) -> [Scalar] {
        let total = planes * layout.ny * layout.nx
        return [Scalar](unsafeUninitializedCapacity: total) { buffer, count in
            if let first = buffer.baseAddress {
                for plane in 0..<planes {
                    concurrentRanges(layout.ny, leastWork: layout.rowsWorthAThread) { rows, _ in
                        for j in rows { unloadRow(first + (plane * layout.ny + j) * layout.nx, plane, j, times: factor) }
                    }
                }
            }
            count = total
        }
    }

    /// Copies the far side into the border of each periodic direction.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func wrap() {
        guard layout.periodicX || layout.periodicY else { return }
        for plane in 0..<planes {
            let first = origin(plane)
            if layout.periodicX { for j in 0..<layout.ny { wrapRow(first + j * layout.rowStride) } }
            guard layout.periodicY else { continue }
            copyScalars(from: first + (layout.ny - 1) * layout.rowStride, to: first - layout.rowStride, layout.rowStride)
            copyScalars(from: first, to: first + layout.ny * layout.rowStride, layout.rowStride)
        }
    }

    /// The same along x, for one row.
    func wrapRow(_ row: UnsafeMutablePointer<Scalar>) {
        guard layout.periodicX else { return }
        row[layout.position(-1)] = row[layout.position(layout.nx - 1)]
        row[layout.position(layout.nx)] = row[0]
    }
}

/// Copies numbers as bytes: code that does not know which precision it serves would copy them one by one, through tables.
func copyScalars<Scalar: TensorScalar>(from source: UnsafePointer<Scalar>, to target: UnsafeMutablePointer<Scalar>, _ count: Int) {
    UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: max(count, 0) * MemoryLayout<Scalar>.stride)
}

func clearScalars<Scalar: TensorScalar>(_ target: UnsafeMutablePointer<Scalar>, _ count: Int) {
    UnsafeMutableRawPointer(target).initializeMemory(as: UInt8.self, repeating: 0, count: count * MemoryLayout<Scalar>.stride)
}

/// Even columns and odd ones of a row of `count`, `half` elements apart, and zeros behind either.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func splitRow<Scalar: TensorScalar>(
    _ source: UnsafePointer<Scalar>, _ target: UnsafeMutablePointer<Scalar>, _ count: Int, _ half: Int, _ factor: Scalar
) {
    for k in 0..<count / 2 {
        target[k] = source[2 &* k] * factor
        target[half &+ k] = source[2 &* k &+ 1] * factor
    }
    if count % 2 == 1 { target[count / 2] = source[count &- 1] * factor }
    clearScalars(target + (count + 1) / 2, half - (count + 1) / 2)
    clearScalars(target + half + count / 2, half - count / 2)
}

/// The reverse of `splitRow`.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func joinRow<Scalar: TensorScalar>(
    _ even: UnsafePointer<Scalar>, _ odd: UnsafePointer<Scalar>, _ target: UnsafeMutablePointer<Scalar>, _ count: Int, _ factor: Scalar
) {
    for k in 0..<count / 2 {
        target[2 &* k] = even[k] * factor
        target[2 &* k &+ 1] = odd[k] * factor
    }
    if count % 2 == 1 { target[count &- 1] = even[count / 2] * factor }
}
