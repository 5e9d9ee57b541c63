import Basics
import Emulators
import Layers
import StencilSolvers
import Tensors

/// Mean over a batch of the mean squared error of one normalised step, over wet cells and open faces.
struct OneStepLoss: Sendable {
    let pairs: TrainingPairs
    let implicit: LinearImplicit

    struct Value: Sendable {
        var loss: Double
        /// With respect to the parameters.
        var gradient: [Double]
    }

    /// Loss and gradient of the batch; its members run side by side and are summed in order, so that the result
    /// is bit-identical on any number of cores.
    func valueWithGradient<Network: EmulatorNetwork>(
        _ network: Network, parameters: [Double], batch: [Int]
    ) throws -> Value {
        let weights = Tensor(shape: [parameters.count], scalars: parameters.map { Float($0) })
        let partial = Slots<Value>(batch.count)
        try concurrentForEach(batch.count) { k in
            let pair = pairs[batch[k]]
            let at = network.linearised(weights, at: pair.input, geometry: pair.geometry, implicit: implicit)
            let (loss, pullback) = at.value.vjpMeanSquaredError(to: pair.target, weight: pair.geometry.stateMask)
            let gradient = at.pullback(pullback(1), by: .parameters).parameters
            partial.set(k, Value(loss: Double(loss), gradient: gradient.scalars.map { Double($0) }))
        }
        var sum = Value(loss: 0, gradient: [Double](repeating: 0, count: parameters.count))
        let share = 1 / Double(batch.count)
        for value in partial.values {
            sum.loss += share * value.loss
            for k in value.gradient.indices { sum.gradient[k] += share * value.gradient[k] }
        }
        return sum
    }

    /// Loss alone, over all of `indices`.
    func value<Network: EmulatorNetwork>(_ network: Network, parameters: [Double], over indices: [Int]) throws -> Double {
        let weights = Tensor(shape: [parameters.count], scalars: parameters.map { Float($0) })
        let partial = Slots<Double>(indices.count)
        try concurrentForEach(indices.count) { k in
            let pair = pairs[indices[k]]
            let next = network.predict(weights, from: pair.input, geometry: pair.geometry, implicit: implicit)
            partial.set(k, Double(next.meanSquaredError(to: pair.target, weight: pair.geometry.stateMask)))
        }
        return partial.values.reduce(0, +) / Double(indices.count)
    }
}
