import StencilSolvers
import Tensors
import _Differentiation

/// The linear implicit layer: y = A^-1 b, differentiated by the implicit function theorem.
///
/// With a cotangent w of y: A^T z = w gives the cotangent z of b, and -z(k) y(neighbour of k) that of each coefficient of row k.
/// Nothing of the iteration is differentiated or stored, and no matrix larger than the stencil is ever formed.
public struct LinearImplicit: Sendable {
    public let solver: any StencilSolver
    public let monitor: SolveMonitor

    public init(solver: any StencilSolver, monitor: SolveMonitor = SolveMonitor()) {
        self.solver = solver
        self.monitor = monitor
    }

    /// - Parameters:
    ///   - stencil: [batch, 5, y, x] in the order of `StencilDirection`.
    ///   - b: [batch, 1, y, x].
    ///   - guess: where the iteration starts, [batch, 1, y, x]; the result depends on it only within the tolerance.
    /// - Returns: y, [batch, 1, y, x]. Whether each solve converged is in `monitor`.
    @differentiable(reverse, wrt: (stencil, b))
    public func apply<Scalar: TensorScalar>(
        stencil: Tensor<Scalar>, b: Tensor<Scalar>, startingFrom guess: Tensor<Scalar>
    ) -> Tensor<Scalar> {
        solve(stencil: stencil, b: b, guess: guess).solution
    }

    @derivative(of: apply, wrt: (stencil, b))
    public func vjpApply<Scalar: TensorScalar>(
        stencil: Tensor<Scalar>, b: Tensor<Scalar>, startingFrom guess: Tensor<Scalar>
    ) -> (value: Tensor<Scalar>, pullback: (Tensor<Scalar>) -> (Tensor<Scalar>, Tensor<Scalar>)) {
        let (solution, factorizations) = solve(stencil: stencil, b: b, guess: guess)
        return (solution, { cotangent in
            if cotangent.isSymbolicZero { return (.zero, .zero) }
            let (ny, nx) = (b.shape[2], b.shape[3])
            let plane = ny * nx
            var adjoint: [Scalar] = []
            adjoint.reserveCapacity(cotangent.count)
            for (sample, factorization) in factorizations.enumerated() {
                let (z, report) = factorization.transposed().solve(
                    Array(cotangent.scalars[sample * plane..<(sample + 1) * plane]), startingFrom: nil)
                monitor.add(report, .backward)
                adjoint += z
            }
            let z = Tensor(shape: b.shape, scalars: adjoint)
            return (coefficientCotangent(z: z, y: solution), z)
        })
    }

    private func solve<Scalar: TensorScalar>(
        stencil: Tensor<Scalar>, b: Tensor<Scalar>, guess: Tensor<Scalar>
    ) -> (solution: Tensor<Scalar>, factorizations: [any StencilFactorization<Scalar>]) {
        precondition(
            b.shape.count == 4 && stencil.shape == [b.shape[0], 5, b.shape[2], b.shape[3]] && guess.shape == b.shape,
            "stencil \(stencil.shape), right-hand side \(b.shape) and guess \(guess.shape) do not fit")
        let (batch, ny, nx) = (b.shape[0], b.shape[2], b.shape[3])
        let plane = ny * nx
        var solution: [Scalar] = []
        solution.reserveCapacity(b.count)
        var factorizations: [any StencilFactorization<Scalar>] = []
        for sample in 0..<batch {
            let range = sample * plane..<(sample + 1) * plane
            let matrix = StencilMatrix(
                ny: ny, nx: nx, coefficients: Array(stencil.scalars[5 * range.lowerBound..<5 * range.upperBound]))
            let factorization = solver.factor(matrix)
            let (y, report) = factorization.solve(Array(b.scalars[range]), startingFrom: Array(guess.scalars[range]))
            monitor.add(report, .forward)
            solution += y
            factorizations.append(factorization)
        }
        return (Tensor(shape: b.shape, scalars: solution), factorizations)
    }
}

/// -z(k) y(neighbour of k) for each of the five coefficients of row k: [batch, 5, y, x].
private func coefficientCotangent<Scalar: TensorScalar>(z: Tensor<Scalar>, y: Tensor<Scalar>) -> Tensor<Scalar> {
    let (batch, ny, nx) = (z.shape[0], z.shape[2], z.shape[3])
    let scalars = [Scalar](unsafeUninitializedCapacity: 5 * z.count) { buffer, count in
        z.scalars.withUnsafeBufferPointer { z in
            y.scalars.withUnsafeBufferPointer { y in
                guard let z = z.baseAddress, let y = y.baseAddress, let out = buffer.baseAddress else { return }
                for sample in 0..<batch {
                    let offset = sample * ny * nx
                    coefficientCotangentKernel(z + offset, y + offset, out + 5 * offset, ny: ny, nx: nx)
                }
            }
        }
        count = 5 * batch * ny * nx
    }
    return Tensor(shape: [batch, 5, ny, nx], scalars: scalars)
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func coefficientCotangentKernel<Scalar: TensorScalar>(
    _ z: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, ny: Int, nx: Int
) {
    let plane = ny &* nx
    for j in 0..<ny {
        for i in 0..<nx {
            let k = j &* nx &+ i
            let minus = -z[k]
            out[k] = minus * y[k]
            out[plane &+ k] = i &+ 1 < nx ? minus * y[k &+ 1] : 0
            out[2 &* plane &+ k] = i > 0 ? minus * y[k &- 1] : 0
            out[3 &* plane &+ k] = j &+ 1 < ny ? minus * y[k &+ nx] : 0
            out[4 &* plane &+ k] = j > 0 ? minus * y[k &- nx] : 0
        }
    }
}
