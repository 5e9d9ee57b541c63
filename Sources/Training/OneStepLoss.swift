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
        let sum = try BatchGradient(sumOf: batch.count, parameterCount: parameters.count) { k in
            let pair = pairs[batch[k]]
            var loss = 0.0
            let gradient = Linearisation.gradient(
                parameters: weights, input: pair.input, by: .parameters,
                of: { network.next($0, $1, geometry: pair.geometry, implicit: implicit) },
                cotangent: { value in
                    let (error, pullback) = value.vjpMeanSquaredError(to: pair.target, weight: pair.geometry.stateMask)
                    loss = Double(error)
                    return pullback(1)
                })
            return (loss, gradient.parameters)
        }
        let share = 1 / Double(batch.count)
        return Value(loss: share * sum.loss, gradient: sum.gradient.map { share * $0 })
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
