import Tensors

extension Transfer {
    /// The coarse matrix P^T A P: nine points, or three where the fine one has three.
    func galerkin(_ matrix: GridMatrix<Scalar>) -> GridMatrix<Scalar> {
        let shape = matrix.shape == .threePoint ? StencilShape.threePoint : .ninePoint
        return GridMatrix(shape, coarse, fields: fields) { target in
            for p in 0..<fields {
                for q in 0..<fields { writeGalerkin(matrix, p, q, to: target) }
            }
        }
    }

    /// (P_p^T A_pq P_q) of coarse cell (J, I) and its neighbours D: the sum over the fine cells that (J, I) gives to, over the
    /// couplings of those, and over the coarse cells that give to what they couple to.
    private func writeGalerkin(_ matrix: GridMatrix<Scalar>, _ p: Int, _ q: Int, to target: GridVector<Scalar>) {
        let rowParents = (0..<fine.ny).map { ParentPair(parents(row: $0)) }
        let columnParents = (0..<fine.nx).map { ParentPair(parents(column: $0)) }
        let planes = matrix.shape.directions.map { UnsafePointer(matrix.plane($0, p, q)) }
        let directions = matrix.shape.directions.map { ($0.dy, $0.dx) }
        let out = (0..<9).map { target.planes > $0 * fields * fields ? target.origin(($0 * fields + p) * fields + q) : nil }
        let left = (0..<9).map { UnsafePointer(weight($0 / 3 - 1, $0 % 3 - 1, p)) }
        let right = (0..<9).map { UnsafePointer(weight($0 / 3 - 1, $0 % 3 - 1, q)) }
        let toDirection = (0..<9).map { StencilDirection(dy: $0 / 3 - 1, dx: $0 % 3 - 1).rawValue }
        galerkinKernel(
            fine, coarse, stepY, stepX, rowParents, columnParents, planes, directions, left, right, out, toDirection)
    }
}

/// The one or two coarse lines that give to a fine one.
private struct ParentPair {
    let count: Int
    let first: (line: Int, offset: Int)
    let second: (line: Int, offset: Int)

    init(_ parents: [(row: Int, offset: Int)]) {
        count = parents.count
        first = (parents[0].row, parents[0].offset)
        second = parents.count > 1 ? (parents[1].row, parents[1].offset) : first
    }
}

/// The difference of two neighbouring lines of a ring or a segment.
@inline(__always)
private func difference(_ to: Int, _ from: Int, _ count: Int) -> Int {
    let d = to &- from
    return d > 1 ? d &- count : d < -1 ? d &+ count : d
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func galerkinKernel<Scalar: TensorScalar>(
    _ fine: GridLayout, _ coarse: GridLayout, _ stepY: Int, _ stepX: Int, _ rowParents: [ParentPair], _ columnParents: [ParentPair],
    _ planes: [UnsafePointer<Scalar>], _ directions: [(Int, Int)], _ left: [UnsafePointer<Scalar>], _ right: [UnsafePointer<Scalar>],
    _ out: [UnsafeMutablePointer<Scalar>?], _ toDirection: [Int]
) {
    for J in 0..<coarse.ny {
        for I in 0..<coarse.nx {
            let own = J &* coarse.rowStride &+ I
            for s in 0..<9 {
                let w = left[s][own]
                guard w != 0 else { continue }
                var j = stepY &* J &+ s / 3 &- 1
                var i = stepX &* I &+ s % 3 &- 1
                if j < 0 { j &+= fine.ny } else if j >= fine.ny { j &-= fine.ny }
                if i < 0 { i &+= fine.nx } else if i >= fine.nx { i &-= fine.nx }
                let k = j &* fine.rowStride &+ i
                for d in 0..<planes.count {
                    let a = planes[d][k]
                    guard a != 0 else { continue }
                    let wa = w * a
                    var jn = j &+ directions[d].0
                    var iN = i &+ directions[d].1
                    if jn < 0 { jn &+= fine.ny } else if jn >= fine.ny { jn &-= fine.ny }
                    if iN < 0 { iN &+= fine.nx } else if iN >= fine.nx { iN &-= fine.nx }
                    let (rows, columns) = (rowParents[jn], columnParents[iN])
                    for m in 0..<rows.count {
                        let row = m == 0 ? rows.first : rows.second
                        let dy = difference(row.line, J, coarse.ny)
                        for n in 0..<columns.count {
                            let column = n == 0 ? columns.first : columns.second
                            let dx = difference(column.line, I, coarse.nx)
                            let plane = toDirection[3 &* (dy &+ 1) &+ dx &+ 1]
                            let weight = right[3 &* (row.offset &+ 1) &+ column.offset &+ 1]
                            out[plane]?[own] += wa * weight[row.line &* coarse.rowStride &+ column.line]
                        }
                    }
                }
            }
        }
    }
}
