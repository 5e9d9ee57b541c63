import Layers
import Optimisation

/// A loss over numbered samples, as a function of a model's weights: what a `Trainer` lowers. It knows the model and its data; the trainer knows
/// neither.
///
/// Every method runs the batch's samples side by side and adds them in order: results are the same bits on any number of cores. A batch of any
/// size needs the memory of as many samples as there are cores, except for `localModel`, which keeps all of them.
public protocol TrainingObjective: Sendable {
    /// Samples that a batch can be drawn from, numbered from 0.
    var sampleCount: Int { get }

    /// The loss as training step 0, 1, ... sees it, for one that changes in the course of a training; itself by default.
    func stage(at step: Int) -> any TrainingObjective

    /// Whether the loss of this training step is another one than that of the step before; false by default.
    func isNewStage(at step: Int) -> Bool

    /// Mean loss of the batch and its gradient.
    func valueWithGradient(_ parameters: [Double], batch: [Int]) throws -> BatchGradient

    /// Mean loss over the samples alone.
    func value(_ parameters: [Double], over samples: [Int]) throws -> Double

    /// The mean loss near some weights, for Gauss-Newton steps; its losses must be weighted squares of the model's value.
    func localModel(_ parameters: [Double], batch: [Int], variables: any ChangeOfVariables) throws -> any LocalModel

    /// The solves of implicit layers since it was last asked for; an empty record of models that have none.
    func drainSolves() -> SolveMonitor.Record
}

extension TrainingObjective {
    public func stage(at step: Int) -> any TrainingObjective { self }
    public func isNewStage(at step: Int) -> Bool { false }
}

/// What a training is judged by beside its loss.
public protocol ValidationMeasure: Sendable {
    /// Of some weights; the lower the better, infinite where the model fails.
    func error(_ parameters: [Double]) throws -> Double
}
