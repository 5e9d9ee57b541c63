import Layers
import StencilSolvers
import Tensors
import TestSupport
import Testing
import _Differentiation

/// Operators between cells and faces, and the matrix I - div(c grad) that they make.
@Suite struct FaceOperatorTests {
    static let sizes = [[2, 1, 1], [2, 1, 7], [1, 6, 1], [2, 5, 4], [1, 33, 17]]

    private func faces(_ size: [Int], open: Bool = true) -> Tensor<Double> {
        // Thirds, because sums of the samples themselves are exact in double precision.
        var flux = sampleTensor([size[0], 2, size[1], size[2]], seed: 2).scaled(by: 1 / 3)
        let (ny, nx) = (size[1], size[2])
        guard !open else { return flux }
        for k in flux.scalars.indices {
            let cell = k % (ny * nx)
            let isNorth = k / (ny * nx) % 2 == 1
            if isNorth ? cell / nx == ny - 1 : cell % nx == nx - 1 { flux.scalars[k] = 0 }
        }
        return flux
    }

    private func cells(_ size: [Int]) -> Tensor<Double> { sampleTensor([size[0], 1, size[1], size[2]], seed: 3).scaled(by: 1 / 3) }

    @Test(arguments: sizes) func divergenceSumsToZero(_ size: [Int]) {
        let flux = faces(size)
        #expect(measured("sum of div f, \(size)", abs(flux.faceDivergence().total) / flux.scalars.reduce(0) { $0 + abs($1) }) < 1e-15)
        let single = flux.converted(to: Float.self)
        #expect(abs(single.faceDivergence().total) / Double(single.scalars.reduce(0) { $0 + abs($1) }) < 1e-7)
    }

    @Test(arguments: sizes) func differenceIsTheNegativeTransposeOfDivergence(_ size: [Int]) {
        let (flux, y) = (faces(size, open: false), cells(size))
        let (left, right) = (flux.faceDivergence().dot(y), flux.dot(y.faceDifference()))
        let scale = max(flux.squaredNorm, y.squaredNorm)
        #expect(measured("<div f, y> + <f, diff y>, \(size)", abs(left + right) / scale) < 1e-14)
        #expect(flux.faceDivergence() == faces(size).faceDivergence(), "the outer edge is closed")
    }

    @Test func divergenceAndDifferenceOfKnownFields() {
        // 1 x 3 cells: fluxes 1 and 2 through the inner faces; the 9 leaves through the closed edge and counts nothing.
        let flux = Tensor(shape: [1, 2, 1, 3], scalars: [1.0, 2, 9, 9, 9, 9])
        #expect(flux.faceDivergence().scalars == [1, 1, -2])
        let y = Tensor(shape: [1, 1, 2, 2], scalars: [1.0, 4, 9, 16])
        #expect(y.faceDifference().scalars == [3, 0, 7, 0, 8, 12, 0, 0])
    }

    @Test(arguments: sizes) func gradientsAreCentralDifferences(_ size: [Int]) {
        guard size[1] * size[2] < 100 else { return }
        let operators: [(String, Tensor<Double>, ([Tensor<Double>]) -> Linearised<Double>)] = [
            ("divergence", faces(size), { Linearised(at: $0[0]) { $0.faceDivergence() } }),
            ("difference", cells(size), { Linearised(at: $0[0]) { $0.faceDifference() } }),
            ("flux-form stencil", faces(size), { Linearised(at: $0[0]) { $0.fluxFormStencil() } }),
        ]
        for (name, input, operation) in operators {
            let check = GradientCheck([input], of: operation)
            #expect(measured("\(name) \(size), difference", check.differenceErrors(step: 1e-3)[0]) < 1e-10)
            // A single cell has no inner face: nothing depends on anything.
            if size[1] * size[2] > 1 { #expect(measured("\(name) \(size), dot product", check.dotProductError(step: 1e-3)) < 1e-10) }
            #expect(operation([input]).pullback(.zero)[0].isSymbolicZero)
        }
    }

    @Test(arguments: sizes) func fluxFormStencilIsAnMMatrix(_ size: [Int]) {
        let c = Tensor(shape: faces(size).shape, scalars: faces(size).scalars.map(abs))
        let plane = size[1] * size[2]
        let coefficients = c.fluxFormStencil().scalars
        for sample in 0..<size[0] {
            let own = Array(coefficients[5 * sample * plane..<5 * (sample + 1) * plane])
            let stencil = StencilMatrix(ny: size[1], nx: size[2], coefficients: own)
            #expect(stencil.coefficients == own, "no coupling leaves the grid")
            #expect(stencil.isSymmetric())
            #expect(own[0..<plane].allSatisfy { $0 >= 1 } && own[plane...].allSatisfy { $0 <= 0 })
            let sums = stencil.apply([Double](repeating: 1, count: plane))
            #expect(measured("row sums - 1, \(size)", sums.map { abs($0 - 1) }.max() ?? 0) < 4e-15)
        }
    }

    @Test(arguments: sizes) func fluxFormStencilIsIdentityMinusDivergenceOfTheGradient(_ size: [Int]) {
        let (c, y) = (faces(size), cells(size))
        let plane = size[1] * size[2]
        let coefficients = c.fluxFormStencil().scalars
        var applied: [Double] = []
        for first in stride(from: 0, to: y.count, by: plane) {
            let own = Array(coefficients[5 * first..<5 * (first + plane)])
            let stencil = StencilMatrix(ny: size[1], nx: size[2], coefficients: own)
            applied += stencil.apply(Array(y.scalars[first..<first + plane]))
        }
        #expect(relativeError(applied, (y - (c * y.faceDifference()).faceDivergence()).scalars) < 1e-14)
    }
}
