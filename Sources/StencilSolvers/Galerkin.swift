import Tensors

extension Transfer {
    /// The coarse matrix P^T A P: nine points, or three where the fine one has three.
    func galerkin(_ matrix: GridMatrix<Scalar>) -> GridMatrix<Scalar> {
        let shape = matrix.shape == .threePoint ? StencilShape.threePoint : .ninePoint
        // Rows are read one cell beyond each edge: round a periodic side that must be what lies on the other.
        var source = matrix.coefficients
        if fine.periodicX || fine.periodicY {
            source = GridVector(fine, planes: matrix.coefficients.planes)
            source.copy(matrix.coefficients)
            source.wrap()
        }
        return GridMatrix(shape, coarse, fields: fields) { target in
            for p in 0..<fields {
                for q in 0..<fields { writeGalerkin(source, matrix.shape, p, q, to: target) }
            }
        }
    }

    /// (P_p^T A_pq P_q) of coarse cell I and its neighbour I + D: the sum over the fine cells s away from I's own, and over the couplings d
    /// of those, of W_p[s](I) a[d](fine) W_q[t](I + D), where the fine cell that is coupled to lies t from that of I + D.
    private func writeGalerkin(
        _ source: GridVector<Scalar>, _ shape: StencilShape, _ p: Int, _ q: Int, to target: GridVector<Scalar>
    ) {
        let alongY = CoarseStep.all(stepY, fine: fine.ny, isPeriodic: fine.periodicY)
        let alongX = CoarseStep.all(stepX, fine: fine.nx, isPeriodic: fine.periodicX)
        let products = UnsafeMutablePointer<Scalar>.allocate(capacity: coarse.nx)
        defer { products.deallocate() }
        for J in 0..<coarse.ny {
            let own = J * coarse.rowStride
            for sy in -(stepY - 1)...stepY - 1 {
                guard let j = source.wrappedRow(stepY * J + sy) else { continue }
                for sx in -(stepX - 1)...stepX - 1 {
                    for d in shape.directions {
                        let coefficient = source.origin((d.rawValue * fields + p) * fields + q) + j * fine.rowStride + sx
                        multiplyStrided(products, weight(sy, sx, p) + own, coefficient, coarse.nx, step: stepX)
                        for y in alongY where y.s == sy && y.d == d.dy && y.holds(J) {
                            for x in alongX where x.s == sx && x.d == d.dx {
                                let plane = (StencilDirection(dy: y.D, dx: x.D).rawValue * fields + p) * fields + q
                                let (first, count) = x.only.map { ($0, 1) } ?? (0, coarse.nx)
                                let other = weight(y.t, x.t, q) + (J + y.D) * coarse.rowStride + x.D
                                addProducts(target.origin(plane) + own + first, products + first, other + first, count)
                            }
                        }
                    }
                }
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

    func holds(_ line: Int) -> Bool { only.map { $0 == line } ?? true }

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

/// products(k) = w(k) a(step k).
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func multiplyStrided<Scalar: TensorScalar>(
    _ products: UnsafeMutablePointer<Scalar>, _ w: UnsafePointer<Scalar>, _ a: UnsafePointer<Scalar>, _ count: Int, step: Int
) {
    if step == 1 {
        for k in 0..<count { products[k] = w[k] * a[k] }
    } else {
        for k in 0..<count { products[k] = w[k] * a[2 &* k] }
    }
}
