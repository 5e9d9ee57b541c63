import Basics

/// Which samples a step sees, and the chance that goes with them.
public enum SampleOrder {
    /// The samples of batch `step`, of `count`: every epoch visits all of them once in an order drawn from `seed` and the epoch alone,
    /// so that a resumed training sees what an uninterrupted one would have seen.
    public static func batch(step: Int, size: Int, of count: Int, seed: UInt64) -> [Int] {
        var result: [Int] = []
        var order: (epoch: Int, indices: [Int])?
        for k in step * size..<(step + 1) * size {
            let epoch = k / count
            if order?.epoch != epoch {
                var stream = RandomStream(seed: seed, purpose: "batch order", index: epoch)
                order = (epoch, Array(0..<count).shuffled(using: &stream))
            }
            if let order { result.append(order.indices[k % count]) }
        }
        return result
    }

    /// A seed that follows from the samples of a batch, for what is drawn while it is looked at.
    static func seed(of batch: [Int]) -> UInt64 { batch.reduce(1) { $0 &* 31 &+ UInt64($1) } }
}
