import Tensors

/// Interpolation P between a grid and the next coarser one, and restriction, its transpose.
///
/// Coarse cell (J, I) lies on fine cell (2J, 2I), or on (J, 2I), (2J, I) where only one direction is made coarser. A grid of n cells
/// has (n + 1) / 2 coarse ones, whatever n; round an odd periodic side the last and the first coarse cell are fine neighbours.
/// The weight of a coarse cell on the fine cell that lies s from its own is W[s], a plane of coarse cells for each of the nine s.
final class Transfer<Scalar: TensorScalar>: @unchecked Sendable {
    let fine: GridLayout
    let coarse: GridLayout
    /// Fine cells from one coarse cell to the next.
    let stepY: Int
    let stepX: Int
    let fields: Int
    /// Planes [9, fields]; their borders are wrapped.
    let weights: RowPlanes<Scalar>

    /// Nil where the grid cannot be made coarser: a closed side needs three cells, a periodic one five.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    init?(_ matrix: GridMatrix<Scalar>) {
        fine = matrix.layout
        fields = matrix.fields
        stepY = matrix.shape != .threePoint && fine.ny >= (fine.periodicY ? 5 : 3) ? 2 : 1
        stepX = fine.nx >= (fine.periodicX ? 5 : 3) ? 2 : 1
        guard stepY == 2 || stepX == 2 else { return nil }
        coarse = GridLayout(
            ny: (fine.ny + stepY - 1) / stepY, nx: (fine.nx + stepX - 1) / stepX, periodicY: fine.periodicY, periodicX: fine.periodicX,
            lanes: Scalar.Vector.scalarCount)
        weights = RowPlanes(coarse, isSplit: stepX == 1, planes: 9 * fields)
        for field in 0..<fields { InterpolationWeights(matrix, field).write(to: self) }
        weights.wrap()
    }

    /// Room for coarse vectors in the order of the transfer.
    func coarseRows() -> RowPlanes<Scalar> { RowPlanes(coarse, isSplit: stepX == 1, planes: fields) }

    /// The plane of the weights on the fine cells (sy, sx) from the coarse ones.
    func weight(_ sy: Int, _ sx: Int, _ field: Int) -> UnsafeMutablePointer<Scalar> {
        weights.origin((3 * (sy + 1) + sx + 1) * fields + field)
    }

    /// Calls `body` with the coarse rows that give to fine row j, each with how far j lies from its own fine row.
    @inline(__always)
    private func forEachParent(_ j: Int, _ body: (_ row: Int, _ offset: Int) -> Void) {
        if stepY == 1 || j % 2 == 0 { return body(j / stepY, 0) }
        body(j / 2, 1)
        if j / 2 + 1 < coarse.ny { body(j / 2 + 1, -1) } else if coarse.periodicY { body(0, -1) }
    }

    /// The coarse rows that are whole when fine row j and all before it are done.
    func coarseRow(after j: Int) -> Int? { stepY == 1 ? j : j % 2 == 1 ? j / 2 : j == fine.ny - 1 ? j / 2 : nil }

    /// Row J of P^T (b - A y), to be loaded into the coarse right-hand side. Borders of y are wrapped.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func restrictResidual(
        row J: Int, _ matrix: GridMatrix<Scalar>, _ y: GridVector<Scalar>, _ b: GridVector<Scalar>, into target: GridVector<Scalar>,
        _ scratch: RestrictionScratch<Scalar>
    ) {
        for field in 0..<fields {
            let sum = scratch.sum.row(0, 0)
            clearScalars(sum, scratch.sum.rowStride)
            for offset in -(stepY - 1)...stepY - 1 {
                guard let j = fine.wrappedRow(stepY * J + offset) else { continue }
                let r = scratch.residual(j, field, matrix, y, b)
                let at = J &* weights.rowStride
                if stepX == 1 {
                    addProductsOfRows(sum, weight(offset, 0, field) + at, r, fine.rowStride)
                } else {
                    restrictRow(
                        sum, weight(offset, -1, field) + at, weight(offset, 0, field) + at, weight(offset, 1, field) + at, r,
                        r + fine.halfStride, coarse.nx)
                }
            }
            scratch.sum.unload(0, 0, to: target, field, J)
        }
    }

    /// Fine row j of y += P e. Borders of e are wrapped.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func addInterpolated(row j: Int, _ e: RowPlanes<Scalar>, to y: GridVector<Scalar>) {
        for field in 0..<fields {
            let row = y.origin(field) + j &* fine.rowStride
            forEachParent(j) { parent, offset in
                let at = parent &* weights.rowStride
                if stepX == 1 {
                    addProductsOfRows(row, weight(offset, 0, field) + at, e.row(field, parent), fine.rowStride)
                } else {
                    interpolateRow(
                        row, row + fine.halfStride, weight(offset, -1, field) + at, weight(offset, 0, field) + at, weight(offset, 1, field) + at,
                        e.row(field, parent), coarse.nx)
                }
            }
        }
    }
}

