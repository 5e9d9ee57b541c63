import Tensors

/// Red-black Gauss-Seidel, with successive over-relaxation where the matrix allows it.
///
/// The cells of a 5-point stencil fall into two colours whose members do not see each other, so a sweep is two vector operations.
/// For a symmetric matrix with positive diagonal the Jacobi spectrum is real and, with mu a bound on its radius, the factor
/// 2 / (1 + sqrt(1 - mu^2)) (Young 1954) makes the number of sweeps grow with sqrt of the condition number instead of linearly;
/// mu is taken from the matrix's diagonal dominance. Otherwise the factor is 1, plain Gauss-Seidel.
public struct RedBlackGaussSeidel: StencilSolver, Equatable {
    public enum Relaxation: Equatable, Sendable {
        /// Young's factor for symmetric, diagonally dominant matrices; 1 otherwise.
        case automatic
        /// A given factor in (0, 2).
        case fixed(Double)
    }

    /// Largest |b - A y| / |b|.
    public var tolerance: Double
    public var maximumSweeps: Int
    public var relaxation: Relaxation

    public init(tolerance: Double, maximumSweeps: Int = 10_000, relaxation: Relaxation = .automatic) {
        self.tolerance = tolerance
        self.maximumSweeps = maximumSweeps
        self.relaxation = relaxation
    }

    public func factor<Scalar: TensorScalar>(_ stencil: FivePointStencil<Scalar>) -> any StencilFactorization<Scalar> {
        RedBlackFactorization(solver: self, stencil: stencil)
    }
}
