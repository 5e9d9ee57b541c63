import StencilSolvers
import TestSupport
import Testing

/// What multigrid interpolates, seen through a cycle of two grids without sweeps: M = P (P^T A P)^-1 P^T, whose values all lie in the range of P.
@Suite struct InterpolationTests {
    static func twoGrids(_ matrix: StencilMatrix<Double>) -> PreparedPreconditioner<Double> {
        Preconditioner.multigrid(MultigridCycle(presmoothing: 0, postsmoothing: 0, coarsestUnknowns: matrix.unknowns - 1)).prepare(matrix)
    }

    /// Closed and periodic grids with odd and even sides, some of which are made coarser in one direction only.
    static func cases(_ kind: StencilKind) -> [StencilCase] {
        StencilShape.allCases.flatMap { shape in
            [(9, 12), (8, 11), (12, 9), (11, 8), (9, 4), (4, 9), (40, 37)].flatMap { ny, nx in
                [(false, false), (false, true), (true, false), (true, true)].map {
                    StencilCase(kind, shape, ny: ny, nx: nx, periodicY: $0.0, periodicX: $0.1)
                }
            }
        }
    }

    /// Where rows add up to nearly nothing, A has nearly nothing to say of a constant. It stays what it is between two grids if weights add
    /// up to 1 everywhere; a single sum that is off by a hundredth would cost more energy than the whole constant has.
    @Test(arguments: cases(.symmetric)) func constantsAreInterpolated(_ c: StencilCase) {
        let cells = c.ny * c.nx
        var coefficients = StencilMatrix(
            c.shape, ny: c.ny, nx: c.nx, periodicY: c.periodicY, periodicX: c.periodicX, coefficients: c.coefficients
        ).coefficients
        for k in 0..<cells { coefficients[k] = 1e-9 - (1..<c.shape.points).reduce(0) { $0 + coefficients[$1 * cells + k] } }
        let a = StencilMatrix(c.shape, ny: c.ny, nx: c.nx, periodicY: c.periodicY, periodicX: c.periodicX, coefficients: coefficients)
        let constant = [Double](repeating: 1, count: cells)
        let error = relativeError(Self.twoGrids(a).apply(a.apply(constant)), constant)
        #expect(measured("\(c), constant between two grids", error) < 0.01)
    }

    /// Whatever the signs and sizes of couplings, weights of a cell add up to 1 in magnitude at most.
    @Test(arguments: cases(.nonSymmetric).filter { $0.shape != .threePoint && min($0.ny, $0.nx) > 4 })
    func noValueIsLargerThanThoseItIsInterpolatedFrom(_ c: StencilCase) {
        let cells = c.ny * c.nx
        let coefficients = c.coefficients.enumerated().map { $0.offset < cells ? 0.2 * $0.element : $0.element }
        let a = StencilMatrix(c.shape, ny: c.ny, nx: c.nx, periodicY: c.periodicY, periodicX: c.periodicX, coefficients: coefficients)
        let z = Self.twoGrids(a).apply(c.b)
        func around(_ k: Int, _ count: Int, _ isPeriodic: Bool) -> [Int] {
            k % 2 == 0 ? [k] : k + 1 < count ? [k - 1, k + 1] : isPeriodic ? [k - 1, 0] : [k - 1]
        }
        for k in 0..<cells {
            let rows = around(k / c.nx, c.ny, c.periodicY)
            let columns = around(k % c.nx, c.nx, c.periodicX)
            let largest = rows.flatMap { j in columns.map { abs(z[j * c.nx + $0]) } }.max() ?? 0
            #expect(abs(z[k]) <= largest * (1 + 1e-12), "cell \(k)")
        }
    }

    /// The coarse grids of A^T are those of A, transposed.
    @Test(arguments: cases(.nonSymmetric)) func transposeHasTheSameTransfers(_ c: StencilCase) {
        let (turned, fresh) = (Self.twoGrids(c.stencil).transposed(), Self.twoGrids(c.stencil.transposed()))
        #expect(measured("\(c), two grids of the transpose", relativeError(turned.apply(c.b), fresh.apply(c.b))) < 1e-9)
    }

    /// - A y = - b has the solution of A y = b, found by the same steps to the last bit.
    @Test(arguments: [StencilKind.symmetric, .nonSymmetric, .withLand], StencilShape.allCases)
    func signOfTheMatrixDoesNotMatter(_ kind: StencilKind, _ shape: StencilShape) {
        let c = StencilCase(kind, shape, ny: 20, nx: 33)
        let negative = StencilMatrix(shape, ny: c.ny, nx: c.nx, coefficients: c.coefficients.map { -$0 })
        for cycle in [MultigridCycle(coarsestUnknowns: 20), MultigridCycle(.f, coarsestUnknowns: 20, precision: .single)] {
            let (plain, other) = (Preconditioner.multigrid(cycle).prepare(c.stencil), Preconditioner.multigrid(cycle).prepare(negative))
            #expect(other.apply(c.b) == plain.apply(c.b).map { -$0 })
            let solver = Multigrid(tolerance: 1e-10, maximumCycles: 20, cycle: cycle)
            let (y, report) = solver.factor(c.stencil).solve(c.b, startingFrom: nil)
            let (z, otherReport) = solver.factor(negative).solve(c.b.map { -$0 }, startingFrom: nil)
            #expect(y == z && report.iterations == otherReport.iterations && report.status == otherReport.status)
        }
    }

    /// A wind along y and nothing else: what a row says of its neighbours along x, and its diagonal without those along y, is zero.
    @Test(arguments: [StencilDirection.south, .north]) func nothingIsDividedByNothing(_ from: StencilDirection) {
        var coefficients = [Double](repeating: 0, count: 5 * 99)
        for k in 0..<99 { (coefficients[k], coefficients[from.rawValue * 99 + k]) = (1, -1) }
        let a = StencilMatrix(ny: 9, nx: 11, coefficients: coefficients)
        let b = StencilCase(.symmetric, ny: 9, nx: 11).b
        let m = Self.twoGrids(a)
        let once = m.apply(b)
        #expect(once.allSatisfy { $0.isFinite } && relativeError(m.apply(a.apply(once)), once) < 1e-10)
    }
}
