import Evaluation
import StencilSolvers
import Testing

@Suite struct SolverConvergenceTests {
    /// I + c times the negative Laplacian with walls, on ny x nx cells; `skew` times the eastern coupling spoils the symmetry.
    private func matrix(c: Double, skew: Double = 1, ny: Int = 12, nx: Int = 10) -> StencilMatrix<Double> {
        var a = [Double](repeating: 0, count: 5 * ny * nx)
        let cells = ny * nx
        for cell in 0..<cells {
            let (i, j) = (cell % nx, cell / nx)
            let open = [(1, i + 1 < nx), (2, i > 0), (3, j + 1 < ny), (4, j > 0)].filter(\.1).map(\.0)
            a[cell] = 1 + c * Double(open.count)
            for d in open { a[d * cells + cell] = -c * (d == 1 ? skew : 1) }
        }
        return StencilMatrix(.fivePoint, ny: ny, nx: nx, coefficients: a)
    }

    private let b = (0..<120).map { Double(($0 * 7919) % 31) - 15 }

    @Test func everySolverEndsAtTheToleranceAndEachResidualIsOfOneIterationMore() {
        let histories = SolverConvergence(of: matrix(c: 2), rightHandSide: b, iterations: 200, tolerance: 1e-10).histories
        #expect(histories.map(\.method) == ["Gauss-Seidel", "over-relaxed", "multigrid", "conjugate gradients"])
        for history in histories {
            #expect(history.residuals[0] == 1)
            #expect(history.residuals.last! <= 1e-10, "\(history.method)")
            #expect(history.residuals.dropLast().allSatisfy { $0 > 1e-10 }, "\(history.method)")
        }
        // What is known of these methods: over-relaxation beats sweeps, a cycle beats a sweep.
        #expect(histories[1].residuals.count < histories[0].residuals.count / 2)
        #expect(histories[2].residuals.count < histories[1].residuals.count)
    }

    /// Gauss-Seidel's asymptotic factor is the square of Jacobi's (Young 1954), which a diagonal of 1 + 4 c bounds by 4 c / (1 + 4 c).
    @Test func sweepsContractAsTheoryBounds() {
        let residuals = SolverConvergence(of: matrix(c: 0.5), rightHandSide: b, iterations: 40).histories[0].residuals
        let factor = residuals[12] / residuals[11]
        #expect(factor < 4.0 / 9 && factor > 0.2)
    }

    @Test func aMatrixThatIsNotSymmetricHasBiCGStabAndNoOverRelaxation() {
        let histories = SolverConvergence(of: matrix(c: 2, skew: 0.5), rightHandSide: b, iterations: 200, tolerance: 1e-10).histories
        #expect(histories.map(\.method) == ["Gauss-Seidel", "multigrid", "BiCGStab"])
        #expect(histories.allSatisfy { $0.residuals.last! <= 1e-10 })
    }

    @Test func aLimitEndsTheHistory() {
        #expect(SolverConvergence(of: matrix(c: 50), rightHandSide: b, iterations: 3).histories[0].residuals.count == 4)
    }
}
