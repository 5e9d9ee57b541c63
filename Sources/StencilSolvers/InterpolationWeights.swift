import Basics
import Tensors

/// The operator-induced interpolation of Alcouffe, Brandt, Dendy and Painter (1981) and Dendy (1982, 1983): weights that let the matrix's
/// fluxes, not the field, be smooth from cell to cell, so that jumps of coefficients, walls and land need no special treatment.
///
/// Taken from the symmetric part of the stencil of one field. A fine cell between two coarse ones in a line gets what the stencil, summed
/// across the line, says of them; a fine cell between four gets what its whole stencil says, its neighbours in lines being known.
/// Beyond a closed edge the stencil says zero, so that weights there are zero too and are written into the border.
struct InterpolationWeights<Scalar: TensorScalar> {
    private let layout: GridLayout
    private let field: Int
    private let matrix: GridMatrix<Scalar>
    /// The symmetric part of a matrix that is not symmetric, a plane for each direction.
    private let mean: GridVector<Scalar>?
    /// What stands for a coupling that the shape has not.
    private let zeros: GridVector<Scalar>

    init(_ matrix: GridMatrix<Scalar>, _ field: Int) {
        self.field = field
        self.matrix = matrix
        layout = matrix.layout
        zeros = GridVector(layout.row, planes: 1)
        mean = matrix.isSymmetric ? nil : Self.symmetricPart(matrix, field)
    }

    private static func symmetricPart(_ matrix: GridMatrix<Scalar>, _ field: Int) -> GridVector<Scalar> {
        let layout = matrix.layout
        let (own, mean) = (GridVector<Scalar>(layout, planes: matrix.shape.points), GridVector<Scalar>(layout, planes: matrix.shape.points))
        for d in matrix.shape.directions {
            copyScalars(from: matrix.coefficient(d, field, field, half: 0), to: own.origin(d.rawValue), layout.rowStride * layout.ny)
        }
        own.wrap()
        for d in matrix.shape.directions {
            for half in 0...1 {
                let back = own.origin(d.opposite.rawValue) + layout.shift(d, half: half)
                meanRows(own.origin(d.rawValue), back, to: mean.origin(d.rawValue), layout, half: half)
            }
        }
        return mean
    }

    /// The couplings to (dy, dx) of the cells of one half of row j.
    private func row(_ dy: Int, _ dx: Int, half: Int, _ j: Int) -> UnsafePointer<Scalar> {
        let d = StencilDirection(dy: dy, dx: dx)
        guard d.rawValue < matrix.shape.points else { return UnsafePointer(zeros.origin()) }
        let plane = mean.map { $0.origin(d.rawValue) } ?? matrix.coefficient(d, field, field, half: half)
        return UnsafePointer(plane + j * layout.rowStride + half * layout.halfStride)
    }

    /// The nine couplings of the cells of one half of row j, those to (dy, dx) at 3 (dy + 1) + dx + 1.
    private func rows(half: Int, _ j: Int) -> [UnsafePointer<Scalar>] { (0..<9).map { row($0 / 3 - 1, $0 % 3 - 1, half: half, j) } }

    func write(to transfer: Transfer<Scalar>) {
        let (coarse, weights) = (transfer.coarse, transfer.weights)
        for j in 0..<coarse.ny {
            for i in 0..<coarse.nx { transfer.weight(0, 0, field)[j * weights.rowStride + weights.position(i)] = 1 }
        }
        if transfer.stepX == 2 {
            forEachRow(coarse.ny) { j in
                let row = j * weights.rowStride
                let ahead = transfer.weight(0, -1, field) + row
                let s = rows(half: 1, transfer.stepY * j)
                lineWeights(
                    [s[0], s[3], s[6], s[1], s[4], s[7], s[2], s[5], s[8]], layout.nx / 2, transfer.weight(0, 1, field) + row, ahead + 1)
                closeSeam(ahead, coarse)
            }
        }
        if transfer.stepY == 2 {
            // The halves of a row whose columns are coarse ones, with where they lie in the coarse row.
            let halves = transfer.stepX == 2 ? [0] : [0, 1]
            forEachRow(layout.ny / 2) { index in
                let j = 2 * index + 1
                for half in halves {
                    let at = half * layout.halfStride
                    lineWeights(
                        rows(half: half, j), layout.columns(half), transfer.weight(1, 0, field) + j / 2 * weights.rowStride + at,
                        transfer.weight(-1, 0, field) + rowAfter(j, transfer) + at)
                }
            }
        }
        guard transfer.stepY == 2, transfer.stepX == 2 else { return }
        weights.wrap()
        let planes = (0..<9).map { transfer.weight($0 / 3 - 1, $0 % 3 - 1, field) }
        forEachRow(layout.ny / 2) { index in
            let j = 2 * index + 1
            let rows = (south: j / 2 * weights.rowStride, north: rowAfter(j, transfer))
            centerWeights(self.rows(half: 1, j), planes, layout.nx / 2, south: rows.south, north: rows.north)
            closeSeam(transfer.weight(1, -1, field) + rows.south, coarse)
            closeSeam(transfer.weight(-1, -1, field) + rows.north, coarse)
        }
    }

    private func forEachRow(_ count: Int, _ body: (Int) -> Void) {
        concurrentRanges(count, leastWork: max(1, (1 << 15) / layout.nx)) { rows, _ in
            for j in rows { body(j) }
        }
    }

