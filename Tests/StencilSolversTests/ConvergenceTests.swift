import Basics
import StencilSolvers
import TestSupport
import Testing

/// How fast multigrid is, by numbers of cycles: independent of the machine.
@Suite struct ConvergenceTests {
    struct Problem: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let matrix: StencilMatrix<Double>
        /// Largest factor by which a V(1,1) cycle leaves the residual.
        let factor: Double
    }

    private static func problems(_ name: String, _ sizes: [Int], _ factor: Double, _ make: (Int) -> StencilMatrix<Double>) -> [Problem] {
        sizes.map { Problem(testDescription: "\(name) \($0)", matrix: make($0), factor: factor) }
    }

    static let problems: [Problem] = [
        problems("Poisson", [63, 64, 127, 255, 511], 0.07, ModelMatrix.poisson), problems("jump", [63, 100, 255], 0.15, ModelMatrix.jump),
        problems("ring", [63, 64, 100, 101], 0.07, ModelMatrix.ring), problems("islands", [63, 100, 255], 0.25, ModelMatrix.islands),
    ].flatMap(\.self)

    @Test(arguments: problems) func cycleReducesTheResidual(_ p: Problem) {
        func residual(_ cycles: Int) -> Double {
            let solver = Multigrid(tolerance: 1e-300, maximumCycles: cycles)
            return solver.factor(p.matrix).solve(ModelMatrix.rightHandSide(p.matrix.nx), startingFrom: nil).report.relativeResidual
        }
        // From the second cycle on: the first smooths a random residual, which is easier.
        let factor = power(residual(9) / residual(1), 0.125)
        #expect(measured("\(p.testDescription), residual factor of V(1,1)", factor) < p.factor)
    }

    /// Without over-relaxation, which is for symmetric matrices: with it learned couplings take three times the steps, and winds do not converge.
    @Test(arguments: [("upwind", ModelMatrix.upwind(100, peclet: 1), 30.0), ("learned", ModelMatrix.learned(64), 12)])
    func cyclesLeadOtherMatricesToo(_ name: String, _ a: StencilMatrix<Double>, limit: Double) {
        let report = Krylov(.biCGStab, .multigrid(), tolerance: 1e-9, maximumIterations: 200).factor(a).solve(
            ModelMatrix.rightHandSide(a.nx), startingFrom: nil
        ).report
        #expect(report.isConverged && measured("\(name), steps of BiCGStab with multigrid", Double(report.iterations)) <= limit, "\(report.summary)")
    }

    @Test(arguments: problems) func conjugateGradientsNeedFewCycles(_ p: Problem) {
        let solver = Krylov(.conjugateGradients, .multigrid(), tolerance: 1e-10)
        let (y, report) = solver.factor(p.matrix).solve(ModelMatrix.rightHandSide(p.matrix.nx), startingFrom: nil)
        #expect(report.isConverged && measured("\(p.testDescription), cycles to 1e-10", Double(report.iterations)) <= 15, "\(report.summary)")
        let b = ModelMatrix.rightHandSide(p.matrix.nx)
        #expect(norm(zip(b, p.matrix.apply(y)).map { $0 - $1 }) < 1.01e-10 * norm(b))
    }
}