/// What a fine row, given as its even and its odd columns, gives to a coarse one.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func restrictRow<Scalar: TensorScalar>(
    _ target: UnsafeMutablePointer<Scalar>, _ west: UnsafePointer<Scalar>, _ center: UnsafePointer<Scalar>,
    _ east: UnsafePointer<Scalar>, _ even: UnsafePointer<Scalar>, _ odd: UnsafePointer<Scalar>, _ count: Int
) {
    var k = 0
    while k < count {
        var sum = Scalar.multiplyAdd(load(UnsafePointer(target), k), load(center, k), load(even, k))
        sum = Scalar.multiplyAdd(sum, load(west, k), load(odd, k &- 1))
        store(Scalar.multiplyAdd(sum, load(east, k), load(odd, k)), target, k)
        k &+= Scalar.Vector.scalarCount
    }
}

/// What a coarse row gives to a fine one, given as its even and its odd columns.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func interpolateRow<Scalar: TensorScalar>(
    _ even: UnsafeMutablePointer<Scalar>, _ odd: UnsafeMutablePointer<Scalar>, _ west: UnsafePointer<Scalar>, _ center: UnsafePointer<Scalar>,
    _ east: UnsafePointer<Scalar>, _ e: UnsafePointer<Scalar>, _ count: Int
) {
    var k = 0
    while k < count {
        store(Scalar.multiplyAdd(load(UnsafePointer(even), k), load(center, k), load(e, k)), even, k)
        let sum = Scalar.multiplyAdd(load(UnsafePointer(odd), k), load(east, k), load(e, k))
        store(Scalar.multiplyAdd(sum, load(west, k &+ 1), load(e, k &+ 1)), odd, k)
        k &+= Scalar.Vector.scalarCount
    }
}

/// target += w a on whole padded rows.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func addProductsOfRows<Scalar: TensorScalar>(
    _ target: UnsafeMutablePointer<Scalar>, _ w: UnsafePointer<Scalar>, _ a: UnsafePointer<Scalar>, _ count: Int
) {
    var k = 0
    while k < count {
        store(Scalar.multiplyAdd(load(UnsafePointer(target), k), load(w, k), load(a, k)), target, k)
        k &+= Scalar.Vector.scalarCount
    }
}

/// The residuals of the last fine rows that a restriction looked at, and a sum of what they give to a coarse one; one for each thread.
final class RestrictionScratch<Scalar: TensorScalar> {
    let sum: RowPlanes<Scalar>
    private let layout: GridLayout
    private let rows: GridVector<Scalar>
    /// What each of the kept rows is.
    private var kept: [(row: Int, field: Int)?]
    private var next = 0

    init(_ transfer: Transfer<Scalar>) {
        layout = transfer.fine.row
        // Three rows of each field meet in a coarse one.
        kept = [(row: Int, field: Int)?](repeating: nil, count: 3 * transfer.fields)
        rows = GridVector(layout, planes: kept.count)
        sum = RowPlanes(transfer.coarse.row, isSplit: transfer.stepX == 1, planes: 1)
    }

    /// Before y changes.
    func forget() { for index in kept.indices { kept[index] = nil } }

    /// b - A y of row j of a field, computed where it is not among the last ones.
    func residual(
        _ j: Int, _ field: Int, _ matrix: GridMatrix<Scalar>, _ y: GridVector<Scalar>, _ b: GridVector<Scalar>
    ) -> UnsafeMutablePointer<Scalar> {
        if let index = kept.firstIndex(where: { $0?.row == j && $0?.field == field }) { return rows.origin(index) }
        let (index, first) = (next, j * matrix.layout.rowStride)
        next = (next + 1) % kept.count
        kept[index] = (j, field)
        let r = rows.origin(index)
        for half in 0...1 {
            _ = residualRow(
                matrix.terms(field, half: half), matrix.termsPerField, y.origin(field), b.origin(field), r - first,
                from: first + half * layout.halfStride, columns: layout.columns(half))
        }
        rows.wrapRow(r)
        return r
    }
}
