import Basics
import Tensors

/// Chooses a method by what the matrix measures, and goes on to the next where one fails; the report names every attempt.
///
/// - 3-point matrices of one field are eliminated.
/// - Where the rows dominate so well that Gauss-Seidel (over-relaxed where Young's theory holds) is expected to need few sweeps, sweeps.
/// - Otherwise, where the matrix is symmetric, multigrid: cycles by themselves where rows dominate, for which they are made, then with
///   conjugate gradients.
/// - Where it is not, sweeps for as long as their rate promises more than they cost, which they often do where couplings have both signs; then
///   BiCGStab: with multigrid, which does not depend on the number of cells, and with incomplete factors, which follow a wind, and come
///   first where there is one.
/// - Then BiCGStab with incomplete factors and with Gauss-Seidel for as long as they get on; then banded elimination while the band fits.
/// An attempt is given up when its rate leads beyond what the next one costs, and the next starts where it stopped, where that is better
/// than its own start.
public struct AutomaticSolver: StencilSolver, Equatable {
    /// Largest |b - A y| / |b|.
    public var tolerance: Double
    /// Bytes that elimination may take.
    public var memoryLimit: Int

    public init(tolerance: Double, memoryLimit: Int = 1 << 30) {
        self.tolerance = tolerance
        self.memoryLimit = memoryLimit
    }

    public func factor<Scalar: TensorScalar>(_ matrix: StencilMatrix<Scalar>) -> any StencilFactorization<Scalar> {
        let measures = matrix.measures
        return AutomaticFactorization(solver: self, matrix: GridMatrix(matrix, measures), measures: measures)
    }

    /// A method of the list.
    enum Choice: Equatable {
        case tridiagonal
        /// On trial, where nothing says that few are enough.
        case sweeps(onTrial: Bool)
        case cycles
        case krylov(Krylov)
        case banded
    }

    /// Sweeps that cost as much as a multigrid solve to the same tolerance, its preparation included.
    static let affordableSweeps = 80.0

    /// Two sweeps that walk through memory together take little longer than one, and make the cycles fewer by a quarter or third.
    static let cycle = MultigridCycle(presmoothing: 2, postsmoothing: 2, precision: .single)

    func choices<Scalar: TensorScalar>(_ matrix: GridMatrix<Scalar>, _ measures: StencilMeasures) -> [Choice] {
        let banded = [Choice.banded]
        if matrix.shape == .threePoint && matrix.fields == 1 { return [.tridiagonal] + banded }
        if matrix.hasSingularDiagonal {
            return [.krylov(Krylov(.gmres(restart: 30), .identity, tolerance: tolerance, maximumIterations: 300))] + banded
        }
        let isFast = expectedSweeps(matrix, measures) <= Self.affordableSweeps
        let sweeps: [Choice] = isFast ? [.sweeps(onTrial: false)] : []
        func krylov(_ method: Krylov.Method, _ preconditioner: Preconditioner, limit: Int, stopsWhenTooSlow: Bool = false) -> Choice {
            var krylov = Krylov(method, preconditioner, tolerance: tolerance, maximumIterations: limit)
            krylov.stopsWhenTooSlow = stopsWhenTooSlow
            return .krylov(krylov)
        }
        let cycle = Preconditioner.multigrid(Self.cycle)
        let rescue = [krylov(.biCGStab, .incompleteFactors, limit: 1000), krylov(.biCGStab, .gaussSeidel(), limit: 1000)]
        if measures.isSymmetric && measures.hasPositiveDiagonal {
            // With rows that hardly dominate, solutions are so much larger than right-hand sides that `Float` cannot make a residual small by
            // cycles alone.
            let cycles: [Choice] = measures.jacobiBound < 0.9999 ? [.cycles] : []
            return sweeps + cycles + [krylov(.conjugateGradients, cycle, limit: 150)] + rescue + banded
        }
        // The bound says little of couplings of both signs.
        let isDominant = measures.jacobiBound < 1 && matrix.fields == 1
        let factors = krylov(.biCGStab, .incompleteFactors, limit: 200, stopsWhenTooSlow: true)
        let cycles = krylov(.biCGStab, cycle, limit: 40, stopsWhenTooSlow: true)
        // Coarse grids double the Peclet number of a cell time and again, until cycles diverge.
        let isCalm = matrix.fields == 1 && matrix.pecletNumber < 25
        return (!isFast && isDominant ? [.sweeps(onTrial: true)] : sweeps) + (isCalm ? [cycles, factors] : [factors, cycles]) + rescue + banded
    }

