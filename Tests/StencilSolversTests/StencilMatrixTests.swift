import StencilSolvers
import TestSupport
import Testing

@Suite struct StencilMatrixTests {
    @Test(arguments: StencilCase.all) func appliesTheMatrixAndItsTranspose(_ c: StencilCase) {
        #expect(measured("\(c), apply", relativeError(c.stencil.apply(c.b), c.dense.times(c.b))) < 1e-14)
        #expect(measured("\(c), transpose", relativeError(c.stencil.transposed().apply(c.b), c.dense.transposed.times(c.b))) < 1e-14)
        let single = c.matrix(Float.self).apply(c.b.map { Float($0) }).map { Double($0) }
        #expect(measured("\(c), apply in Float", relativeError(single, c.dense.times(c.b))) < 5e-6)
    }

    @Test(arguments: StencilCase.all) func transposeIsTheAdjoint(_ c: StencilCase) {
        let forward = inner(c.b, c.stencil.apply(c.guess))
        let backward = inner(c.stencil.transposed().apply(c.b), c.guess)
        let size = zip(c.b, c.stencil.apply(c.guess)).reduce(0) { $0 + abs($1.0 * $1.1) }
        #expect(measured("\(c), <y, A x> - <A^T y, x>", abs(forward - backward) / size) < 1e-13)
    }

    @Test(arguments: StencilCase.all) func transposeOfTheTransposeIsTheMatrix(_ c: StencilCase) {
        #expect(c.stencil.transposed().transposed() == c.stencil)
    }

    @Test(arguments: StencilCase.all) func knowsItsMeasures(_ c: StencilCase) throws {
        let (rows, measures) = (c.dense.rows, c.stencil.measures)
        #expect(measures.isSymmetric == (rows == c.dense.transposed.rows))
        #expect(c.stencil.isSymmetric() == (c.stencil == c.stencil.transposed()))
        func off(_ rows: [[Double]], _ k: Int) -> Double { rows[k].indices.reduce(0) { $1 == k ? $0 : $0 + abs(rows[k][$1]) } }
        let (columns, size) = (c.dense.transposed.rows, rows.indices.map { abs(rows[$0][$0]) }.max() ?? 0)
        func margin(_ rows: [[Double]]) -> Double { rows.indices.map { abs(rows[$0][$0]) - off(rows, $0) }.min() ?? 0 }
        #expect(abs(measures.jacobiBound - (rows.indices.map { off(rows, $0) / abs(rows[$0][$0]) }.max() ?? 0)) <= 1e-14)
        #expect(measures.transposed == c.stencil.transposed().measures)
        #expect(abs(measures.rowMargin - margin(rows)) < 1e-14 * size)
        #expect(abs(measures.columnMargin - margin(columns)) < 1e-14 * size)
        #expect(measures.hasPositiveDiagonal == rows.indices.allSatisfy { rows[$0][$0] > 0 })
        #expect(measures.isFinite && measures.hasNonzeroDiagonal)
        if let bound = measures.inverseBound {
            #expect(margin(rows) > 0 && margin(columns) > 0)
            // |A^-1 b| <= bound |b|, for a b at hand.
            #expect(norm(c.dense.solve(c.b)) <= bound * norm(c.b) * (1 + 1e-12))
        } else {
            #expect(margin(rows) <= 1e-14 * size || margin(columns) <= 1e-14 * size)
        }
    }

