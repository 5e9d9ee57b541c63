import Layers
import StencilSolvers
import Tensors
import TestSupport
import Testing
import _Differentiation

/// The implicit layer's gradient, by the implicit function theorem, against finite differences and dense elimination.
@Suite struct LinearImplicitTests {
    /// Two samples of one kind: stencil [2, 5, y, x], right-hand side and guess [2, 1, y, x].
    struct Batch: Sendable, CustomTestStringConvertible {
        let cases: [StencilCase]
        var testDescription: String { "2 of \(cases[0])" }

        init(_ kind: StencilKind, ny: Int, nx: Int) { cases = (0..<2).map { StencilCase(kind, ny: ny, nx: nx, index: $0) } }

        private func tensor(_ channels: Int, _ values: (StencilCase) -> [Double]) -> Tensor<Double> {
            Tensor(shape: [cases.count, channels, cases[0].ny, cases[0].nx], scalars: cases.flatMap(values))
        }
        var stencil: Tensor<Double> { tensor(5) { $0.stencil.coefficients } }
        var b: Tensor<Double> { tensor(1) { $0.b } }
        var guess: Tensor<Double> { tensor(1) { $0.guess } }
        var cotangent: Tensor<Double> { sampleTensor(b.shape, seed: 4) }
    }

    static let batches = StencilKind.allCases.flatMap { kind in [(1, 1), (1, 7), (5, 4)].map { Batch(kind, ny: $0.0, nx: $0.1) } }

    private func linearised(
        _ inputs: [Tensor<Double>], _ layer: LinearImplicit = LinearImplicit(solver: RedBlackGaussSeidel(tolerance: 1e-14))
    ) -> Linearised<Double> {
        Linearised(at: inputs[0], inputs[1]) { layer.apply(stencil: $0, b: $1, startingFrom: inputs[2]) }
    }

    @Test(arguments: batches) func gradientIsTheCentralDifference(_ batch: Batch) {
        let check = GradientCheck([batch.stencil, batch.b, batch.guess], of: { linearised($0) })
        let errors = check.differenceErrors()
        #expect(measured("\(batch.testDescription), gradient of the coefficients", errors[0]) < 1e-7)
        #expect(measured("\(batch.testDescription), gradient of the right-hand side", errors[1]) < 1e-7)
        #expect(measured("\(batch.testDescription), dot product", check.dotProductError()) < 1e-7)
        for order in check.taylorOrders(steps: [1e-3, 5e-4, 2.5e-4]) {
            #expect(abs(measured("\(batch.testDescription), Taylor order", order) - 2) < 0.1)
        }
    }

    @Test(arguments: batches) func adjointIsTheSolutionOfTheTransposedSystem(_ batch: Batch) {
        let (size, cells) = (batch.cases.count, batch.b.count / 2)
        let gradients = linearised([batch.stencil, batch.b, batch.guess]).pullback(batch.cotangent)
        let offsets = [0, 1, -1, batch.cases[0].nx, -batch.cases[0].nx]
        var adjoint: [Double] = []
        var coefficients: [Double] = []
        for sample in 0..<size {
            let c = batch.cases[sample]
            let z = c.dense.transposed.solve(Array(batch.cotangent.scalars[sample * cells..<(sample + 1) * cells]))
            let y = c.dense.solve(c.b)
            adjoint += z
            // d(A)(k, n) contributes -z(k) y(n); couplings out of the grid do not exist.
            let ones = StencilMatrix(ny: c.ny, nx: c.nx, coefficients: [Double](repeating: 1, count: 5 * cells)).coefficients
            for (plane, offset) in offsets.enumerated() {
                coefficients += (0..<cells).map { ones[plane * cells + $0] == 0 ? 0 : -z[$0] * y[$0 + offset] }
            }
        }
        #expect(measured("\(batch.testDescription), adjoint", relativeError(gradients[1].scalars, adjoint)) < 1e-11)
        #expect(measured("\(batch.testDescription), coefficients", relativeError(gradients[0].scalars, coefficients)) < 1e-11)
    }

