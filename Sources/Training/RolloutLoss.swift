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
public struct RolloutLoss<Network: EmulatorNetwork>: TrainingObjective {
    private let network: Network
    private let settings: RolloutSettings
    private let implicit: LinearImplicit
    /// Windows of `settings.horizon.first`, one more, ... `.final` steps.
    private let windows: [TrainingWindows]
    /// Which of `windows` this stage of the training sees.
    private var stage: Int

    /// Looks `settings.horizon.final` steps ahead; earlier stages are had by `stage(at:)`.
    ///
    /// - Throws: `SeicheError(.invalidInput)` for settings that no loss can have, and where no simulation is as long as the horizon.
    public init(_ settings: RolloutSettings, network: Network, windows: TrainingWindows, implicit: LinearImplicit) throws {
        try settings.check()
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
            let sample = sample(batch[k], weights)
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
            let sample = sample(samples[k], weights)
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
            let sample = sample(batch[k], weights)
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
    }

    private func sample(_ index: Int, _ weights: Tensor<Float>) -> Sample {
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

    /// The states that are judged, one after the other as channels.
    private func forecast<Field: FieldAlgebra>(_ start: Field, _ weights: Weights<Field>, _ sample: Sample) -> Field where Field.Scalar == Float {
        func next(_ state: Field) -> Field { network.next(state, weights, geometry: sample.geometry, implicit: implicit) }
        if let reached = sample.reached { return next(start).concatenated(with: next(Field(constant: reached))) }
        return start.rolledOut(steps: forecastSteps, by: next)
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
