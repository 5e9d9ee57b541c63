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

    /// target += P^T (b - A y) of fine row j, so that the fine residual stays in cache. Borders of y are wrapped; `row` has room for one fine row.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func restrictResidual(
        row j: Int, _ matrix: GridMatrix<Scalar>, _ y: GridVector<Scalar>, _ b: GridVector<Scalar>, into target: RowPlanes<Scalar>,
        scratch: GridVector<Scalar>
    ) {
        let first = j &* fine.rowStride
        let r = scratch.origin()
        for field in 0..<fields {
            for half in 0...1 {
                _ = residualRow(
                    matrix.terms(field, half: half), matrix.termsPerField, y.origin(field), b.origin(field), r - first,
                    from: first &+ half &* fine.halfStride, columns: fine.columns(half))
            }
            scratch.wrapRow(r)
            forEachParent(j) { parent, offset in
                let at = parent &* weights.rowStride
                if stepX == 1 {
                    addProductsOfRows(target.row(field, parent), weight(offset, 0, field) + at, r, fine.rowStride)
                } else {
                    restrictRow(
                        target.row(field, parent), weight(offset, -1, field) + at, weight(offset, 0, field) + at, weight(offset, 1, field) + at,
                        r, r + fine.halfStride, coarse.nx)
                }
            }
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
