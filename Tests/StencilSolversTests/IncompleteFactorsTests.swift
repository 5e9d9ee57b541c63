import StencilSolvers
import Tensors
import TestSupport
import Testing

/// Incomplete factors with A's row sums: what they solve exactly, and how they follow a wind.
@Suite struct IncompleteFactorsTests {
    @Test func linesAreSolvedExactly() {
        // Without couplings between rows nothing is left out.
        for c in StencilCase.all where c.shape == .threePoint && c.fields == 1 && !c.periodicX {
            let m = Preconditioner.incompleteFactors.prepare(c.stencil)
            #expect(measured("\(c), M A y - y", relativeError(m.apply(c.stencil.apply(c.guess)), c.guess)) < 1e-12)
        }
    }

    @Test func columnsAreSolvedExactly() {
        // Nor without couplings along rows, from either edge to the middle.
        for ny in [1, 2, 3, 8, 9] {
            let nx = 5
            var a = StencilCase(.nonSymmetric, ny: ny, nx: nx).coefficients
            for k in ny * nx..<3 * ny * nx { a[k] = 0 }
            let matrix = StencilMatrix(ny: ny, nx: nx, coefficients: a)
            let y = StencilCase(.nonSymmetric, ny: ny, nx: nx).guess
            #expect(relativeError(Preconditioner.incompleteFactors.prepare(matrix).apply(matrix.apply(y)), y) < 1e-12)
        }
    }

    static let winds: [(Double, Double)] = [(1, 0.5), (-1, 0.5), (1, -0.5), (-1, -0.5), (0.5, 1), (-0.5, 1)]
    static let axes: [(Double, Double)] = [(1, 0), (-1, 0), (0, 1), (0, -1)]

    private func steps(_ matrix: StencilMatrix<Double>) -> Int {
        let b = ModelMatrix.rightHandSide(matrix.nx)
        let solver = Krylov(.biCGStab, .incompleteFactors, tolerance: 1e-10, maximumIterations: 200)
        let factored = solver.factor(matrix)
        let reports = [factored.solve(b, startingFrom: nil).report, factored.transposed().solve(b, startingFrom: nil).report]
        #expect(reports.allSatisfy { $0.isConverged })
        return reports.map(\.iterations).max() ?? 0
    }

    private func steps(_ peclet: Double, _ wind: (Double, Double)) -> Double {
        let count = steps(ModelMatrix.upwind(ny: 128, nx: 128) { _, _ in (peclet * wind.0, peclet * wind.1) })
        return measured("wind \(wind), Peclet number \(peclet), steps", Double(count))
    }

    @Test(arguments: winds) func anyWindIsFollowed(_ wind: (Double, Double)) {
        #expect(steps(10, wind) <= 10)
        #expect(steps(1000, wind) <= 3)
    }

    @Test(arguments: axes) func windsAlongAnAxisLeaveDiffusionAcross(_ wind: (Double, Double)) {
        #expect(steps(10, wind) <= 20)
        #expect(steps(1000, wind) <= 5)
    }

    @Test func automaticChoiceKnowsAWind() {
        // Cycles diverge where coarse grids see a strong wind, and need a handful of steps where they do not; in a gyre winds cancel in the sum.
        func solved(_ matrix: StencilMatrix<Double>) -> SolveReport {
            AutomaticSolver(tolerance: 1e-10).factor(matrix).solve(ModelMatrix.rightHandSide(matrix.nx), startingFrom: nil).report
        }
        for (matrix, method) in [
            (ModelMatrix.upwind(128, peclet: 0.1), "multigrid"), (ModelMatrix.upwind(128, peclet: 10), "incomplete LU"),
            (ModelMatrix.gyre(128, peclet: 10), "incomplete LU"),
        ] {
            let report = solved(matrix)
            #expect(report.isConverged && report.attempts.isEmpty && report.method.contains(method), "\(report.summary)")
        }
    }

    /// On grids whose middle no row or column is more in than another: turned over, an odd number of rows is what it was.
    @Test(arguments: [10.0, 1000], [(1.0, 0.0), (0, 1), (1, 0.5)]) func windsBlowBothWaysAlike(peclet: Double, wind: (Double, Double)) {
        let counts = [1.0, -1].map { sign in
            steps(ModelMatrix.upwind(ny: 65, nx: 65) { _, _ in (sign * peclet * wind.0, sign * peclet * wind.1) })
        }
        #expect(abs(counts[0] - counts[1]) <= 1, "\(counts)")
    }

