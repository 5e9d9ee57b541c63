/// Decoupled weight decay (Loshchilov and Hutter 2019): beside the step of Adam, which does not see it, w becomes (1 - rate * decay) w.
///
/// It is linear, so in any linear change of variables it is the same.
public struct WeightDecay: Equatable, Sendable {
    /// Per unit of learning rate, at least 0.
    public let decay: Double
    /// Which weights decay; biases should not.
    public let ranges: [Range<Int>]

    public init(decay: Double, ranges: [Range<Int>]) {
        self.decay = decay
        self.ranges = ranges
    }

    public func apply(to weights: inout [Double], rate: Double) {
        for range in ranges { for k in range { weights[k] *= 1 - rate * decay } }
    }
}
