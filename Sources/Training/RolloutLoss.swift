import Basics
import Emulators
import Layers
import Optimisation
import StencilSolvers
import Tensors

/// Mean over a batch of windows, and over the steps of a forecast from each window's first state, of the mean squared error of the normalised
/// state over wet cells and open faces.
///
/// The forecast is one computation whose value holds the states of all steps as channels: gradient, tangent-linear and Gauss-Newton products
/// follow from it.
///
/// With `RolloutSettings.tangentWeight` the tangent-linear t of one step from the first state is held against the reference model's, M d, as one state more:
/// t is the central difference of two steps from x +- e d, so that everything stays a computation of first order.
public struct RolloutLoss<Network: EmulatorNetwork>: TrainingObjective {
    private let network: Network
    private let settings: RolloutSettings
    private let implicit: LinearImplicit
    /// Windows of `settings.horizon.first`, one more, ... `.final` steps.
    private let windows: [TrainingWindows]
    private let tangents: (any ReferenceTangents)?
    /// Which of `windows` this stage of the training sees.
    private var stage: Int

    /// Looks `settings.horizon.final` steps ahead; earlier stages are had by `stage(at:)`.
    ///
    /// - Parameter tangents: of the reference model at the windows' states; not needed with a tangent weight of 0.
    /// - Throws: `SeicheError(.invalidInput)` for settings that no loss can have, and where no simulation is as long as the horizon.
    public init(
        _ settings: RolloutSettings, network: Network, windows: TrainingWindows, tangents: (any ReferenceTangents)? = nil, implicit: LinearImplicit
    ) throws {
        try settings.check()
        guard settings.tangentWeight == 0 || tangents != nil else {
            throw SeicheError(
                .invalidInput, "the loss weights the tangent-linear by \(settings.tangentWeight), but has no reference to hold it against",
                remedy: "give the reference model's tangents, or the weight 0")
        }
        self.tangents = settings.tangentWeight > 0 ? tangents : nil
        self.network = network
        self.settings = settings
        self.implicit = implicit
        self.windows = try (settings.horizon.first...settings.horizon.final).map { try windows.ofLength($0) }
        stage = settings.horizon.final - settings.horizon.first
    }

    public var sampleCount: Int { windows[stage].count }

    /// m, of this stage.
    public var forecastSteps: Int { windows[stage].steps }

    public func stage(at step: Int) -> any TrainingObjective {
        var result = self
        result.stage = settings.horizon.steps(at: step) - settings.horizon.first
        return result
    }

    public func isNewStage(at step: Int) -> Bool { step > 0 && settings.horizon.steps(at: step) != settings.horizon.steps(at: step - 1) }

    public func valueWithGradient(_ parameters: [Double], batch: [Int]) throws -> BatchGradient {
        let weights = single(parameters)
        var sum = try BatchGradient(sumOf: batch.count, parameterCount: parameters.count) { k in
            let sample = try sample(batch[k], weights)
            var loss = 0.0
            let gradient = Linearisation.gradient(
                parameters: weights, input: sample.input, by: .parameters, of: { forecast($0, $1, sample) },
                cotangent: { value in
                    let (error, pullback) = value.vjpMeanSquaredError(to: sample.target, weight: sample.weight)
                    loss = Double(error)
                    return pullback(1)
                })
            return (loss, gradient.parameters)
        }
        sum.scale(by: 1 / Double(batch.count))
        return sum
    }

    public func value(_ parameters: [Double], over samples: [Int]) throws -> Double {
        let weights = single(parameters)
        let partial = Slots<Double>(samples.count)
        try concurrentForEach(samples.count) { k in
            let sample = try sample(samples[k], weights)
            let value = forecast(sample.input, Weights(weights), sample)
            partial.set(k, Double(value.meanSquaredError(to: sample.target, weight: sample.weight)))
        }
        return partial.values.reduce(0, +) / Double(samples.count)
    }

    public func localModel(_ parameters: [Double], batch: [Int], variables: any ChangeOfVariables) throws -> any LocalModel {
        let weights = single(parameters)
        return try GaussNewtonBatch<Float>(
            samples: batch.count, parameterCount: parameters.count, variables: variables, seed: SampleOrder.seed(of: batch)
        ) { k in
            let sample = try sample(batch[k], weights)
            return GaussNewtonBatch.Part(
                Linearisation(parameters: weights, input: sample.input) { forecast($0, $1, sample) }, target: sample.target,
                weight: sample.weight.scaled(by: Float(1 / sample.weight.sum())))
        }
    }