    /// The product of the factors has the couplings of A, and, but for a hundredth of what it has beside them, A's row sums.
    @Test(arguments: [StencilKind.symmetric, .nonSymmetric], [1, 4, 7, 8]) func productHasTheCouplingsAndRowSums(_ kind: StencilKind, ny: Int) {
        let nx = 6
        let cells = ny * nx
        let c = StencilCase(kind, ny: ny, nx: nx)
        // Diagonals large enough for every pivot to be taken.
        let coefficients = c.coefficients.enumerated().map { $0.offset < cells ? 3 * abs($0.element) + 1 : $0.element }
        let a = DenseMatrix(StencilMatrix(ny: ny, nx: nx, coefficients: coefficients)).rows
        let m = Preconditioner.incompleteFactors.prepare(StencilMatrix(ny: ny, nx: nx, coefficients: coefficients))
        let columns = (0..<cells).map { k in m.apply((0..<cells).map { $0 == k ? 1 : 0 }) }
        for i in 0..<cells {
            let row = DenseMatrix(rows: columns).solve((0..<cells).map { $0 == i ? 1 : 0 })
            var beside = 0.0
            for j in 0..<cells where i != j {
                if a[i][j] != 0 { #expect(abs(row[j] - a[i][j]) < 1e-10) } else { beside += abs(row[j]) }
            }
            #expect(abs(row.reduce(0, +) - a[i].reduce(0, +)) < 0.0101 * beside + 1e-10)
        }
    }

    /// Couplings round a periodic side are left to the iteration: the factors are those of the closed grid.
    @Test(arguments: [StencilShape.fivePoint, .ninePoint]) func ringsAreCutOpen(_ shape: StencilShape) {
        let c = StencilCase(.nonSymmetric, shape, ny: 9, nx: 12)
        // With a wind, so that the order of the cells is the same for all.
        let coefficients = c.coefficients.enumerated().map { [0, 2, 4].contains($0.offset / 108) ? 3 * $0.element : $0.element }
        let closed = Preconditioner.incompleteFactors.prepare(StencilMatrix(shape, ny: 9, nx: 12, coefficients: coefficients))
        for (y, x) in [(false, true), (true, false), (true, true)] {
            let ring = Preconditioner.incompleteFactors.prepare(
                StencilMatrix(shape, ny: 9, nx: 12, periodicY: y, periodicX: x, coefficients: coefficients))
            #expect(relativeError(ring.apply(c.b), closed.apply(c.b)) < 1e-13)
            #expect(relativeError(ring.transposed().apply(c.b), closed.transposed().apply(c.b)) < 1e-13)
        }
    }

    /// Where couplings do not cancel a pivot may vanish; then the cell keeps its diagonal, and a cell without one counts for nothing.
    @Test(arguments: [1.0, 1 + 1e-15, 1.001, -1]) func smallPivotsAreNotTaken(coupling: Double) {
        let a = StencilMatrix(.threePoint, ny: 1, nx: 12, coefficients: [1, coupling, 1].flatMap { [Double](repeating: $0, count: 12) })
        let m = Preconditioner.incompleteFactors.prepare(a)
        let columns = (0..<12).map { k in m.apply((0..<12).map { $0 == k ? 1 : 0 }) }
        #expect(columns.allSatisfy { column in column.contains { $0 != 0 } && column.allSatisfy { abs($0) < 1e4 } })
        let rows = DenseMatrix(rows: columns).transposed.rows
        #expect(rows.allSatisfy { row in row.contains { $0 != 0 } })
        var hollow = a.coefficients
        hollow[5] = 0
        let image = Preconditioner.incompleteFactors.prepare(StencilMatrix(.threePoint, ny: 1, nx: 12, coefficients: hollow)).apply(columns[0])
        #expect(image.allSatisfy { $0.isFinite })
    }

    @Test func stepsHardlyGrowWithTheNumberOfCells() {
        // By sweeps of lines they would be twice as many on twice the number of rows.
        let (coarse, fine) = (steps(ModelMatrix.upwind(64, peclet: 10)), steps(ModelMatrix.upwind(256, peclet: 10)))
        #expect(fine <= coarse + 4)
    }

    @Test func windsThatTurnAreNoHindrance() {
        // Against the order in half of the grid.
        #expect(measured("gyre, steps", Double(steps(ModelMatrix.gyre(128, peclet: 10)))) < 100)
    }

    @Test func windsRoundRings() {
        for (y, x) in [(false, true), (true, false), (true, true)] {
            // With a little decay, since nothing leaves a torus.
            var a = ModelMatrix.upwind(ny: 64, nx: 64) { _, _ in (10, 5) }.coefficients
            for k in 0..<64 * 64 { a[k] += 0.1 }
            let matrix = StencilMatrix(ny: 64, nx: 64, periodicY: y, periodicX: x, coefficients: a)
            #expect(measured("rings \(y) \(x), steps", Double(steps(matrix))) < 100)
        }
    }
}
