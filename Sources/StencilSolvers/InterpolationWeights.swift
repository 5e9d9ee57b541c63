import Tensors

/// The operator-induced interpolation of Alcouffe, Brandt, Dendy and Painter (1981) and Dendy (1982, 1983): weights that let the matrix's
/// fluxes, not the field, be smooth from cell to cell, so that jumps of coefficients, walls and land need no special treatment.
///
/// Taken from the symmetric part of the stencil of one field. A fine cell between two coarse ones in a line gets what the stencil, summed
/// across the line, says of them; a fine cell between four gets what its whole stencil says, its neighbours in lines being known.
struct InterpolationWeights<Scalar: TensorScalar> {
    /// s[d](cell) of the symmetric part, planes in the order of `StencilDirection`; missing directions are zero.
    private let stencil: GridVector<Scalar>
    private let field: Int

    init(_ matrix: GridMatrix<Scalar>, _ field: Int) {
        self.field = field
        let layout = matrix.layout
        let own = GridVector<Scalar>(layout, planes: matrix.shape.points)
        for d in matrix.shape.directions {
            copyRows(from: matrix.plane(d, field, field), to: own.origin(d.rawValue), layout)
        }
        own.wrap()
        stencil = GridVector(layout, planes: StencilDirection.allCases.count)
        for d in matrix.shape.directions {
            let shift = d.dy * layout.rowStride + d.dx
            meanRows(own.origin(d.rawValue), own.origin(d.opposite.rawValue) + shift, to: stencil.origin(d.rawValue), layout)
        }
    }

    func write(to transfer: Transfer<Scalar>) {
        let (fine, coarse) = (transfer.fine, transfer.coarse)
        func at(_ j: Int, _ i: Int) -> Int { j * coarse.rowStride + i }
        for j in 0..<coarse.ny {
            for i in 0..<coarse.nx { transfer.weight(0, 0, field)[at(j, i)] = 1 }
        }
        if transfer.stepX == 2 {
            for j in stride(from: 0, to: fine.ny, by: transfer.stepY) {
                for i in stride(from: 1, to: fine.nx, by: 2) {
                    let k = j * fine.rowStride + i
                    let (behind, ahead) = line(k, along: { ($0, $1) })
                    let row = j / transfer.stepY
                    transfer.weight(0, 1, field)[at(row, i / 2)] = behind
                    if let next = next(i, coarse.nx, coarse.periodicX) { transfer.weight(0, -1, field)[at(row, next)] = ahead }
                }
            }
        }
        if transfer.stepY == 2 {
            for j in stride(from: 1, to: fine.ny, by: 2) {
                for i in stride(from: 0, to: fine.nx, by: transfer.stepX) {
                    let k = j * fine.rowStride + i
                    let (behind, ahead) = line(k, along: { ($1, $0) })
                    let column = i / transfer.stepX
                    transfer.weight(1, 0, field)[at(j / 2, column)] = behind
                    if let next = next(j, coarse.ny, coarse.periodicY) { transfer.weight(-1, 0, field)[at(next, column)] = ahead }
                }
            }
        }
        guard transfer.stepY == 2, transfer.stepX == 2 else { return }
        for j in stride(from: 1, to: fine.ny, by: 2) {
            for i in stride(from: 1, to: fine.nx, by: 2) { writeCenter(j, i, to: transfer) }
        }
    }

    /// The coarse cell after an odd fine one.
    private func next(_ k: Int, _ count: Int, _ isPeriodic: Bool) -> Int? {
        k / 2 + 1 < count ? k / 2 + 1 : isPeriodic ? 0 : nil
    }

    private func value(_ k: Int, _ dy: Int, _ dx: Int) -> Scalar { stencil.origin(neighbourPlanes[3 * (dy + 1) + dx + 1])[k] }

    /// Weights of the two neighbours in a line; `along` turns (across, along) into (dy, dx).
    private func line(_ k: Int, along: (Int, Int) -> (Int, Int)) -> (behind: Scalar, ahead: Scalar) {
        func sum(_ step: Int) -> Scalar {
            var total = Scalar(0)
            for across in -1...1 {
                let (dy, dx) = along(across, step)
                total += value(k, dy, dx)
            }
            return total
        }
        let (behind, center, ahead) = (sum(-1), sum(0), sum(1))
        let scale = Self.divisor(center, abs(behind) + abs(ahead))
        return scale == 0 ? (0, 0) : (-behind / scale, -ahead / scale)
    }

    /// Weights must not add up to more than 1 in magnitude: those of M-matrices do not by themselves, and others would make the
    /// coarse matrix worse than the fine one.
    private static func divisor(_ center: Scalar, _ others: Scalar) -> Scalar {
        let size = max(abs(center), others)
        return center < 0 ? -size : size
    }

    private func writeCenter(_ j: Int, _ i: Int, to transfer: Transfer<Scalar>) {
        let coarse = transfer.coarse
        let k = j * transfer.fine.rowStride + i
        var corners: [(Int, Int, Int, Scalar)] = []
        var total = Scalar(0)
        for ty in [-1, 1] {
            guard let row = ty < 0 ? j / 2 : next(j, coarse.ny, coarse.periodicY) else { continue }
            for tx in [-1, 1] {
                guard let column = tx < 0 ? i / 2 : next(i, coarse.nx, coarse.periodicX) else { continue }
                let at = row * coarse.rowStride + column
                // The neighbour to the east or west lies in a line of coarse cells along y, that to the north or south in one along x.
                let said = value(k, ty, tx) + value(k, 0, tx) * transfer.weight(-ty, 0, field)[at]
                    + value(k, ty, 0) * transfer.weight(0, -tx, field)[at]
                corners.append((-ty, -tx, at, said))
                total += abs(said)
            }
        }
        let scale = Self.divisor(value(k, 0, 0), total)
        for (sy, sx, at, said) in corners { transfer.weight(sy, sx, field)[at] = scale == 0 ? 0 : -said / scale }
    }
}

/// The plane of direction (dy, dx) at 3 (dy + 1) + dx + 1.
private let neighbourPlanes = (0..<9).map { StencilDirection(dy: $0 / 3 - 1, dx: $0 % 3 - 1).rawValue }

func copyRows<Scalar: TensorScalar>(from source: UnsafePointer<Scalar>, to target: UnsafeMutablePointer<Scalar>, _ layout: GridLayout) {
    for j in 0..<layout.ny { (target + j * layout.rowStride).update(from: source + j * layout.rowStride, count: layout.nx) }
}

/// target = (a + b) / 2 on the cells of the grid.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func meanRows<Scalar: TensorScalar>(
    _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, to target: UnsafeMutablePointer<Scalar>, _ layout: GridLayout
) {
    for j in 0..<layout.ny {
        for k in j &* layout.rowStride..<j &* layout.rowStride &+ layout.nx { target[k] = (a[k] + b[k]) / 2 }
    }
}