    @Test(arguments: [Batch(.symmetric, ny: 5, nx: 4), Batch(.nonSymmetric, ny: 5, nx: 4)], [1e-30, 1e-15, 1, 1e15, 1e30])
    func gradientIsAsGoodForCotangentsOfAnySize(_ batch: Batch, scale: Double) {
        // A loose tolerance shows the solver's error, which must be relative to the cotangent.
        let layer = LinearImplicit(solver: RedBlackGaussSeidel(tolerance: 1e-6))
        let inputs = [batch.stencil, batch.b, batch.guess]
        let exact = linearised(inputs, LinearImplicit(solver: DenseSolver())).pullback(batch.cotangent)
        let found = linearised(inputs, layer).pullback(batch.cotangent.scaled(by: scale))
        for (a, b) in zip(found, exact) {
            #expect(measured("\(batch.testDescription), cotangent times \(scale)", relativeError(a.scaled(by: 1 / scale), b)) < 1e-5)
        }
        #expect(layer.monitor.drain().failure == nil)
    }

    @Test(arguments: batches) func guessDoesNotMatter(_ batch: Batch) {
        let solution = linearised([batch.stencil, batch.b, batch.guess]).value
        let guesses = [solution.scaled(by: 0.9), solution, batch.b.scaled(by: 1e3), Tensor(shape: batch.b.shape, repeating: 0)]
        let results = guesses.map { linearised([batch.stencil, batch.b, $0]) }
        for other in results.dropFirst() {
            #expect(relativeError(other.value, results[0].value) < 1e-12)
            for (a, b) in zip(other.pullback(batch.cotangent), results[0].pullback(batch.cotangent)) {
                #expect(measured("\(batch.testDescription), guess", relativeError(a, b)) < 1e-12)
            }
        }
    }

    @Test func floatAgreesWithDouble() {
        let batch = Batch(.symmetric, ny: 5, nx: 4)
        let layer = LinearImplicit(solver: RedBlackGaussSeidel(tolerance: 1e-6))
        let guess = batch.guess.converted(to: Float.self)
        let float = Linearised(at: batch.stencil.converted(to: Float.self), batch.b.converted(to: Float.self)) {
            layer.apply(stencil: $0, b: $1, startingFrom: guess)
        }
        let double = linearised([batch.stencil, batch.b, batch.guess])
        #expect(relativeError(float.value, double.value) < 1e-5)
        for (a, b) in zip(float.pullback(batch.cotangent.converted(to: Float.self)), double.pullback(batch.cotangent)) {
            #expect(measured("implicit layer in Float", relativeError(a, b)) < 1e-5)
        }
    }

    @Test func pullbackOfNothingIsNothing() {
        let batch = Batch(.symmetric, ny: 5, nx: 4)
        #expect(linearised([batch.stencil, batch.b, batch.guess]).pullback(.zero).allSatisfy { $0.isSymbolicZero })
    }

    @Test func monitorSeesEverySolve() throws {
        let batch = Batch(.symmetric, ny: 5, nx: 4)
        let layer = LinearImplicit(solver: RedBlackGaussSeidel(tolerance: 1e-6, maximumSweeps: 7))
        _ = linearised([batch.stencil, batch.b, batch.guess], layer).pullback(batch.cotangent)
        let record = layer.monitor.drain()
        #expect(record.forward.solves == 2 && record.backward.solves == 2)
        #expect(record.forward.iterations == 14 && record.forward.meanIterations == 7 && record.backward.largestIterations == 7)
        let failure = try #require(record.failure)
        #expect(failure.direction == .forward && failure.report.status == .iterationLimit)
        let empty = layer.monitor.drain()
        #expect(empty.forward.solves == 0 && empty.failure == nil && empty.forward.meanIterations == 0)
    }
}
