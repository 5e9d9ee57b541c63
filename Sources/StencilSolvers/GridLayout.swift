import Tensors

/// How the fields of a solve lie in memory: rows with a border of one cell on each side and room for whole vectors, so that no kernel
/// has special cases at an edge. What lies outside a closed grid is zero.
struct GridLayout: Equatable {
    let ny: Int
    let nx: Int
    let periodicY: Bool
    let periodicX: Bool
    /// Elements from one row to the next: whole vectors, and one more whose last element is the border to the west.
    let rowStride: Int
    /// Elements from one plane to the next. The odd vector keeps planes of 4096-byte multiples off the same cache sets.
    let planeStride: Int
    /// Elements before cell (0, 0) of the first plane.
    let lead: Int

    init(ny: Int, nx: Int, periodicY: Bool, periodicX: Bool, lanes: Int) {
        self.ny = ny
        self.nx = nx
        self.periodicY = periodicY
        self.periodicX = periodicX
        rowStride = (nx + lanes - 1) / lanes * lanes + lanes
        planeStride = rowStride * (ny + 2) + 3 * lanes
        lead = rowStride + lanes
    }

    /// Elements of `planes` planes; the last kernel vector of the last row may reach past its border.
    func capacity(_ planes: Int, _ lanes: Int) -> Int { planes * planeStride + 2 * rowStride + 2 * lanes }
}

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

    init(_ layout: GridLayout, planes: Int) {
        self.layout = layout
        self.planes = planes
        let lanes = Scalar.Vector.scalarCount
        count = layout.capacity(planes, lanes)
        let raw = allocateField(byteCount: count * MemoryLayout<Scalar>.stride)
        base = raw.bindMemory(to: Scalar.self, capacity: count)
        clear()
    }

    deinit { UnsafeMutableRawPointer(base).deallocate() }

    /// Cell (0, 0) of a plane.
    func origin(_ plane: Int = 0) -> UnsafeMutablePointer<Scalar> {
        base + plane * layout.planeStride + layout.lead
    }

    func clear() {
        UnsafeMutableRawPointer(base).initializeMemory(as: UInt8.self, repeating: 0, count: count * MemoryLayout<Scalar>.stride)
    }

    func copy(_ other: GridVector) { copyScalars(from: other.base, to: base, count) }

    /// Takes [planes, ny, nx].
    func load(_ values: UnsafePointer<Scalar>) {
        for plane in 0..<planes {
            for j in 0..<layout.ny {
                copyScalars(
                    from: values + (plane * layout.ny + j) * layout.nx, to: origin(plane) + j * layout.rowStride, layout.nx)
            }
        }
    }

    func load(_ values: [Scalar]) {
        values.withUnsafeBufferPointer { if let first = $0.baseAddress { load(first) } }
    }

    /// [planes, ny, nx].
    func unload() -> [Scalar] {
        let total = planes * layout.ny * layout.nx
        return [Scalar](unsafeUninitializedCapacity: total) { buffer, count in
            if let first = buffer.baseAddress {
                for plane in 0..<planes {
                    for j in 0..<layout.ny {
                        copyScalars(
                            from: origin(plane) + j * layout.rowStride, to: first + (plane * layout.ny + j) * layout.nx, layout.nx)
                    }
                }
            }
            count = total
        }
    }

    /// Copies the far side into the border of each periodic direction.
    func wrap() {
        guard layout.periodicX || layout.periodicY else { return }
        for plane in 0..<planes {
            let first = origin(plane)
            if layout.periodicX { for j in 0..<layout.ny { wrapRow(first + j * layout.rowStride) } }
            guard layout.periodicY else { continue }
            copyScalars(from: first + (layout.ny - 1) * layout.rowStride - 1, to: first - layout.rowStride - 1, layout.nx + 2)
            copyScalars(from: first - 1, to: first + layout.ny * layout.rowStride - 1, layout.nx + 2)
        }
    }

    /// The same along x, for one row.
    func wrapRow(_ row: UnsafeMutablePointer<Scalar>) {
        guard layout.periodicX else { return }
        row[-1] = row[layout.nx - 1]
        row[layout.nx] = row[0]
    }

    /// Row j of a plane, which is read round the edge of a periodic direction; nil outside a closed one.
    func wrappedRow(_ j: Int) -> Int? {
        if (0..<layout.ny).contains(j) { return j }
        return layout.periodicY ? (j + layout.ny) % layout.ny : nil
    }

    func wrappedColumn(_ i: Int) -> Int? {
        if (0..<layout.nx).contains(i) { return i }
        return layout.periodicX ? (i + layout.nx) % layout.nx : nil
    }
}

/// Copies numbers as bytes: code that does not know which precision it serves would copy them one by one, through tables.
func copyScalars<Scalar: TensorScalar>(from source: UnsafePointer<Scalar>, to target: UnsafeMutablePointer<Scalar>, _ count: Int) {
    UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: max(count, 0) * MemoryLayout<Scalar>.stride)
}
