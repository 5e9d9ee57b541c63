import Layers
import Optimisation

/// One line of a training's log.
public struct TrainingProgress: Sendable {
    /// What the optimiser did.
    public enum Update: Sendable {
        case adam(learningRate: Double, gradientNorm: Double)
        case levenbergMarquardt(LevenbergMarquardt.Report)
        case lbfgs(LBFGS.Report)
    }

    /// A look at the validation samples.
    public struct Validation: Equatable, Sendable {
        /// Mean; infinite where a solve failed.
        public let loss: Double
        /// Of forecasts, where they are made; infinite where one failed.
        public let forecastError: Double?
    }

    /// Steps done, of `steps`.
    public let step: Int
    public let steps: Int
    /// Mean loss of this step's batch, before the step.
    public let loss: Double
    /// Where this step looked at the validation samples.
    public let validation: Validation?
    public let update: Update
    public let forward: SolveMonitor.Summary
    public let backward: SolveMonitor.Summary
    /// A bound on the relative error, from the solves' tolerance, of any sample's gradient by its system's coefficients; nil where no implicit
    /// layer has one.
    public let gradientError: Double?
}
