import Basics
import Emulators
import Layers
import Optimisation
import StencilSolvers
import Tensors

/// Mean over a batch of the mean squared error of one normalised step, over wet cells and open faces.
struct OneStepLoss<Network: EmulatorNetwork>: TrainingObjective {
    let network: Network
    let pairs: TrainingPairs
    let implicit: LinearImplicit

    var sampleCount: Int { pairs.count }

    func valueWithGradient(_ parameters: [Double], batch: [Int]) throws -> BatchGradient {
        let weights = single(parameters)
        var sum = try BatchGradient(sumOf: batch.count, parameterCount: parameters.count) { k in
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
        sum.scale(by: 1 / Double(batch.count))
        return sum
    }

    func value(_ parameters: [Double], over samples: [Int]) throws -> Double {
        let weights = single(parameters)
        let partial = Slots<Double>(samples.count)
        try concurrentForEach(samples.count) { k in
            let pair = pairs[samples[k]]
            let next = network.predict(weights, from: pair.input, geometry: pair.geometry, implicit: implicit)
            partial.set(k, Double(next.meanSquaredError(to: pair.target, weight: pair.geometry.stateMask)))
        }
        return partial.values.reduce(0, +) / Double(samples.count)
    }

    func localModel(_ parameters: [Double], batch: [Int], variables: any ChangeOfVariables) throws -> any LocalModel {
        let weights = single(parameters)
        let seed = batch.reduce(1) { $0 &* 31 &+ UInt64($1) }
        return try GaussNewtonBatch<Float>(samples: batch.count, parameterCount: parameters.count, variables: variables, seed: seed) { k in
            let pair = pairs[batch[k]]
            let mask = pair.geometry.stateMask
            return GaussNewtonBatch.Part(
                network.linearised(weights, at: pair.input, geometry: pair.geometry, implicit: implicit), target: pair.target,
                weight: mask.scaled(by: Float(1 / mask.sum())))
        }
    }

    func drainSolves() -> SolveMonitor.Record { implicit.monitor.drain() }

    private func single(_ parameters: [Double]) -> Tensor<Float> { Tensor(shape: [parameters.count], scalars: parameters.map { Float($0) }) }
}
