import Assimilation
import Basics
import Dynamics
import Optimisation
import ReferenceModels
import TestSupport
import Testing

/// Derivatives of the cost on Lorenz '96, strong and weak constraint.
struct WindowCostTests {
    private static func costs() throws -> [WindowCost<Lorenz96Model>] {
        let window = try Lorenz96Window(steps: 12, every: 3)
        return [
            try window.cost(), try window.cost(modelError: DiagonalCovariance(deviations: [Double](repeating: 0.1, count: 40))),
        ]
    }

    @Test func theTangentAndTheAdjointOfAWindowAreOnePair() throws {
        for cost in try Self.costs() {
            let size = cost.controlSize
            let linearised = try LinearisedWindow(cost, at: normals(size, seed: 1).map { 0.2 * $0 })
            let (direction, cotangents) = (normals(size, seed: 2), cost.window.batches.indices.map { normals(20, seed: 3, index: $0) })
            let (images, gradient) = (try linearised.tangent(direction), try linearised.adjoint(cotangents))
            #expect(dotProductError(images.flatMap(\.self), cotangents.flatMap(\.self), direction, gradient) < 1e-14)
        }
    }

    /// Taylor: the remainder of the first order falls with the square of the step.
    @Test func theGradientIsThatOfTheCost() throws {
        for cost in try Self.costs() {
            let (control, direction) = (normals(cost.controlSize, seed: 4).map { 0.2 * $0 }, normals(cost.controlSize, seed: 5))
            let here = try cost.evaluate(control).evaluation
            let slope = inner(here.gradient, direction)
            let remainders = try [1e-3, 1e-4, 1e-5].map { step in
                abs(try cost.evaluate(zip(control, direction).map { $0 + step * $1 }).evaluation.value - here.value - step * slope)
            }
            for k in 0..<2 { #expect((90...111).contains(remainders[k] / remainders[k + 1]), "\(remainders)") }
        }
    }

    /// Of a cost whose departures are small the Gauss-Newton matrix is nearly the derivative of the gradient; with exact observations it is it.
    @Test func theProductIsTheDerivativeOfTheGradientWhereDeparturesVanish() throws {
        let sample = try Lorenz96Window(steps: 6, every: 2)
        let perfect = try sample.window.batches.map { batch in
            let state = try sample.model.advance(sample.background, steps: batch.step - 7)
            return try ObservationBatch(
                step: batch.step, batch.observationOperator, values: batch.observationOperator.apply(state.vector), variances: batch.variances)
        }
        let cost = try WindowCost(
            model: sample.model, background: sample.background, window: ObservationWindow(firstStep: 7, steps: 6, batches: perfect),
            covariance: sample.covariance)
        let (zero, direction) = ([Double](repeating: 0, count: 40), normals(40, seed: 6))
        let product = try LinearisedWindow(cost, at: zero).product(direction)
        let step = 1e-5
        let (ahead, behind) = (
            try cost.evaluate(direction.map { step * $0 }).evaluation.gradient, try cost.evaluate(direction.map { -step * $0 }).evaluation.gradient
        )
        let difference = zip(ahead, behind).map { ($0 - $1) / (2 * step) }
        #expect(distance(product, difference) < 1e-7 * product.map(abs).max()!)
    }

    @Test func theTermsAreWhatTheyAreCalled() throws {
        let cost = try Self.costs()[0]
        let control = normals(40, seed: 7)
        let (evaluation, terms) = try cost.evaluate(control)
        let (departures, final) = try cost.departures(control)
        let observations = zip(cost.window.batches, departures).reduce(0) { sum, pair in
            sum + 0.5 * pair.1.indices.reduce(0) { $0 + pair.1[$1] * pair.1[$1] / pair.0.variances[$1] }
        }
        #expect(terms.background == 0.5 * inner(control, control) && evaluation.value == terms.total)
        #expect(abs(terms.observations - observations) < 1e-12 * observations)
        let run = try cost.model.advance(cost.initialState(control), steps: 12)
        #expect(final == run)
    }

    @Test func sizesThatDoNotAgreeAreRefused() throws {
        let sample = try Lorenz96Window(steps: 3, every: 1)
        #expect(complaint(.invalidInput, "2 values of a state in the background covariance", "40") {
            _ = try WindowCost(
                model: sample.model, background: sample.background, window: sample.window, covariance: DiagonalCovariance(deviations: [1, 1]))
        } == nil)
        #expect(complaint(.invalidInput, "3 values of a control") { _ = try sample.cost().evaluate([1, 2, 3]) } == nil)
        let batch = try ObservationBatch(step: 0, WeightedComponents(stateSize: 3, components: [0]), values: [1], variances: [1])
        #expect(complaint(.invalidInput, "observations of step 0") {
            _ = try WindowCost(
                model: sample.model, background: sample.background, window: ObservationWindow(steps: 1, batches: [batch]),
                covariance: sample.covariance)
        } == nil)
    }
}
