import Basics
import StencilSolvers
import TestSupport
import Testing

/// Large systems are shared out among the cores in strips of rows, small ones are not: not a bit of a result may depend on it.
@Suite struct ThreadsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let matrix: StencilMatrix<Double>
        let solver: any StencilSolver
    }

    static let cases: [Case] = [
        Case(testDescription: "sweeps", matrix: ModelMatrix.flux(700) { _, _ in 0.8 }, solver: GaussSeidel(tolerance: 1e-10, maximumSweeps: 60)),
        Case(testDescription: "sweeps round x", matrix: ModelMatrix.ring(701), solver: GaussSeidel(tolerance: 1e-30, maximumSweeps: 9)),
        // Rows so long that a few are worth a thread, and fewer of them than the sweeps that walk the grid together need.
        Case(
            testDescription: "sweeps over low grids", matrix: lowGrid(ny: 16, nx: 1 << 14), solver: GaussSeidel(tolerance: 1e-30, maximumSweeps: 12)),
        Case(testDescription: "cycles", matrix: ModelMatrix.islands(699), solver: Multigrid(tolerance: 1e-30, maximumCycles: 3)),
        Case(
            testDescription: "cycles in single precision", matrix: ModelMatrix.flux(700) { _, _ in 100 }, solver: AutomaticSolver(tolerance: 1e-10)),
        Case(
            testDescription: "cycles with more sweeps", matrix: ModelMatrix.upwind(700, peclet: 1),
            solver: Multigrid(tolerance: 1e-30, maximumCycles: 2, cycle: MultigridCycle(.v, presmoothing: 2, postsmoothing: 3))),
        Case(
            testDescription: "conjugate gradients", matrix: ModelMatrix.jump(700),
            solver: Krylov(.conjugateGradients, .multigrid(), tolerance: 1e-30, maximumIterations: 3)),
        Case(
            testDescription: "BiCGStab", matrix: ModelMatrix.learned(700),
            solver: Krylov(.biCGStab, .gaussSeidel(), tolerance: 1e-30, maximumIterations: 4)),
    ]

    static func lowGrid(ny: Int, nx: Int) -> StencilMatrix<Double> {
        StencilMatrix(ny: ny, nx: nx, coefficients: [5, -1, -1.25, -1, -0.75].flatMap { [Double](repeating: $0, count: ny * nx) })
    }

    @Test(arguments: cases) func resultsAreTheSameBits(_ c: Case) {
        let b = ModelMatrix.rightHandSide(Int(Double(c.matrix.unknowns).squareRoot()))
        let (side, sideReport) = c.solver.factor(c.matrix).solve(b, startingFrom: nil)
        let (alone, report) = ThreadCount.$isShared.withValue(true) { c.solver.factor(c.matrix).solve(b, startingFrom: nil) }
        let transposed = c.solver.factor(c.matrix).transposed().solve(b, startingFrom: nil).solution
        let transposedAlone = ThreadCount.$isShared.withValue(true) { c.solver.factor(c.matrix).transposed().solve(b, startingFrom: nil).solution }
        // Compared here: of arrays of such length that differ a failed expectation would look for the shortest way from one to the other.
        let (isSame, isSameTransposed, isTransposed) = (side == alone, transposed == transposedAlone, side != transposed)
        #expect(isSame && isSameTransposed)
        #expect(sideReport == report)
        #expect(isTransposed || c.matrix.isSymmetric())
    }
}
