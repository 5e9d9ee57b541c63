/// An exponential moving average of weights (Polyak and Juditsky 1992): what a noisy descent hovers around.
public struct WeightAverage: Equatable, Sendable {
    /// Share of the average that an update keeps, below 1.
    public let decay: Double
    public private(set) var values: [Double]

    /// - Parameter values: the weights at the start, or the average as saved in a checkpoint.
    public init(decay: Double, values: [Double]) {
        self.decay = decay
        self.values = values
    }

    /// Takes in the weights after an update.
    ///
    /// - Parameter update: counted from 1. The first ones keep less, (1 + n) / (10 + n), so that the start is soon forgotten.
    public mutating func add(_ weights: [Double], update: Int) {
        precondition(weights.count == values.count, "\(weights.count) weights for an average of \(values.count)")
        let kept = min(decay, Double(1 + update) / Double(10 + update))
        for k in values.indices { values[k] = kept * values[k] + (1 - kept) * weights[k] }
    }
}