    /// Where the coarse row after odd fine row j begins: the first round a periodic side, the border beyond a closed one.
    private func rowAfter(_ j: Int, _ transfer: Transfer<Scalar>) -> Int {
        j / 2 + 1 == transfer.coarse.ny && transfer.coarse.periodicY ? 0 : (j / 2 + 1) * transfer.weights.rowStride
    }

    /// Round an even periodic side what was written behind the last coarse column belongs to the first.
    private func closeSeam(_ row: UnsafeMutablePointer<Scalar>, _ coarse: GridLayout) {
        if layout.periodicX && layout.nx % 2 == 0 { row[0] = row[coarse.nx] }
    }
}

/// Weights must not add up to more than 1 in magnitude: those of M-matrices do not by themselves, and others would make the
/// coarse matrix worse than the fine one.
@inline(__always)
private func inverseDivisor<Scalar: TensorScalar>(_ type: Scalar.Type, _ center: Scalar.Vector, _ others: Scalar.Vector) -> Scalar.Vector {
    // What is divided is no larger than the divisor: zero where that is.
    let size = Scalar.larger(Scalar.larger(Scalar.magnitude(center), others), Scalar.Vector(repeating: .leastNormalMagnitude))
    let inverse = Scalar.Vector(repeating: 1) / size
    return Scalar.select(where: center, isBelow: Scalar.Vector(repeating: 0), 0 - inverse, otherwise: inverse)
}

/// Weights on `count` fine cells of the coarse cells behind and ahead of them in a line; `s` are the couplings of the cells,
/// [behind, at, ahead][across].
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func lineWeights<Scalar: TensorScalar>(
    _ s: [UnsafePointer<Scalar>], _ count: Int, _ behind: UnsafeMutablePointer<Scalar>, _ ahead: UnsafeMutablePointer<Scalar>
) {
    let (b0, b1, b2, c0, c1, c2, a0, a1, a2) = (s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8])
    var k = 0
    while k < count {
        let before = load(b0, k) + load(b1, k) + load(b2, k)
        let after = load(a0, k) + load(a1, k) + load(a2, k)
        let inverse = inverseDivisor(
            Scalar.self, load(c0, k) + load(c1, k) + load(c2, k), Scalar.magnitude(before) + Scalar.magnitude(after))
        storeFirst(0 - before * inverse, behind, k, count)
        storeFirst(0 - after * inverse, ahead, k, count)
        k &+= Scalar.Vector.scalarCount
    }
}

/// Stores the lanes of a vector at k that lie before `count`.
@inline(__always)
private func storeFirst<Scalar: TensorScalar>(_ value: Scalar.Vector, _ base: UnsafeMutablePointer<Scalar>, _ k: Int, _ count: Int) {
    if k &+ Scalar.Vector.scalarCount <= count { return store(value, base, k) }
    for lane in 0..<count &- k { base[k &+ lane] = value[lane] }
}

/// Weights on `count` fine cells, each between four coarse ones, of those; `s` are the couplings of the cells and `w` the planes of weights,
/// both at 3 (dy + 1) + dx + 1.
///
/// The neighbour to the east or west lies in a line of coarse cells along y, that to the north or south in one along x.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func centerWeights<Scalar: TensorScalar>(
    _ s: [UnsafePointer<Scalar>], _ w: [UnsafeMutablePointer<Scalar>], _ count: Int, south: Int, north: Int
) {
    let (s0, s1, s2, s3, s4, s5, s6, s7, s8) = (s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8])
    // Weights that are known: of the lines in which the neighbours lie.
    let (fromSouth, fromNorth) = (UnsafePointer(w[7]), UnsafePointer(w[1]))
    let (fromWest, fromEast) = (UnsafePointer(w[5]), UnsafePointer(w[3]))
    var k = 0
    while k < count {
        let (sw, se, nw, ne) = (south &+ k, south &+ k &+ 1, north &+ k, north &+ k &+ 1)
        let (west, east, below, above) = (load(s3, k), load(s5, k), load(s1, k), load(s7, k))
        let toSouthWest = load(s0, k) + west * load(fromSouth, sw) + below * load(fromWest, sw)
        let toSouthEast = load(s2, k) + east * load(fromSouth, se) + below * load(fromEast, se)
        let toNorthWest = load(s6, k) + west * load(fromNorth, nw) + above * load(fromWest, nw)
        let toNorthEast = load(s8, k) + east * load(fromNorth, ne) + above * load(fromEast, ne)
        let inverse = inverseDivisor(
            Scalar.self, load(s4, k),
            Scalar.magnitude(toSouthWest) + Scalar.magnitude(toSouthEast) + (Scalar.magnitude(toNorthWest) + Scalar.magnitude(toNorthEast)))
        storeFirst(0 - toSouthWest * inverse, w[8] + south, k, count)
        storeFirst(0 - toSouthEast * inverse, w[6] + south + 1, k, count)
        storeFirst(0 - toNorthWest * inverse, w[2] + north, k, count)
        storeFirst(0 - toNorthEast * inverse, w[0] + north + 1, k, count)
        k &+= Scalar.Vector.scalarCount
    }
}

/// target = (a + b) / 2 on the cells of one half of the rows.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func meanRows<Scalar: TensorScalar>(
    _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, to target: UnsafeMutablePointer<Scalar>, _ layout: GridLayout, half: Int
) {
    for j in 0..<layout.ny {
        let first = j &* layout.rowStride &+ half &* layout.halfStride
        for k in first..<first &+ layout.columns(half) { target[k] = (a[k] + b[k]) / 2 }
    }
}
