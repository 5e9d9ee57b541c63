import Basics
import Tensors

/// Multigrid as an iteration of its own: cycle after cycle on the residual.
///
/// For matrices near I - div(c grad), with jumps, walls and land, a V cycle with one sweep before and one after divides the residual by
/// ten or more whatever the number of cells. It is the better half of `Krylov` on harder matrices, and diverges on some.
public struct Multigrid: StencilSolver, Equatable {
    /// Largest |b - A y| / |b|.
    public var tolerance: Double
    public var maximumCycles: Int
    public var cycle: MultigridCycle
    /// Whether a solve ends as soon as its rate so far leads beyond the limit of cycles: for whoever has something else to try.
    var stopsWhenTooSlow = false

    public init(tolerance: Double, maximumCycles: Int = 100, cycle: MultigridCycle = MultigridCycle()) {
        self.tolerance = tolerance
        self.maximumCycles = maximumCycles
        self.cycle = cycle
    }

    public func factor<Scalar: TensorScalar>(_ matrix: StencilMatrix<Scalar>) -> any StencilFactorization<Scalar> {
        let measures = matrix.measures
        return factor(GridMatrix(matrix, measures), measures)
    }

    func factor<Scalar: TensorScalar>(_ matrix: GridMatrix<Scalar>, _ measures: StencilMeasures) -> MultigridFactorization<Scalar> {
        MultigridFactorization(
            solver: self, matrix: matrix, measures: measures,
            preconditioner: MultigridPreconditioner(matrix, cycle))
    }
}

/// A matrix made ready for `Multigrid`.
struct MultigridFactorization<Scalar: TensorScalar>: StencilFactorization {
    let solver: Multigrid
    let matrix: GridMatrix<Scalar>
    let measures: StencilMeasures
    let preconditioner: MultigridPreconditioner<Scalar>

    func transposed() -> MultigridFactorization {
        let transpose = matrix.transposed()
        return MultigridFactorization(
            solver: solver, matrix: transpose, measures: measures.transposed,
            preconditioner: preconditioner.transposedCycles(transpose))
    }

    func solve(_ b: [Scalar], startingFrom guess: [Scalar]?) -> (solution: [Scalar], report: SolveReport) {
        let corrections = preconditioner.corrections(matrix)
        let frame = NormalisedSolve(
            method: "multigrid", tolerance: solver.tolerance, matrix: matrix, measures: measures, needsDiagonal: true)
        return frame.run(b, guess) { y, b, start, _ in
            var (residual, best, cyclesSinceBest, cycles, reduction) = (start, start, 0, 0, Self.usualReduction)
            func outcome(_ status: SolveReport.Status) -> NormalisedSolve<Scalar>.Outcome {
                .init(
                    status: status, iterations: cycles, residual: residual,
                    note: preconditioner.hasSingularCoarsest ? "the coarsest matrix is singular and was smoothed" : nil)
            }
            if guess == nil { corrections.take(b) } else { residual = corrections.lookAt(y, b) }
            while !(residual <= solver.tolerance) {
                if !residual.isFinite { return outcome(.notFinite) }
                let expected = expectedIterations(residual / solver.tolerance, reduction)
                let isTooSlow = solver.stopsWhenTooSlow && cycles > 0 && (reduction >= 1 || cycles + expected > solver.maximumCycles)
                if cycles >= solver.maximumCycles || isTooSlow { return outcome(.iterationLimit) }
                if cyclesSinceBest >= 10 { return outcome(.stagnated) }
                // A look at the residual costs part of a cycle: one before the last cycle that is expected to be needed, and not after more
                // than four.
                let count = max(1, min(expected - 1, 4, solver.maximumCycles - cycles))
                corrections.correct(y, cycles: count)
                cycles += count
                cyclesSinceBest += count
                let before = residual
                residual = corrections.lookAt(y, b)
                reduction = power(residual / before, 1 / Double(count))
                if residual < 0.99 * best { (best, cyclesSinceBest) = (residual, 0) }
            }
            return outcome(.converged)
        }
    }

    /// What a cycle leaves of the residual, until it is measured.
    private static var usualReduction: Double { 0.1 }
}
