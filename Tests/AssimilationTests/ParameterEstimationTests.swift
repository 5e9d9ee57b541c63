import Assimilation
import Basics
import Dynamics
import Optimisation
import ReferenceModels
import TestSupport
import Testing

struct ParameterEstimationTests {
    // MARK: Transforms

    @Test(arguments: [-Double.infinity ... .infinity, 2 ... .infinity, -.infinity...5, 0.5...1])
    func transformsAreInvertedAndDifferentiated(range: ClosedRange<Double>) throws {
        let transform = ParameterTransform(range)
        for t in [-3.0, -0.2, 0.0, 0.7, 4.0] {
            #expect(range.contains(transform.value(t)))
            #expect(abs(try transform.unbounded(transform.value(t)) - t) < 1e-12)
            let difference = (transform.value(t + 1e-5) - transform.value(t - 1e-5)) / 2e-5
            #expect(abs(transform.slope(t) - difference) < 1e-8 * max(1, abs(difference)))
        }
        for bound in [range.lowerBound, range.upperBound] {
            #expect(complaint(.invalidInput, "does not lie between") { _ = try transform.unbounded(bound) } == nil)
        }
    }

    @Test func deviationsOfADistributionAreThoseAskedFor() throws {
        let transforms = [ParameterTransform(0 ... .infinity), ParameterTransform(0.5...1), ParameterTransform(-.infinity ... .infinity)]
        let distribution = try ParameterDistribution(transforms, medians: [3, 0.6, -2], deviations: [1.5, 0.05, 4])
        #expect(distance(distribution.medians, [3, 0.6, -2]) < 1e-14)
        #expect(distance(distribution.deviations, [1.5, 0.05, 4]) < 1e-14)
        #expect(distribution.correlation(0, 1) == 0)
    }