    /// Large matrices are measured in parts, side by side: each must see what no other does.
    @Test(arguments: [0, 60_000, 100_000, 159_999], [false, true]) func oneCellOfManyIsMeasured(cell: Int, isPeriodic: Bool) {
        let n = 400
        let plain = [9.0, -1, -2, -1, -2].flatMap { [Double](repeating: $0, count: n * n) }
        func measures(_ change: (inout [Double]) -> Void) -> StencilMeasures {
            var a = plain
            change(&a)
            return StencilMatrix(ny: n, nx: n, periodicY: isPeriodic, periodicX: isPeriodic, coefficients: a).measures
        }
        let usual = measures { _ in }
        #expect(usual.rowMargin == 3 && usual.columnMargin == 3 && usual.isFinite && usual.jacobiBound == 6.0 / 9)
        let inner = cell / n * n + min(max(cell % n, 1), n - 2)
        let weak = measures { $0[inner] = 1 }
        #expect(weak.rowMargin < 0 && weak.columnMargin < 0 && weak.jacobiBound > 2 && weak.transposedJacobiBound > 2)
        #expect(!measures { $0[cell] = .nan }.isFinite)
        #expect(!measures { $0[cell] = 0 }.hasNonzeroDiagonal && !measures { $0[cell] = -9 }.hasPositiveDiagonal)
        // A row that says more of its neighbours weakens itself and the columns of those.
        let strong = measures { for d in 1..<5 { $0[d * n * n + inner] *= 4 } }
        #expect(strong.rowMargin < 0 && strong.columnMargin < 3)
    }

    @Test func couplingsOutOfTheGridAreDropped() {
        // The whole of the matrix of a single cell is its center.
        let stencil = StencilMatrix(ny: 1, nx: 1, coefficients: [2.0, 7, 7, 7, 7])
        #expect(stencil.coefficients == [2, 0, 0, 0, 0] && stencil.apply([3]) == [6])
        let row = StencilMatrix(ny: 1, nx: 2, coefficients: [1.0, 1] + [Double](repeating: 7, count: 8))
        #expect(row.coefficients == [1, 1, 7, 0, 0, 7, 0, 0, 0, 0])
    }

    @Test func shortRingsLeadBack() {
        // Once round a ring of one cell, and both ways round a ring of two.
        let one = StencilMatrix(.threePoint, ny: 1, nx: 1, periodicX: true, coefficients: [2.0, 3, 5])
        #expect(one.coefficients == [10, 0, 0] && !one.periodicX)
        let two = StencilMatrix(.threePoint, ny: 1, nx: 2, periodicX: true, coefficients: [1.0, 1, 2, 3, 5, 7])
        #expect(two.coefficients == [1, 1, 7, 0, 0, 10])
    }

    /// A = [[1.9, 0], [-0.9, 1]]: columns dominate by 1, rows by 0.1, and |A^-1| is above 1 and below 10.
    @Test func boundIsOfRowsAndColumns() throws {
        let a = StencilMatrix(.threePoint, ny: 1, nx: 2, coefficients: [1.9, 1, 0, 0, 0, -0.9])
        for matrix in [a, a.transposed()] {
            let largest = try #require((0..<100).map { k in
                let angle = [Double(k) / 50 - 1, 1 - abs(Double(k) / 50 - 1)]
                return norm(DenseMatrix(matrix).solve(angle)) / norm(angle)
            }.max())
            let bound = try #require(matrix.measures.inverseBound)
            #expect(largest > 1.05 && largest <= bound && bound < 3.2)
        }
    }

    @Test func measuresTellWhatIsWrong() {
        var a = StencilCase(.symmetric, ny: 5, nx: 4).coefficients
        a[7] = -a[7]
        #expect(!StencilMatrix(ny: 5, nx: 4, coefficients: a).measures.hasPositiveDiagonal)
        a[7] = 0
        let zero = StencilMatrix(ny: 5, nx: 4, coefficients: a).measures
        #expect(!zero.hasNonzeroDiagonal && zero.jacobiBound == .infinity && zero.inverseBound == nil && zero.isFinite)
        for value in [Double.nan, .infinity] {
            a[7] = value
            #expect(!StencilMatrix(ny: 5, nx: 4, coefficients: a).measures.isFinite)
            #expect(!StencilMatrix(ny: 5, nx: 4, coefficients: a).measures.isSymmetric)
        }
        a = StencilCase(.symmetric, ny: 5, nx: 4).coefficients
        a[21].negate()
        #expect(!StencilMatrix(ny: 5, nx: 4, coefficients: a).isSymmetric())
    }
}

func inner(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
func norm(_ a: [Double]) -> Double { inner(a, a).squareRoot() }
