import Basics
import Layers
import Optimisation
import Tensors

/// Mean over a batch of sequences of the mean squared error of the states after 1, 2, ... steps of a block, over the values that may be learned from.
public struct SequenceLoss<Scalar: TensorScalar>: TrainingObjective {
    private let block: LinesSideBySide<Rollout>
    private let sequences: RingSequences

    /// - Parameter step: takes normalised states [batch, 1, cell] to the next.
    public init(step: any Block, sequences: RingSequences) {
        block = LinesSideBySide(Rollout(step, steps: sequences.steps))
        self.sequences = sequences
    }

    public var sampleCount: Int { sequences.count }

    public func valueWithGradient(_ parameters: [Double], batch: [Int]) throws -> BatchGradient {
        let data = data(batch)
        let count = data.count
        return try block.batchGradient(weights(parameters), at: data.start) { value, samples in
            let error = (value - data.target.samples(samples)).masked(by: data.mask(samples.count))
            return (error.squaredNorm / count, error.scaled(by: Scalar(2 / count)))
        }
    }

    public func value(_ parameters: [Double], over samples: [Int]) throws -> Double {
        let weights = weights(parameters)
        let data = data(samples)
        let parts = data.parts
        let partial = Slots<Double>(parts.count)
        try concurrentForEach(parts.count) { k in
            let value = block.value(weights, at: data.start.samples(parts[k]))
            partial.set(k, (value - data.target.samples(parts[k])).masked(by: data.mask(parts[k].count)).squaredNorm)
        }
        return partial.values.reduce(0, +) / data.count
    }

    public func localModel(_ parameters: [Double], batch: [Int], variables: any ChangeOfVariables) throws -> any LocalModel {
        let weights = weights(parameters)
        let data = data(batch)
        let parts = data.parts
        // A mean over the parts, so that each value weighs alike however many sequences its part has.
        let weight = Scalar(Double(parts.count) / data.count)
        return try GaussNewtonBatch<Scalar>(
            samples: parts.count, parameterCount: parameters.count, variables: variables, seed: SampleOrder.seed(of: batch)
        ) { k in
            GaussNewtonBatch.Part(
                block.linearised(weights, at: data.start.samples(parts[k])), target: data.target.samples(parts[k]),
                weight: data.mask(parts[k].count).scaled(by: weight))
        }
    }

    public func drainSolves() -> SolveMonitor.Record { SolveMonitor.Record() }

    private func weights(_ parameters: [Double]) -> Tensor<Scalar> {
        Tensor(shape: [parameters.count], scalars: parameters).converted(to: Scalar.self)
    }

    private func data(_ indices: [Int]) -> Batch {
        let (start, target) = sequences.batch(indices)
        let mask = Tensor(shape: [1, sequences.steps, sequences.cells], scalars: sequences.mask).converted(to: Scalar.self)
        return Batch(
            start: start.converted(to: Scalar.self), target: target.converted(to: Scalar.self), sequenceMask: mask,
            count: Double(indices.count * sequences.valuesPerSequence))
    }

    private struct Batch: Sendable {
        let start: Tensor<Scalar>
        let target: Tensor<Scalar>
        /// Of one sequence, [1, steps, cell].
        let sequenceMask: Tensor<Scalar>
        /// Values that are learned from.
        let count: Double

        /// The cut of `Block.batchGradient`.
        var parts: [Range<Int>] {
            let (batch, parts) = (start.shape[0], BatchGradient.parts(of: start.shape))
            return (0..<parts).map { batch * $0 / parts..<batch * ($0 + 1) / parts }
        }

        /// For so many sequences.
        func mask(_ sequences: Int) -> Tensor<Scalar> {
            let one = sequenceMask.scalars
            var all: [Scalar] = []
            all.reserveCapacity(sequences * one.count)
            for _ in 0..<sequences { all += one }
            return Tensor(shape: [sequences, sequenceMask.shape[1], sequenceMask.shape[2]], scalars: all)
        }
    }
}