    public func drainSolves() -> SolveMonitor.Record { implicit.monitor.drain() }

    private struct Sample {
        let input: Tensor<Float>
        /// Of each state of the forecast that is judged, as channels; and the weight of each value.
        let target: Tensor<Float>
        let weight: Tensor<Float>
        let geometry: NetworkGeometry<Float>
        /// Where the last step starts, with the pushforward trick and more than one step.
        let reached: Tensor<Float>?
        /// e d, where the tangent-linear is judged: its target and weight come last.
        var perturbation: Tensor<Float>?
    }

    /// e, in units of the channels' scales: so large that single precision resolves the difference to 1e-5, so small that the curvature of a step does not
    /// show (waves of a hundredth of the usual height).
    private static var perturbationSize: Float { 0.01 }

    private func sample(_ index: Int, _ weights: Tensor<Float>) throws -> Sample {
        let sample = judgedStates(index, weights)
        guard let tangents else { return sample }
        let (simulation, time) = windows[stage].place(index)
        let (direction, image) = try tangents.tangent(simulation: simulation, time: time)
        return Sample(
            input: sample.input, target: sample.target.concatenated(with: image),
            weight: sample.weight.concatenated(with: weight(sample.geometry, states: 1).scaled(by: Float(settings.tangentWeight))),
            geometry: sample.geometry, reached: sample.reached, perturbation: direction.scaled(by: Self.perturbationSize))
    }

    private func judgedStates(_ index: Int, _ weights: Tensor<Float>) -> Sample {
        let window = windows[stage][index]
        guard settings.gradient == .pushforward, forecastSteps > 1 else {
            return Sample(
                input: window.input, target: window.target, weight: weight(window.geometry, states: forecastSteps), geometry: window.geometry,
                reached: nil)
        }
        var state = window.input
        for _ in 1..<forecastSteps { state = network.next(state, Weights(weights), geometry: window.geometry, implicit: implicit) }
        let channels = window.target.shape[1]
        return Sample(
            input: window.input, target: window.target.channels(0..<3).concatenated(with: window.target.channels(channels - 3..<channels)),
            weight: weight(window.geometry, states: 2), geometry: window.geometry, reached: state)
    }

    /// The states that are judged, one after the other as channels, and the tangent-linear where that is.
    private func forecast<Field: FieldAlgebra>(_ start: Field, _ weights: Weights<Field>, _ sample: Sample) -> Field where Field.Scalar == Float {
        func next(_ state: Field) -> Field { network.next(state, weights, geometry: sample.geometry, implicit: implicit) }
        let states = sample.reached.map { next(start).concatenated(with: next(Field(constant: $0))) } ?? start.rolledOut(steps: forecastSteps, by: next)
        guard let perturbation = sample.perturbation else { return states }
        let (ahead, behind) = (next(start + Field(constant: perturbation)), next(start - Field(constant: perturbation)))
        return states.concatenated(with: (ahead - behind).scaled(by: 0.5 / Self.perturbationSize))
    }

    /// 1 on wet cells and open faces, times the channel's weight; repeated for each state.
    private func weight(_ geometry: NetworkGeometry<Float>, states: Int) -> Tensor<Float> {
        let mask = geometry.stateMask
        let isPlain = settings.channelWeights.allSatisfy { $0 == settings.channelWeights[0] }
        if isPlain, states == 1 { return mask }
        var one = mask.scalars
        if !isPlain {
            let plane = mask.count / 3
            for (channel, weight) in settings.channelWeights.enumerated() {
                for k in channel * plane..<(channel + 1) * plane { one[k] *= Float(weight) }
            }
        }
        return Tensor(shape: [1, 3 * states, mask.shape[2], mask.shape[3]], scalars: Array(repeatElement(one, count: states).joined()))
    }

    private func single(_ parameters: [Double]) -> Tensor<Float> { Tensor(shape: [parameters.count], scalars: parameters.map { Float($0) }) }
}
