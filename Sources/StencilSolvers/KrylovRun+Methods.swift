import Tensors

extension KrylovRun {
    mutating func conjugateGradients(
        _ y: GridVector<Scalar>, _ b: GridVector<Scalar>, _ vectors: any SearchDirections<Scalar>
    ) -> SolveReport.Status {
        var residual = vectors.start(y, b)
        var previous = 0.0
        while true {
            if let status = step(residual) { return status }
            let product = vectors.precondition()
            // Positive for a definite matrix and preconditioner; a NaN is no direction either.
            guard product > 0 else { return product.isNaN ? .notFinite : .breakdown }
            vectors.turn(previous == 0 ? 0 : product / previous)
            previous = product
            let curvature = vectors.curvature()
            guard curvature > 0 else { return curvature.isNaN ? .notFinite : .breakdown }
            residual = vectors.advance(y, product / curvature)
        }
    }

    mutating func biCGStab(
        _ y: GridVector<Scalar>, _ b: GridVector<Scalar>, _ precondition: (GridVector<Scalar>, GridVector<Scalar>) -> Void
    ) -> SolveReport.Status {
        let (r, shadow, p, v, t, z) = (
            matrix.vector(), matrix.vector(), matrix.vector(), matrix.vector(), matrix.vector(), matrix.vector()
        )
        var restarts = 0
        while true {
            var residual = matrix.residual(y, b, into: r)
            shadow.copy(r)
            p.copy(r)
            var rho = residual * residual
            while true {
                if let status = step(residual) { return status }
                precondition(p, z)
                let projection = matrix.multiply(z, into: v, dot: shadow)
                let alpha = rho / projection
                guard alpha.isFinite else { break }
                y.add(alpha, z)
                residual = r.add(-alpha, v).squareRoot()
                if residual <= tolerance { return .converged }
                precondition(r, z)
                let overlap = matrix.multiply(z, into: t, dot: r)
                let omega = overlap / t.dot(t)
                guard omega.isFinite, omega != 0 else { break }
                y.add(omega, z)
                residual = r.add(-omega, t).squareRoot()
                let next = r.dot(shadow)
                let beta = next / rho * (alpha / omega)
                // A shadow that no longer sees the residual tells nothing of it: take a new one.
                guard beta.isFinite, abs(next) > 1e-14 * residual * shadow.norm else { break }
                p.add(-omega, v)
                p.scaleAndAdd(beta, r)
                rho = next
            }
            restarts += 1
            if restarts > 20 { return .breakdown }
        }
    }

    /// Arnoldi by modified Gram-Schmidt, the least-squares problem by Givens rotations.
    mutating func gmres(
        _ y: GridVector<Scalar>, _ b: GridVector<Scalar>, restart: Int, _ precondition: (GridVector<Scalar>, GridVector<Scalar>) -> Void
    ) -> SolveReport.Status {
        let (z, update) = (matrix.vector(), matrix.vector())
        var basis = [matrix.vector()]
        while true {
            var residual = matrix.residual(y, b, into: basis[0])
            if let status = step(residual) { return status }
            basis[0].scale(1 / residual)
            var hessenberg: [[Double]] = []
            var rotations: [(c: Double, s: Double)] = []
            var right = [residual]
            var status: SolveReport.Status?
            while hessenberg.count < restart {
                let k = hessenberg.count
                if basis.count == k + 1 { basis.append(matrix.vector()) }
                precondition(basis[k], z)
                matrix.multiply(z, into: basis[k + 1], dot: basis[k])
                var column: [Double] = []
                for i in 0...k {
                    column.append(basis[k + 1].dot(basis[i]))
                    basis[k + 1].add(-column[i], basis[i])
                }
                let next = basis[k + 1].norm
                for (i, rotation) in rotations.enumerated() {
                    (column[i], column[i + 1]) = (
                        rotation.c * column[i] + rotation.s * column[i + 1], -rotation.s * column[i] + rotation.c * column[i + 1]
                    )
                }
                let length = (column[k] * column[k] + next * next).squareRoot()
                if length == 0 { return .breakdown }
                rotations.append((column[k] / length, next / length))
                column[k] = length
                hessenberg.append(column)
                right.append(-rotations[k].s * right[k])
                right[k] *= rotations[k].c
                residual = abs(right[k + 1])
                status = step(residual)
                // A basis that cannot grow holds the solution.
                if status != nil || next == 0 { break }
                basis[k + 1].scale(1 / next)
            }
            if status == .notFinite { return .notFinite }
            // Back substitution, and y += M (V c).
            var coefficients = [Double](repeating: 0, count: hessenberg.count)
            for i in coefficients.indices.reversed() {
                var sum = right[i]
                for j in i + 1..<max(i + 1, coefficients.count) { sum -= hessenberg[j][i] * coefficients[j] }
                coefficients[i] = sum / hessenberg[i][i]
            }
            update.clear()
            for (i, coefficient) in coefficients.enumerated() { update.add(coefficient, basis[i]) }
            precondition(update, z)
            y.add(1, z)
            if let status { return status }
        }
    }
}
