import Basics
import Dynamics

/// How states of a Lorenz '96 ring are normalised: (X - mean) / deviation, with the mean and the standard deviation of the training set.
public struct Lorenz96Scales: Equatable, Sendable {
    public var mean: Double
    public var deviation: Double

    public init(mean: Double, deviation: Double) {
        self.mean = mean
        self.deviation = deviation
    }

    /// Of all states of a training set, over the cells that were observed; over all where nil.
    public init(of trajectories: [[Lorenz96State]], observed: [Bool]? = nil) throws {
        var (sum, squares, count) = (0.0, 0.0, 0.0)
        // About a value of the data, so that squares do not cancel.
        let origin = trajectories.first?.first?.vector.first ?? 0
        for state in trajectories.lazy.joined() {
            for (cell, value) in state.vector.enumerated() where observed.map({ cell < $0.count && $0[cell] }) ?? true {
                sum += value - origin
                squares += (value - origin) * (value - origin)
                count += 1
            }
        }
        mean = origin + sum / count
        deviation = max(0, squares / count - (sum / count) * (sum / count)).squareRoot()
        try checkUsable()
    }

    /// Throws unless the scales can be used.
    public func checkUsable() throws {
        guard mean.isFinite, deviation.isFinite, deviation > 0 else {
            throw SeicheError(
                .invalidInput, "the mean of the states is \(mean) and their standard deviation \(deviation), but states are divided by it",
                why: "the training trajectories may be at rest, or empty", remedy: "look at the training files; perturb their start")
        }
    }
}