    /// Sweeps of Gauss-Seidel until the tolerance, from the bound on the Jacobi iteration: the factor less one where Young's holds;
    /// the square of the bound where the two colours make it so; the bound itself otherwise.
    private func expectedSweeps<Scalar: TensorScalar>(_ matrix: GridMatrix<Scalar>, _ measures: StencilMeasures) -> Double {
        let mu = measures.jacobiBound
        guard mu < 1, matrix.fields == 1 else { return .infinity }
        if mu == 0 { return 1 }
        let hasTwoColours = matrix.shape != .ninePoint && !matrix.hasOddRing
        let reduction = matrix.youngsFactor(measures).map { $0 - 1 } ?? (hasTwoColours ? mu * mu : mu)
        return naturalLogarithm(max(tolerance, 1e-300)) / naturalLogarithm(max(reduction, 1e-300))
    }
}

/// A matrix made ready for `AutomaticSolver`. Methods are prepared when it is their turn, and kept.
final class AutomaticFactorization<Scalar: TensorScalar>: StencilFactorization {
    private let solver: AutomaticSolver
    private let matrix: GridMatrix<Scalar>
    private let measures: StencilMeasures
    private let choices: [AutomaticSolver.Choice]
    private let prepared: PreparedMethods<Scalar>

    init(solver: AutomaticSolver, matrix: GridMatrix<Scalar>, measures: StencilMeasures, prepared: PreparedMethods<Scalar>? = nil) {
        self.solver = solver
        self.matrix = matrix
        self.measures = measures
        choices = solver.choices(matrix, measures)
        self.prepared = prepared ?? PreparedMethods(choices.count)
        if let first = choices.first, self.prepared.method(0) == nil { self.prepared.set(0, prepare(first)) }
    }

    private func prepare(_ choice: AutomaticSolver.Choice) -> any StencilFactorization<Scalar> {
        switch choice {
        case .tridiagonal: Tridiagonal(tolerance: solver.tolerance).factor(matrix, measures)
        case .sweeps(let onTrial): GaussSeidelFactorization(sweeps(onTrial: onTrial), matrix, measures)
        case .cycles: cycles.factor(matrix, measures)
        case .krylov(let krylov): krylov.factor(matrix, measures)
        case .banded: BandedDirect(tolerance: solver.tolerance, memoryLimit: solver.memoryLimit).factor(matrix, measures)
        }
    }

    private func sweeps(onTrial: Bool) -> GaussSeidel {
        var sweeps = GaussSeidel(tolerance: solver.tolerance, maximumSweeps: 160)
        sweeps.stopsWhenTooSlow = onTrial
        return sweeps
    }

    private var cycles: Multigrid {
        var multigrid = Multigrid(tolerance: solver.tolerance, maximumCycles: 20, cycle: AutomaticSolver.cycle)
        multigrid.stopsWhenTooSlow = true
        return multigrid
    }

    func solve(_ b: [Scalar], startingFrom guess: [Scalar]?) -> (solution: [Scalar], report: SolveReport) {
        var reports: [SolveReport] = []
        var best: (index: Int, solution: [Scalar])?
        var (start, residualOfStart) = (guess, nil as Double?)
        for (index, choice) in choices.enumerated() {
            let method = prepared.method(index) ?? prepare(choice)
            prepared.set(index, method)
            let (y, report) = method.solve(b, startingFrom: start)
            reports.append(report)
            if best.map({ report.relativeResidual < reports[$0.index].relativeResidual }) ?? true || report.isConverged {
                best = (index, y)
            }
            // A coefficient or right-hand side that is not finite is so for every method.
            if report.isConverged || report.status == .notFinite && report.iterations == 0 { break }
            // A method that diverged leaves less than it was given: the next starts where it did.
            let before = residualOfStart ?? matrix.relativeResidual(ofGuess: guess, b)
            if report.relativeResidual < before { (start, residualOfStart) = (y, report.relativeResidual) } else { residualOfStart = before }
        }
        guard let best else {
            return (guess ?? b, SolveReport(status: .notSupported, iterations: 0, relativeResidual: .nan, tolerance: solver.tolerance))
        }
        // Where all failed, the best of them is handed out.
        var report = reports.remove(at: best.index)
        report.attempts = reports
        return (best.solution, report)
    }

    func transposed() -> AutomaticFactorization {
        if measures.isSymmetric { return AutomaticFactorization(solver: solver, matrix: matrix, measures: measures, prepared: prepared) }
        return AutomaticFactorization(solver: solver, matrix: matrix.transposed(), measures: measures.transposed)
    }
}
