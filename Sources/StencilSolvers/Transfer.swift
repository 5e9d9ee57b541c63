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
    private let weights: GridVector<Scalar>

    /// Nil where the grid cannot be made coarser: a closed side needs three cells, a periodic one five.
    init?(_ matrix: GridMatrix<Scalar>) {
        fine = matrix.layout
        fields = matrix.fields
        stepY = matrix.shape != .threePoint && fine.ny >= (fine.periodicY ? 5 : 3) ? 2 : 1
        stepX = fine.nx >= (fine.periodicX ? 5 : 3) ? 2 : 1
        guard stepY == 2 || stepX == 2 else { return nil }
        coarse = GridLayout(
            ny: (fine.ny + stepY - 1) / stepY, nx: (fine.nx + stepX - 1) / stepX, periodicY: fine.periodicY, periodicX: fine.periodicX,
            lanes: Scalar.Vector.scalarCount)
        weights = GridVector(coarse, planes: 9 * fields)
        for field in 0..<fields { InterpolationWeights(matrix, field).write(to: self) }
        wrapWeights()
    }

    func wrapWeights() { weights.wrap() }

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
    func restrictResidual(
        row j: Int, _ matrix: GridMatrix<Scalar>, _ y: GridVector<Scalar>, _ b: GridVector<Scalar>, into target: GridVector<Scalar>,
        scratch row: GridVector<Scalar>
    ) {
        let first = j * fine.rowStride
        let r = row.origin()
        for field in 0..<fields {
            _ = residualRow(
                matrix.terms + field * matrix.termsPerField, matrix.termsPerField, y.origin(field), b.origin(field), r - first, from: first,
                columns: fine.nx)
            if fine.periodicX { (r[-1], r[fine.nx]) = (r[fine.nx - 1], r[0]) }
            forEachParent(j) { parent, offset in
                let at = parent * coarse.rowStride
                restrictRow(
                    target.origin(field) + at, weight(offset, -1, field) + at, weight(offset, 0, field) + at, weight(offset, 1, field) + at,
                    r, coarse.nx, step: stepX)
            }
        }
    }

    /// Fine row j of y += P e. Borders of e are wrapped.
    func addInterpolated(row j: Int, _ e: GridVector<Scalar>, to y: GridVector<Scalar>) {
        for field in 0..<fields {
            forEachParent(j) { parent, offset in
                let at = parent * coarse.rowStride
                interpolateRow(
                    y.origin(field) + j * fine.rowStride, weight(offset, -1, field) + at, weight(offset, 0, field) + at,
                    weight(offset, 1, field) + at, e.origin(field) + at, coarse.nx, step: stepX)
            }
        }
    }
}

/// What a fine row gives to a coarse one.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func restrictRow<Scalar: TensorScalar>(
    _ target: UnsafeMutablePointer<Scalar>, _ west: UnsafePointer<Scalar>, _ center: UnsafePointer<Scalar>,
    _ east: UnsafePointer<Scalar>, _ r: UnsafePointer<Scalar>, _ count: Int, step: Int
) {
    if step == 1 {
        for k in 0..<count { target[k] += center[k] * r[k] }
    } else {
        for k in 0..<count {
            target[k] += center[k] * r[2 &* k] + (west[k] * r[2 &* k &- 1] + east[k] * r[2 &* k &+ 1])
        }
    }
}

/// What a coarse row gives to a fine one. A last column that has no fine cell to its east writes zero into the border.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func interpolateRow<Scalar: TensorScalar>(
    _ y: UnsafeMutablePointer<Scalar>, _ west: UnsafePointer<Scalar>, _ center: UnsafePointer<Scalar>, _ east: UnsafePointer<Scalar>,
    _ e: UnsafePointer<Scalar>, _ count: Int, step: Int
) {
    if step == 1 {
        for k in 0..<count { y[k] += center[k] * e[k] }
    } else {
        for k in 0..<count {
            y[2 &* k] += center[k] * e[k]
            y[2 &* k &+ 1] += east[k] * e[k] + west[k &+ 1] * e[k &+ 1]
        }
    }
}
