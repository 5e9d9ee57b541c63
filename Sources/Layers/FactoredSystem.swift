import StencilSolvers
import Synchronization
import Tensors

/// The matrix of one sample, factored once; its transpose when it is first asked for.
final class FactoredSystem<Scalar: TensorScalar>: Sendable {
    let matrix: StencilMatrix<Scalar>
    private let factorization: any StencilFactorization<Scalar>
    private let transposed = Mutex<(any StencilFactorization<Scalar>)?>(nil)

    init(_ matrix: StencilMatrix<Scalar>, _ solver: any StencilSolver) {
        self.matrix = matrix
        factorization = solver.factor(matrix)
    }

    /// A^-1 b forward, A^-T b backward.
    ///
    /// - Parameters:
    ///   - guess: where the solve starts.
    ///   - last: a solution of an earlier solve to start from where there is no guess.
    func solve(
        _ direction: SolveMonitor.Direction, _ b: [Scalar], guess: [Scalar]?, last: [Scalar]?
    ) -> (solution: [Scalar], report: SolveReport) {
        let start = guess ?? last.flatMap { fitted($0, to: b, direction) }
        switch direction {
        case .forward: return factorization.solve(b, startingFrom: start)
        case .backward:
            let backward = transposed.withLock { known in
                if let known { return known }
                let new: any StencilFactorization<Scalar> = factorization.transposed()
                known = new
                return new
            }
            return backward.solve(b, startingFrom: start)
        }
    }

    /// The multiple of an earlier solution with the smallest residual: cotangents shrink as a loss falls, and an old solution in their old
    /// size would be worth nothing.
    private func fitted(_ last: [Scalar], to b: [Scalar], _ direction: SolveMonitor.Direction) -> [Scalar]? {
        guard last.count == b.count else { return nil }
        let image = Tensor(shape: [b.count], scalars: (direction == .forward ? matrix : matrix.transposed()).apply(last))
        let factor = image.dot(Tensor(shape: [b.count], scalars: b)) / image.squaredNorm
        guard factor.isFinite, factor != 0 else { return nil }
        return Tensor(shape: [b.count], scalars: last).scaled(by: Scalar(factor)).scalars
    }
}
