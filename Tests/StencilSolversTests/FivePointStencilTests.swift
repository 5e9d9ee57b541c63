import StencilSolvers
import TestSupport
import Testing

@Suite struct FivePointStencilTests {
    @Test(arguments: StencilCase.all) func appliesTheMatrixAndItsTranspose(_ c: StencilCase) {
        #expect(measured("\(c), apply", relativeError(c.stencil.apply(c.b), c.dense.times(c.b))) < 1e-15)
        #expect(measured("\(c), transpose", relativeError(c.stencil.transposed().apply(c.b), c.dense.transposed.times(c.b))) < 1e-15)
    }

    @Test(arguments: StencilCase.all) func transposeIsTheAdjoint(_ c: StencilCase) {
        func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        let forward = dot(c.b, c.stencil.apply(c.guess))
        let backward = dot(c.stencil.transposed().apply(c.b), c.guess)
        let size = zip(c.b, c.stencil.apply(c.guess)).reduce(0) { $0 + abs($1.0 * $1.1) }
        #expect(measured("\(c), <y, A x> - <A^T y, x>", abs(forward - backward) / size) < 1e-13)
    }

    @Test(arguments: StencilCase.all) func transposeOfTheTransposeIsTheMatrix(_ c: StencilCase) {
        #expect(c.stencil.transposed().transposed() == c.stencil)
    }

    @Test(arguments: StencilCase.all) func knowsSymmetryAndDominance(_ c: StencilCase) {
        #expect(c.stencil.isSymmetric() == (c.kind != .nonSymmetric || c.ny * c.nx == 1))
        let rows = c.dense.rows
        let worst = rows.indices.map { k in
            rows[k].indices.reduce(0) { $1 == k ? $0 : $0 + abs(rows[k][$1]) } / abs(rows[k][k])
        }.max() ?? 0
        #expect(abs(c.stencil.jacobiBound() - worst) <= 1e-15)
    }

    @Test func couplingsOutOfTheGridAreDropped() {
        // The whole of the matrix of a single cell is its center.
        let stencil = FivePointStencil(ny: 1, nx: 1, coefficients: [2.0, 7, 7, 7, 7])
        #expect(stencil.coefficients == [2, 0, 0, 0, 0] && stencil.apply([3]) == [6])
        let row = FivePointStencil(ny: 1, nx: 2, coefficients: [1.0, 1] + [Double](repeating: 7, count: 8))
        #expect(row.coefficients == [1, 1, 7, 0, 0, 7, 0, 0, 0, 0])
    }
}
