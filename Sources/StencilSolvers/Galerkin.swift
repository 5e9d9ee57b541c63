import Basics
import Tensors

extension Transfer {
    /// The coarse matrix P^T A P: nine points, or three where the fine one has three.
    ///
    /// (P_p^T A_pq P_q) of coarse cell I and its neighbour I + D: the sum over the fine cells s away from I's own, and over the couplings d
    /// of those, of W_p[s](I) a[d](fine) W_q[t](I + D), where the fine cell that is coupled to lies t from that of I + D.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func galerkin(_ matrix: GridMatrix<Scalar>) -> GridMatrix<Scalar> {
        let shape = matrix.shape == .threePoint ? StencilShape.threePoint : .ninePoint
        // Rows are read one cell beyond each edge: round a periodic side that must be what lies on the other.
        var wrapped: GridVector<Scalar>?
        if fine.periodicX || fine.periodicY {
            let copy = GridVector<Scalar>(fine, planes: matrix.coefficients.planes)
            copy.copy(matrix.coefficients)
            copy.wrap()
            wrapped = copy
        }
        return GridMatrix(shape, coarse, fields: fields, isSymmetric: matrix.isSymmetric, rowsAreLoaded: stepX == 2) { target, held in
            for (D, plane) in held {
                for p in 0..<fields {
                    for q in 0..<fields {
                        let sums = sums(D, p, q, matrix, wrapped)
                        let products = sums.reduce(0) { $0 + $1.products.count }
                        concurrentRanges(coarse.ny, leastWork: max(1, (1 << 17) / (coarse.nx * max(1, products)))) { rows, _ in
                            let line = RowPlanes<Scalar>(coarse.row, isSplit: stepX == 1, planes: 1)
                            for J in rows {
                                clearScalars(line.origin(), line.rowStride)
                                for sum in sums { sum.add(J, to: line.origin(), fineStride: stepY * fine.rowStride, coarseStride: weights.rowStride) }
                                line.unload(0, 0, to: target, plane + p * fields + q, J)
                            }
                        }
                    }
                }
            }
        }
    }

    /// What makes up the coupling of coarse cells to D.
    private func sums(
        _ D: StencilDirection, _ p: Int, _ q: Int, _ matrix: GridMatrix<Scalar>, _ wrapped: GridVector<Scalar>?
    ) -> [GalerkinSum<Scalar>] {
        // Columns that lie side by side both in a coarse row and in its fine rows: all of them, or each half of those that stay.
        let stretches = stepX == 2 ? [(half: 0, count: coarse.nx)] : (0...1).map { (half: $0, count: coarse.columns($0)) }
        var result: [GalerkinSum<Scalar>] = []
        for x in CoarseStep.all(stepX, fine: fine.nx, isPeriodic: fine.periodicX) where x.D == D.dx {
            for stretch in stretches {
                // The coarse column with which the stretch begins, and the first fine one that it gives to.
                let column = x.only ?? stretch.half
                let (fineHalf, finePosition) = stepX == 2 ? (x.s & 1, fine.position(2 * column + x.s)) : (stretch.half, fine.position(column))
                let own = weights.position(column)
                let neighbour = stepX == 2 ? column + x.D : coarse.position(column + x.D)
                var products: [GalerkinProduct<Scalar>] = []
                for y in CoarseStep.all(stepY, fine: fine.ny, isPeriodic: fine.periodicY) where y.D == D.dy {
                    let d = StencilDirection(dy: y.d, dx: x.d)
                    guard d.rawValue < matrix.shape.points, d.dy == y.d, d.dx == x.d else { continue }
                    let coefficients = wrapped?.origin((d.rawValue * fields + p) * fields + q) ?? matrix.coefficient(d, p, q, half: fineHalf)
                    products.append(
                        GalerkinProduct(
                            coefficient: UnsafePointer(coefficients) + y.s * fine.rowStride + finePosition,
                            first: UnsafePointer(weight(y.s, x.s, p)) + own,
                            second: UnsafePointer(weight(y.t, x.t, q)) + y.D * weights.rowStride + neighbour,
                            rows: y.only.map { $0..<$0 + 1 } ?? 0..<coarse.ny))
                }
                result.append(GalerkinSum(own: own, count: x.only == nil ? stretch.count : 1, products: products))
            }
        }
        return result
    }
}

/// One product of the sum for a coarse coupling, given by its factors for the first coarse cell.
private struct GalerkinProduct<Scalar: TensorScalar> {
    let coefficient: UnsafePointer<Scalar>
    let first: UnsafePointer<Scalar>
    let second: UnsafePointer<Scalar>
    /// The coarse rows to which it belongs.
    let rows: Range<Int>
}

/// Products for a stretch of `count` coarse columns from `own` on.
private struct GalerkinSum<Scalar: TensorScalar> {
    let own: Int
    let count: Int
    let products: [GalerkinProduct<Scalar>]

    /// line += the products for coarse row j.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func add(_ j: Int, to line: UnsafeMutablePointer<Scalar>, fineStride: Int, coarseStride: Int) {
        let (fine, coarse, target) = (j &* fineStride, j &* coarseStride, line + own)
        products.withUnsafeBufferPointer { products in
            var k = 0
            while k < count {
                var sum = load(UnsafePointer(target), k)
                for product in products where product.rows.lowerBound <= j && j < product.rows.upperBound {
                    let weighted = load(product.first, coarse &+ k) * load(product.second, coarse &+ k)
                    sum = Scalar.multiplyAdd(sum, load(product.coefficient, fine &+ k), weighted)
                }
                // Lanes past the last cell may hold what belongs to others.
                if k &+ Scalar.Vector.scalarCount <= count {
                    store(sum, target, k)
                } else {
                    for lane in 0..<count &- k { target[k &+ lane] = sum[lane] }
                }
                k &+= Scalar.Vector.scalarCount
            }
        }
    }
}

/// A way along one axis from a coarse line to a neighbouring one: by s to a fine line, by a coupling d to another, which lies t
/// from the fine line of the coarse line D away.
private struct CoarseStep {
    let s: Int
    let d: Int
    let D: Int
    let t: Int
    /// The only coarse line from which it leads; nil where any is.
    let only: Int?

    static func all(_ step: Int, fine: Int, isPeriodic: Bool) -> [CoarseStep] {
        var result: [CoarseStep] = []
        for s in -(step - 1)...step - 1 {
            for d in -1...1 {
                for D in -1...1 where abs(s + d - step * D) < step {
                    result.append(CoarseStep(s: s, d: d, D: D, t: s + d - step * D, only: nil))
                }
            }
        }
        if step == 2 && isPeriodic && fine % 2 == 1 {
            // Round an odd ring the last coarse line and the first are fine neighbours.
            result.append(CoarseStep(s: 0, d: 1, D: 1, t: 0, only: fine / 2))
            result.append(CoarseStep(s: 0, d: -1, D: -1, t: 0, only: 0))
        }
        return result
    }
}
