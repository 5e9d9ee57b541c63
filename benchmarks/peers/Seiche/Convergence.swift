import Basics
import StencilSolvers
import Tensors
import TestSupport

// What should hold whatever the peers do: a cycle's residual factor does not depend on the number of cells, and the cost of a solve
// grows as that number.

/// Residual factors of V(1,1) cycles from the second to the ninth, and cycles of multigrid with conjugate gradients to 1e-10.
func showConvergence() {
    let problems: [(name: String, sizes: [Int], make: (Int) -> StencilMatrix<Double>)] = [
        ("Poisson", [63, 127, 255, 511, 1023], ModelMatrix.poisson), ("jump", [63, 255, 1023], ModelMatrix.jump),
        ("islands", [63, 255, 1023], ModelMatrix.islands),
    ]
    for problem in problems {
        for size in problem.sizes {
            let (matrix, b) = (problem.make(size), ModelMatrix.rightHandSide(size))
            func residual(_ cycles: Int) -> Double {
                Multigrid(tolerance: 1e-300, maximumCycles: cycles).factor(matrix).solve(b, startingFrom: nil).report.relativeResidual
            }
            let factor = power(residual(9) / residual(1), 0.125)
            let gradients = Krylov(.conjugateGradients, .multigrid(), tolerance: 1e-10).factor(matrix).solve(b, startingFrom: nil).report
            print(
                "{\"problem\": \"\(problem.name)\", \"size\": \(size), \"factor\": \(factor), "
                    + "\"cycles\": \(gradients.iterations), \"converged\": \(gradients.isConverged)}")
        }
    }
}

/// Seconds of preparation and solve of I - 100 lap, the fastest of some runs.
func showCost() {
    for size in [128, 256, 512, 1024, 2048] {
        let (matrix, b) = (ModelMatrix.flux(size) { _, _ in 100 }, ModelMatrix.rightHandSide(size))
        var iterations = 0
        let runs = measure(Effort(runs: 9, seconds: 4)) {
            iterations = AutomaticSolver(tolerance: 1e-10).factor(matrix).solve(b, startingFrom: nil).report.iterations
            return 0
        }
        print("{\"size\": \(size), \"iterations\": \(iterations), \"seconds\": \(runs.map { $0[1] }.min() ?? .nan)}")
    }
}
