import Tensors

/// A linear solver as a value: it factors a stencil matrix once, solves with it, and hands out its transpose,
/// so that the adjoint of a layer that solves is a solve with the transpose.
public protocol StencilSolver: Sendable {
    /// What can be prepared from the matrix alone. Never fails: what is wrong with the matrix is told by the solve's report.
    func factor<Scalar: TensorScalar>(_ matrix: StencilMatrix<Scalar>) -> any StencilFactorization<Scalar>
}

/// A matrix made ready by a `StencilSolver`.
public protocol StencilFactorization<Scalar>: Sendable {
    associatedtype Scalar: TensorScalar

    /// The solution of A y = b and the report of how it was reached.
    ///
    /// - Parameters:
    ///   - b: [fields, ny, nx].
    ///   - guess: [fields, ny, nx] to start from; zero where nil.
    func solve(_ b: [Scalar], startingFrom guess: [Scalar]?) -> (solution: [Scalar], report: SolveReport)

    /// The same preparation for the transposed matrix.
    func transposed() -> Self
}
