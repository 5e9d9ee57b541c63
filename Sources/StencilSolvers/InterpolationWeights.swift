import Tensors

/// The operator-induced interpolation of Alcouffe, Brandt, Dendy and Painter (1981) and Dendy (1982, 1983): weights that let the matrix's
/// fluxes, not the field, be smooth from cell to cell, so that jumps of coefficients, walls and land need no special treatment.
///
/// Taken from the symmetric part of the stencil of one field. A fine cell between two coarse ones in a line gets what the stencil, summed
/// across the line, says of them; a fine cell between four gets what its whole stencil says, its neighbours in lines being known.
/// Beyond a closed edge the stencil says zero, so that weights there are zero too and are written into the border.
struct InterpolationWeights<Scalar: TensorScalar> {
    private let layout: GridLayout
    /// The symmetric part, planes 3 (dy + 1) + dx + 1; missing directions are zero.
    private let stencil: GridVector<Scalar>
    private let field: Int

    init(_ matrix: GridMatrix<Scalar>, _ field: Int) {
        self.field = field
        layout = matrix.layout
        let own = GridVector<Scalar>(layout, planes: matrix.shape.points)
        for d in matrix.shape.directions {
            let (from, to) = (matrix.plane(d, field, field), own.origin(d.rawValue))
            for j in 0..<layout.ny { copyScalars(from: from + j * layout.rowStride, to: to + j * layout.rowStride, layout.nx) }
        }
        own.wrap()
        stencil = GridVector(layout, planes: 9)
        for d in matrix.shape.directions {
            let back = own.origin(d.opposite.rawValue) + d.dy * layout.rowStride + d.dx
            meanRows(own.origin(d.rawValue), back, to: stencil.origin(3 * (d.dy + 1) + d.dx + 1), layout)
        }
    }

    private func plane(_ dy: Int, _ dx: Int) -> UnsafePointer<Scalar> { UnsafePointer(stencil.origin(3 * (dy + 1) + dx + 1)) }

    func write(to transfer: Transfer<Scalar>) {
        let coarse = transfer.coarse
        for j in 0..<coarse.ny {
            for i in 0..<coarse.nx { transfer.weight(0, 0, field)[j * coarse.rowStride + i] = 1 }
        }
        if transfer.stepX == 2 {
            let planes = (-1...1).map { dx in (-1...1).map { plane($0, dx) } }
            for j in 0..<coarse.ny {
                let row = j * coarse.rowStride
                let ahead = transfer.weight(0, -1, field) + row
                lineWeights(
                    planes, from: transfer.stepY * j * layout.rowStride + 1, step: 2, count: layout.nx / 2, transfer.weight(0, 1, field) + row,
                    ahead + 1)
                closeSeam(ahead, coarse)
            }
        }
        if transfer.stepY == 2 {
            let planes = (-1...1).map { dy in (-1...1).map { plane(dy, $0) } }
            for j in stride(from: 1, to: layout.ny, by: 2) {
                lineWeights(
                    planes, from: j * layout.rowStride, step: transfer.stepX, count: coarse.nx,
                    transfer.weight(1, 0, field) + j / 2 * coarse.rowStride, transfer.weight(-1, 0, field) + rowAfter(j, coarse))
            }
        }
        guard transfer.stepY == 2, transfer.stepX == 2 else { return }
        transfer.wrapWeights()
        let planes = (0..<9).map { plane($0 / 3 - 1, $0 % 3 - 1) }
        let weights = (0..<9).map { transfer.weight($0 / 3 - 1, $0 % 3 - 1, field) }
        for j in stride(from: 1, to: layout.ny, by: 2) {
            let rows = (south: j / 2 * coarse.rowStride, north: rowAfter(j, coarse))
            centerWeights(planes, weights, from: j * layout.rowStride + 1, count: layout.nx / 2, south: rows.south, north: rows.north)
            closeSeam(transfer.weight(1, -1, field) + rows.south, coarse)
            closeSeam(transfer.weight(-1, -1, field) + rows.north, coarse)
        }
    }

    /// Where the coarse row after odd fine row j begins: the first round a periodic side, the border beyond a closed one.
    private func rowAfter(_ j: Int, _ coarse: GridLayout) -> Int {
        j / 2 + 1 == coarse.ny && coarse.periodicY ? 0 : (j / 2 + 1) * coarse.rowStride
    }

    /// Round an even periodic side what was written behind the last coarse column belongs to the first.
    private func closeSeam(_ row: UnsafeMutablePointer<Scalar>, _ coarse: GridLayout) {
        if layout.periodicX && layout.nx % 2 == 0 { row[0] = row[coarse.nx] }
    }
}

/// Weights must not add up to more than 1 in magnitude: those of M-matrices do not by themselves, and others would make the
/// coarse matrix worse than the fine one.
@inline(__always)
private func inverseDivisor<Scalar: TensorScalar>(_ center: Scalar, _ others: Scalar) -> Scalar {
    let size = max(abs(center), others)
    return size == 0 ? 0 : center < 0 ? -1 / size : 1 / size
}

/// Weights on the fine cells first, first + step, ... of the coarse cells behind and ahead of them in a line; `planes` are the
/// stencil's, [behind, at, ahead][across].
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func lineWeights<Scalar: TensorScalar>(
    _ planes: [[UnsafePointer<Scalar>]], from first: Int, step: Int, count: Int, _ behind: UnsafeMutablePointer<Scalar>,
    _ ahead: UnsafeMutablePointer<Scalar>
) {
    let (b0, b1, b2) = (planes[0][0] + first, planes[0][1] + first, planes[0][2] + first)
    let (c0, c1, c2) = (planes[1][0] + first, planes[1][1] + first, planes[1][2] + first)
    let (a0, a1, a2) = (planes[2][0] + first, planes[2][1] + first, planes[2][2] + first)
    for m in 0..<count {
        let k = m &* step
        let before = b0[k] + b1[k] + b2[k]
        let after = a0[k] + a1[k] + a2[k]
        let inverse = inverseDivisor(c0[k] + c1[k] + c2[k], abs(before) + abs(after))
        behind[m] = -before * inverse
        ahead[m] = -after * inverse
    }
}

/// Weights on every second fine cell of a row of the four coarse cells around each; planes 3 (dy + 1) + dx + 1.
///
/// The neighbour to the east or west lies in a line of coarse cells along y, that to the north or south in one along x.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func centerWeights<Scalar: TensorScalar>(
    _ s: [UnsafePointer<Scalar>], _ w: [UnsafeMutablePointer<Scalar>], from first: Int, count: Int, south: Int, north: Int
) {
    for m in 0..<count {
        let k = first &+ 2 &* m
        let (sw, se, nw, ne) = (south &+ m, south &+ m &+ 1, north &+ m, north &+ m &+ 1)
        let toSouthWest = s[0][k] + s[3][k] * w[7][sw] + s[1][k] * w[5][sw]
        let toSouthEast = s[2][k] + s[5][k] * w[7][se] + s[1][k] * w[3][se]
        let toNorthWest = s[6][k] + s[3][k] * w[1][nw] + s[7][k] * w[5][nw]
        let toNorthEast = s[8][k] + s[5][k] * w[1][ne] + s[7][k] * w[3][ne]
        let inverse = inverseDivisor(s[4][k], abs(toSouthWest) + abs(toSouthEast) + (abs(toNorthWest) + abs(toNorthEast)))
        w[8][sw] = -toSouthWest * inverse
        w[6][se] = -toSouthEast * inverse
        w[2][nw] = -toNorthWest * inverse
        w[0][ne] = -toNorthEast * inverse
    }
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
