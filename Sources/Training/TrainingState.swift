import Optimisation

/// Where a training stands: all that is needed to go on as if it had never stopped.
public struct TrainingState: Equatable, Sendable {
    /// Steps done.
    public var step: Int
    public var parameters: [Double]
    public var optimiser: OptimiserState
    /// The weights with the lowest validation loss so far, and that loss.
    public var best: [Double]
    public var bestLoss: Double

    /// The start.
    public init(parameters: [Double], optimiser: OptimiserSettings) {
        step = 0
        self.parameters = parameters
        self.optimiser = OptimiserState(optimiser, parameterCount: parameters.count)
        best = parameters
        bestLoss = .infinity
    }

    public init(step: Int, parameters: [Double], optimiser: OptimiserState, best: [Double], bestLoss: Double) {
        self.step = step
        self.parameters = parameters
        self.optimiser = optimiser
        self.best = best
        self.bestLoss = bestLoss
    }
}