    /// Taylor's remainder of the gradient, and the dot product of the window's tangent-linear and adjoint.
    private func expectDerivatives<Model: AdjointModel & TangentLinearModel>(
        of cost: WindowCost<Model>, at control: [Double], along direction: [Double]
    ) throws {
        let here = try cost.evaluate(control).evaluation
        let slope = dot(here.gradient, direction)
        let remainders = try [1e-3, 1e-4, 1e-5].map { e in
            abs(try cost.evaluate(zip(control, direction).map { $0 + e * $1 }).evaluation.value - here.value - e * slope)
        }
        for k in 0..<2 { #expect((90...111).contains(remainders[k] / remainders[k + 1]), "\(remainders)") }
        let linearised = try LinearisedWindow(cost, at: control)
        let cotangents = cost.window.batches.indices.map { normals(cost.window.batches[$0].values.count, seed: 3, index: $0) }
        let error = dotProductError(
            try linearised.tangent(direction).flatMap(\.self), cotangents.flatMap(\.self), direction, try linearised.adjoint(cotangents))
        #expect(error < 1e-14)
    }

    // MARK: Linear models

    /// x -> M x + p c: with it the augmented problem is linear, and the Kalman smoother's estimate is known.
    private struct DrivenModel: ParametricModel {
        let linear = LinearModel(size: 4)
        var strength = 0.0
        var range = -Double.infinity ... .infinity
        private let pattern = [1.0, -0.5, 0.25, 2]
        var timeStep: Double { 1 }
        var modelParameters: [ModelParameter] {
            [ModelParameter(name: "strength", unit: "1", range: range, value: strength)]
        }

        func withParameters(_ values: [Double]) -> DrivenModel {
            var copy = self
            copy.strength = values[0]
            return copy
        }
        func step(_ state: VectorState) -> VectorState { tangentStep(at: state, number: 0, applying: state, parameters: [strength]) }
        func tangentStep(at state: VectorState, applying perturbation: VectorState) -> VectorState { linear.step(perturbation) }
        func adjointStep(at state: VectorState, applying cotangent: VectorState) -> VectorState { linear.adjointStep(at: state, applying: cotangent) }
        func tangentStep(at state: VectorState, number: Int, applying perturbation: VectorState, parameters: [Double]) -> VectorState {
            VectorState(vector: zip(linear.step(perturbation).vector, pattern).map { $0 + parameters[0] * $1 })
        }
        func parametricAdjointStep(
            at state: VectorState, number: Int, applying cotangent: VectorState
        ) -> (state: VectorState, parameters: [Double]) {
            (linear.adjointStep(at: state, applying: cotangent), [dot(cotangent.vector, pattern)])
        }
    }

    private static let bounds: [ClosedRange<Double>] = [0 ... .infinity, -.infinity...2, 0...1]
    private static let exactly = Minimiser.gaussNewton(outerLoops: 5, inner: ConjugateGradients(tolerance: 1e-14, maximumIterations: 100))
    private static let exactSolver = ConjugateGradients(tolerance: 1e-13, maximumIterations: 100)

    private func window(_ first: Int) throws -> ObservationWindow {
        try ObservationWindow(
            firstStep: first, steps: 4,
            batches: [1, 3, 4].map { step in
                try ObservationBatch(
                    step: first + step, WeightedComponents(stateSize: 4, components: [0, 2]), values: normals(2, seed: 3, index: first + step),
                    variances: [0.3, 0.7])
            })
    }

    /// The estimate in closed form, by the dense matrix of all observations as functions of (x_0, p).
    @Test func aLinearProblemHasItsClosedForm() throws {
        let model = try AugmentedModel(DrivenModel(), estimating: ["strength"])
        let b = try DiagonalCovariance(deviations: [0.5, 1, 0.8, 0.2])
        let estimation = ParameterEstimation(
            model: model, stateCovariance: b, minimiser: Self.exactly, tolerance: 1e-12, solver: Self.exactSolver)
        let background = VectorState(vector: normals(4, seed: 1))
        let prior = try ParameterDistribution(model.transforms, medians: [0.4], deviations: [1.3])
        let found = try estimation.estimate(window(0), from: background, prior: prior)

        func observed(_ x: [Double], _ p: Double) throws -> [Double] {
            var state = VectorState(vector: x)
            var values: [Double] = []
            for step in 1...4 {
                state = DrivenModel().withParameters([p]).step(state)
                if step != 2 { values += [state.vector[0], state.vector[2]] }
            }
            return values
        }
        let columns = try (0..<5).map { k in
            try zip(observed((0..<4).map { $0 == k ? 1 : 0 }, k == 4 ? 1 : 0), observed([0, 0, 0, 0], 0)).map { $0 - $1 }
        }
        let g = DenseMatrix(rows: columns).flipped
        let p = DenseMatrix.diagonal(b.variances + [1.69])
        let gain = ((g * p * g.flipped) + .diagonal([0.3, 0.7, 0.3, 0.7, 0.3, 0.7])).solve(g * p).flipped
        let d = zip(try window(0).batches.flatMap(\.values), try observed(background.vector, 0.4)).map { $0 - $1 }
        let change = gain.times(d)
        #expect(abs(found.parameters.medians[0] - 0.4 - change[4]) < 1e-11)
        #expect(distance(found.initial.vector, zip(background.vector, change).map { $0 + $1 }) < 1e-11)
        let variance = 1.69 - (gain * (g * p)).rows[4][4]
        #expect(abs(found.parameters.deviations[0] - variance.squareRoot()) < 1e-11)
    }

    /// With a known state, windows one after the other give what all of them give at once.
    @Test func windowsAddUpWhereTheStateIsKnown() throws {
        let model = try AugmentedModel(DrivenModel(), estimating: ["strength"])
        let estimation = ParameterEstimation(
            model: model, stateCovariance: KnownValues(count: 4), minimiser: Self.exactly, tolerance: 1e-12, solver: Self.exactSolver)
        let start = VectorState(vector: normals(4, seed: 2))
        let prior = try ParameterDistribution(model.transforms, medians: [0.4], deviations: [1.3])
        let (first, second) = (try window(0), try window(0))
        let one = try estimation.estimate(first, from: start, prior: prior)
        let two = try estimation.estimate(second, from: start, prior: one.parameters)
        let both = try ObservationWindow(steps: 4, batches: first.batches + second.batches)
        let together = try estimation.estimate(both, from: start, prior: prior)
        #expect(abs(two.parameters.medians[0] - together.parameters.medians[0]) < 1e-11)
        #expect(abs(two.parameters.deviations[0] - together.parameters.deviations[0]) < 1e-11)
    }

    /// Taylor, where the parameter has bounds: the slope of its transform is in the gradient and in the tangent.
    @Test(arguments: bounds) func derivativesGoThroughTheTransform(range: ClosedRange<Double>) throws {
        let model = try AugmentedModel(DrivenModel(range: range), estimating: ["strength"])
        let estimation = ParameterEstimation(model: model, stateCovariance: try DiagonalCovariance(deviations: [0.5, 1, 0.8, 0.2]))
        let prior = try ParameterDistribution(model.transforms, medians: [0.4], deviations: [0.5])
        let cost = try estimation.cost(window(0), from: VectorState(vector: normals(4, seed: 1)), prior: prior)
        try expectDerivatives(of: cost, at: normals(5, seed: 6), along: normals(5, seed: 7))
    }

    // MARK: Lorenz '96

    private func lorenz96(every: Int, steps: Int, windows: Int) throws -> (truth: Lorenz96Model, start: Lorenz96State, windows: [ObservationWindow]) {
        let truth = try Lorenz96Model()
        let start = try truth.advance(truth.initialState(seed: 4), steps: 400)
        let twin = TwinExperiment(truth: truth, start: start, interval: 2, times: steps / 2, errorDeviation: 1, seed: 9) { _ in
            try WeightedComponents(stateSize: 40, components: Array(stride(from: 0, to: 40, by: every)))
        }
        var state = start
        return (
            truth, start,
            try (0..<windows).map { number in
                let (window, final) = try twin.window(number, from: state)
                state = final
                return window
            }
        )
    }

    /// Taylor in state and parameter, and the pair of the augmented model's derivatives.
    @Test func theGradientOfTheJointCostIsItsOwn() throws {
        let sample = try lorenz96(every: 2, steps: 8, windows: 1)
        let model = try AugmentedModel(sample.truth, estimating: ["forcing"])
        let estimation = ParameterEstimation(
            model: model, stateCovariance: try DiagonalCovariance(deviations: [Double](repeating: 0.4, count: 40)),
            memory: .checkpointed(states: 3))
        let prior = try ParameterDistribution(model.transforms, medians: [7.5], deviations: [1])
        let cost = try estimation.cost(sample.windows[0], from: sample.start, prior: prior)
        try expectDerivatives(of: cost, at: normals(41, seed: 1).map { 0.3 * $0 }, along: normals(41, seed: 2))
    }

    @Test func theForcingIsFoundFromHalfOfTheRing() throws {
        let sample = try lorenz96(every: 2, steps: 8, windows: 50)
        let model = try AugmentedModel(sample.truth, estimating: ["forcing"])
        let estimation = ParameterEstimation(
            model: model, stateCovariance: try DiagonalCovariance(deviations: [Double](repeating: 0.4, count: 40)))
        var parameters = try ParameterDistribution(model.transforms, medians: [6], deviations: [2])
        var background = sample.start
        background.vector = zip(background.vector, normals(40, seed: 5)).map { $0 + 0.4 * $1 }
        for window in sample.windows {
            let estimate = try estimation.estimate(window, from: background, prior: parameters)
            (parameters, background) = (estimate.parameters, estimate.final)
        }
        let (forcing, deviation) = (parameters.medians[0], parameters.deviations[0])
        #expect(abs(forcing - 8) < 3 * deviation && deviation < 0.1, "\(forcing) +- \(deviation)")
    }

    /// The whole posterior covariance is the inverse of the Hessian.
    @Test func thePosteriorCovarianceAgreesWithFactoring() throws {
        let sample = try lorenz96(every: 2, steps: 8, windows: 1)
        let model = try AugmentedModel(sample.truth, estimating: ["forcing"])
        let estimation = ParameterEstimation(
            model: model, stateCovariance: try DiagonalCovariance(deviations: [Double](repeating: 0.4, count: 40)))
        let cost = try estimation.cost(
            sample.windows[0], from: sample.start, prior: ParameterDistribution(model.transforms, medians: [8], deviations: [1]))
        let linearised = try LinearisedWindow(cost, at: [Double](repeating: 0, count: 41))
        let covariance = try linearised.posteriorCovariance(of: [3, 40], solver: Self.exactSolver)
        let exact = try linearised.exactPosteriorVariances()
        #expect(abs(covariance[0] - exact[3]) < 1e-10 && abs(covariance[3] - exact[40]) < 1e-10)
        #expect(covariance[1] == covariance[2])
        #expect(complaint(.solver, "component 40") {
            _ = try linearised.posteriorCovariance(of: [40], solver: ConjugateGradients(tolerance: 1e-13, maximumIterations: 2))
        } == nil)
    }

    @Test func parametersThatAreNotThereAreRefused() throws {
        let truth = try Lorenz96Model()
        #expect(complaint(.invalidInput, "'drag'", "forcing") { _ = try AugmentedModel(truth, estimating: ["drag"]) } == nil)
        #expect(complaint(.invalidInput, "twice") { _ = try AugmentedModel(truth, estimating: ["forcing", "forcing"]) } == nil)
        let model = try AugmentedModel(truth, estimating: ["forcing"])
        #expect(complaint(.model, "forcing has become") { _ = try model.model(with: [.infinity]) } == nil)
        #expect(complaint(.invalidInput, "deviation") {
            _ = try ParameterDistribution(model.transforms, medians: [8], deviations: [0])
        } == nil)
    }
}
