import Tensors

/// Planes of rows in the order in which something walks through them, cell after cell, with a border of one cell around.
///
/// Transfers between grids walk through coarse rows.
/// Where columns are made coarser, coarse column k goes with the fine columns 2k - 1, 2k, 2k + 1, and rows lie in the order of k: beside
/// a fine row, which lies split into even and odd columns, every access is to the next element. Where only rows are made coarser, columns
/// are those of the fine grid and lie split as there.
final class RowPlanes<Scalar: TensorScalar> {
    let layout: GridLayout
    let isSplit: Bool
    let rowStride: Int
    let planes: Int
    private let planeStride: Int
    private let lead: Int
    private let base: UnsafeMutablePointer<Scalar>
    private let count: Int

    /// Zeros for the grid `layout`.
    init(_ layout: GridLayout, isSplit: Bool, planes: Int) {
        let lanes = Scalar.Vector.scalarCount
        self.layout = layout
        self.isSplit = isSplit
        self.planes = planes
        rowStride = isSplit ? layout.rowStride : (layout.nx + 1 + lanes - 1) / lanes * lanes + lanes
        planeStride = rowStride * (layout.ny + 2) + lanes
        lead = rowStride + lanes
        count = planes * planeStride + rowStride + 3 * lanes
        base = FieldMemory.take(count * MemoryLayout<Scalar>.stride).bindMemory(to: Scalar.self, capacity: count)
        clearScalars(base, count)
    }

    deinit { FieldMemory.give(base, count * MemoryLayout<Scalar>.stride) }

    func origin(_ plane: Int = 0) -> UnsafeMutablePointer<Scalar> { base + plane * planeStride + lead }

    func row(_ plane: Int, _ j: Int) -> UnsafeMutablePointer<Scalar> { origin(plane) + j * rowStride }

    /// Where column i lies in its row, borders included.
    func position(_ i: Int) -> Int { isSplit ? layout.position(i) : i }

    /// Copies the far side into the border of each periodic direction.
    func wrap() {
        for plane in 0..<planes {
            if layout.periodicX {
                for j in 0..<layout.ny {
                    let row = row(plane, j)
                    row[position(-1)] = row[position(layout.nx - 1)]
                    row[position(layout.nx)] = row[position(0)]
                }
            }
            guard layout.periodicY else { continue }
            let before = isSplit ? 0 : 1
            copyScalars(from: row(plane, layout.ny - 1) - before, to: row(plane, -1) - before, rowStride)
            copyScalars(from: row(plane, 0) - before, to: row(plane, layout.ny) - before, rowStride)
        }
    }

    /// Takes the rows of a vector of as many planes, and wraps them.
    func load(_ vector: GridVector<Scalar>) {
        for plane in 0..<planes {
            for j in 0..<layout.ny {
                let source = vector.origin(plane) + j * layout.rowStride
                if isSplit { copyScalars(from: source, to: row(plane, j), layout.rowStride) } else { vector.unloadRow(row(plane, j), plane, j) }
            }
        }
        wrap()
    }

    /// Gives row j of a plane to a row of a plane of a vector, whose border it leaves zero.
    func unload(_ plane: Int, _ j: Int, to vector: GridVector<Scalar>, _ target: Int, _ row: Int) {
        guard isSplit else { return vector.loadRow(self.row(plane, j), target, row) }
        for half in 0...1 {
            copyScalars(
                from: self.row(plane, j) + half * layout.halfStride,
                to: vector.origin(target) + row * layout.rowStride + half * layout.halfStride, layout.columns(half))
        }
    }
}
