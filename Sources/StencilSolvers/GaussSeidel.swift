import Basics
import Tensors

/// Multi-colour Gauss-Seidel, with successive over-relaxation where the matrix allows it.
///
/// The cells of a stencil fall into colours whose members do not see each other, so a sweep is a few vector operations.
/// For a symmetric 3- or 5-point matrix with positive diagonal the Jacobi spectrum is real and, with mu a bound on its radius, the
/// factor 2 / (1 + sqrt(1 - mu^2)) (Young 1954) makes the number of sweeps grow with sqrt of the condition number instead of
/// linearly; mu is taken from the matrix's diagonal dominance. Otherwise the factor is 1, plain Gauss-Seidel.
public struct GaussSeidel: StencilSolver, Equatable {
    public enum Relaxation: Equatable, Sendable {
        /// Young's factor for symmetric, diagonally dominant matrices of two colours; 1 otherwise.
        case automatic
        /// A given factor in (0, 2).
        case fixed(Double)
    }

    /// Largest |b - A y| / |b|.
    public var tolerance: Double
    public var maximumSweeps: Int
    public var relaxation: Relaxation
    /// Whether a solve ends as soon as its rate so far leads beyond the limit of sweeps: for whoever has something else to try.
    var stopsWhenTooSlow = false

    public init(tolerance: Double, maximumSweeps: Int = 10_000, relaxation: Relaxation = .automatic) {
        self.tolerance = tolerance
        self.maximumSweeps = maximumSweeps
        self.relaxation = relaxation
    }

    public func factor<Scalar: TensorScalar>(_ matrix: StencilMatrix<Scalar>) -> any StencilFactorization<Scalar> {
        GaussSeidelFactorization(solver: self, matrix: matrix)
    }
}

/// A matrix made ready for `GaussSeidel`.
public struct GaussSeidelFactorization<Scalar: TensorScalar>: StencilFactorization {
    public let solver: GaussSeidel
    /// The over-relaxation factor that is used.
    public var relaxation: Double { sweep.relaxation }

    private let measures: StencilMeasures
    private let sweep: ColourSweep<Scalar>

    init(solver: GaussSeidel, matrix: StencilMatrix<Scalar>) {
        let measures = matrix.measures
        self.init(solver, GridMatrix(matrix, measures), measures)
    }

    init(_ solver: GaussSeidel, _ matrix: GridMatrix<Scalar>, _ measures: StencilMeasures) {
        self.solver = solver
        self.measures = measures
        let factor: Double
        switch solver.relaxation {
        case .fixed(let given): factor = given
        case .automatic: factor = matrix.youngsFactor(measures) ?? 1
        }
        sweep = ColourSweep(matrix, relaxation: factor)
    }

    /// The transposed matrix with the same settings.
    public func transposed() -> GaussSeidelFactorization {
        if measures.isSymmetric { return self }
        return GaussSeidelFactorization(solver, sweep.matrix.transposed(), measures.transposed)
    }

    public func solve(_ b: [Scalar], startingFrom guess: [Scalar]?) -> (solution: [Scalar], report: SolveReport) {
        let matrix = sweep.matrix
        let scratch = matrix.fields > 1 ? matrix.vector() : nil
        let frame = NormalisedSolve(
            method: "Gauss-Seidel", tolerance: solver.tolerance, matrix: matrix, measures: measures, needsDiagonal: true)
        return frame.run(b, guess) { y, b, residual, _ in iterate(y, b, residual, scratch) }
    }

    /// Sweeps without a fall of the residual by a hundredth before the solve is called stagnated. What falls more slowly than that
    /// gains nothing within any sensible limit of sweeps. Over-relaxation near 2 lets the residual grow for some 1 / (2 - factor) sweeps first.
    private var patience: Int { 6 * (8 + Int(min(1000, 1 / max(2 - relaxation, 1e-3)))) }

    private func iterate(
        _ y: GridVector<Scalar>, _ b: GridVector<Scalar>, _ start: Double, _ scratch: GridVector<Scalar>?
    ) -> NormalisedSolve<Scalar>.Outcome {
        var (residual, lastProgress, sweeps, sweepOfProgress) = (start, start, 0, 0)
        // The optimal factor's spectral radius is the factor less one.
        var reduction = relaxation > 1 ? relaxation - 1 : 0
        func outcome(_ status: SolveReport.Status) -> NormalisedSolve<Scalar>.Outcome {
            .init(status: status, iterations: sweeps, residual: residual)
        }
        while !(residual <= solver.tolerance) {
            if !residual.isFinite { return outcome(.notFinite) }
            if sweeps >= solver.maximumSweeps { return outcome(.iterationLimit) }
            if sweeps - sweepOfProgress >= patience { return outcome(.stagnated) }
            // A look at the residual costs most of a sweep: the next comes when the tolerance is expected to be reached, and not
            // after more than six sweeps.
            let expected = reduction > 0 && reduction < 1 ? expectedIterations(residual / solver.tolerance, reduction) : 6
            let isTooSlow = sweeps >= 12 && (reduction >= 1 || sweeps + expectedIterations(residual / solver.tolerance, reduction) > solver.maximumSweeps)
            if solver.stopsWhenTooSlow && isTooSlow { return outcome(.iterationLimit) }
            let count = min(expected, 6, solver.maximumSweeps - sweeps)
            let before = residual
            // Added in the order of the rows, which are done in any.
            var squares = [Double](repeating: 0, count: sweep.matrix.layout.ny)
            squares.withUnsafeMutableBufferPointer { squares in
                let squares = squares
                sweep.relax(
                    y, b, reversed: false, sweeps: count, scratch: scratch,
                    finish: { row, _ in squares[row] = sweep.matrix.squaredResidual(row: row, y, b) })
            }
            residual = squares.reduce(0, +).squareRoot()
            sweeps += count
            reduction = power(residual / before, 1 / Double(count))
            if residual < 0.99 * lastProgress { (lastProgress, sweepOfProgress) = (residual, sweeps) }
        }
        return outcome(.converged)
    }
}

/// Iterations that divide the residual by `distance` at a constant reduction each; 1 where the reduction is none.
func expectedIterations(_ distance: Double, _ reduction: Double) -> Int {
    guard reduction > 0, reduction < 1 else { return 1 }
    let expected = naturalLogarithm(distance) / -naturalLogarithm(reduction)
    return expected > 1 ? Int(min(expected, 1e6).rounded(.up)) : 1
}

extension GridMatrix {
    /// The optimal over-relaxation factor where Young's theory holds: symmetric, dominant, of two colours, one field, positive diagonal.
    func youngsFactor(_ measures: StencilMeasures) -> Double? {
        let mu = measures.jacobiBound
        guard fields == 1, shape != .ninePoint, mu < 1, measures.hasPositiveDiagonal, measures.isSymmetric, !hasOddRing else { return nil }
        return 2 / (1 + (1 - mu * mu).squareRoot())
    }

    /// Whether a periodic side has an odd number of cells, so that the stencil has no two colours.
    var hasOddRing: Bool {
        layout.periodicX && layout.nx % 2 == 1 || layout.periodicY && layout.ny % 2 == 1
    }
}
