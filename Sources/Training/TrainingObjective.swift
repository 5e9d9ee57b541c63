import Layers
import Optimisation

/// A loss over numbered samples, as a function of a model's weights: what a `Trainer` lowers. It knows the model and its data; the trainer knows neither.
///
/// Every method runs the batch's samples side by side and adds them in order: results are the same bits on any number of cores.
public protocol TrainingObjective: Sendable {
    /// Samples that a batch can be drawn from, numbered from 0.
    var sampleCount: Int { get }

    /// Mean loss of the batch and its gradient.
    func valueWithGradient(_ parameters: [Double], batch: [Int]) throws -> BatchGradient

    /// Mean loss over the samples alone.
    func value(_ parameters: [Double], over samples: [Int]) throws -> Double

    /// The mean loss near some weights, for Gauss-Newton steps; its losses must be weighted squares of the model's value.
    func localModel(_ parameters: [Double], batch: [Int], variables: any ChangeOfVariables) throws -> any LocalModel

    /// The solves of implicit layers since it was last asked for; an empty record of models that have none.
    func drainSolves() -> SolveMonitor.Record
}
