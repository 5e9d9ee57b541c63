import Basics
import Layers
import Synchronization
import Tensors
import TestSupport
import Testing

/// The gradient of a batch, taken in parts, is that of the whole batch at once.
@Suite struct BatchGradientTests {
    private static func net(_ shape: [Int]) -> (block: any Block, parameters: Tensor<Double>) {
        var layout = ParameterLayout()
        let axes = shape.count - 2
        let block: any Block = axes == 1
            ? LinesSideBySide(Convolution("c", axes: 1, inputs: 2, outputs: 3, kernel: 5, padding: .circular, activation: .tanh, in: &layout))
            : Chain(
                Convolution("a", inputs: 2, outputs: 4, kernel: 3, activation: .rectifier, in: &layout),
                Convolution("b", inputs: 4, outputs: 3, kernel: 3, in: &layout))
        return (block, sampleTensor([layout.count], seed: 1))
    }

    private static func gradient(_ shape: [Int], _ target: Tensor<Double>) throws -> BatchGradient {
        let (block, parameters) = net(shape)
        return try block.batchGradient(parameters, at: sampleTensor(shape, seed: 2)) { value, samples in
            let difference = value - target.samples(samples)
            return (difference.squaredNorm, difference.scaled(by: 2))
        }
    }

    /// One part, one a sample, and few parts of several samples.
    @Test(arguments: [[1, 2, 9, 11], [3, 2, 9, 11], [7, 2, 33, 35], [50, 2, 40], [2, 2, 40]]) func partsAddUp(shape: [Int]) throws {
        let (block, parameters) = Self.net(shape)
        let at = block.linearised(parameters, at: sampleTensor(shape, seed: 2))
        let target = sampleTensor(at.value.shape, seed: 3)
        let difference = at.value - target
        let whole = at.pullback(difference.scaled(by: 2), by: .parameters).parameters
        let parts = try Self.gradient(shape, target)
        #expect(abs(parts.loss - difference.squaredNorm) <= 1e-14 * difference.squaredNorm)
        #expect(measured("gradient in parts", relativeError(parts.gradient, whole.scalars)) < 1e-14)
    }

    /// In a place where all cores are taken the parts follow each other; elsewhere they are worked on side by side.
    @Test func bitsAreTheSameSideBySide() throws {
        let shape = [9, 2, 33, 35]
        let target = sampleTensor([9, 3, 33, 35], seed: 3)
        let free = try Self.gradient(shape, target)
        let taken = Slots<BatchGradient>(2)
        try concurrentForEach(2) { taken.set($0, try Self.gradient(shape, target)) }
        #expect(taken.values == [free, free])
        for _ in 0..<20 { #expect(try Self.gradient(shape, target) == free) }
    }

    @Test(arguments: BlockCase.all) func oneGradientIsThatOfTheLinearisation(_ c: BlockCase) {
        let at = c.block.linearised(c.parameters, at: c.input)
        let w = sampleTensor(at.value.shape, seed: 15)
        let once = Linearisation.gradient(parameters: c.parameters, input: c.input, of: { c.block($0, $1) }, cotangent: { $0 + w })
        #expect(once == at.pullback(at.value + w))
    }

    /// When the reverse pass comes to the first operation, it has let go what the last one kept.
    @Test func fieldsAreLetGoOnTheWay() {
        final class Record: Sendable {
            let lastIsGone = Atomic(false)
            let wasGoneAtTheFirst = Atomic(false)
        }
        final class Kept: Sendable {
            let record: Record
            init(_ record: Record) { self.record = record }
            deinit { record.lastIsGone.store(true, ordering: .relaxed) }
        }
        struct Traced: Block {
            let record: Record
            let isLast: Bool
            func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
                Field.applied(
                    FieldOperation<Field.Scalar>(value: { $0[0] }, linearised: { [record, isLast] inputs in
                        let kept = isLast ? Kept(record) : nil
                        return LinearisedOperation(value: inputs[0], tangent: { $0[0] }, adjoint: { w, _ in
                            _ = kept
                            if !isLast { record.wasGoneAtTheFirst.store(record.lastIsGone.load(ordering: .relaxed), ordering: .relaxed) }
                            return [w]
                        })
                    }), to: [x])
            }
        }
        let record = Record()
        let block = Chain(Traced(record: record, isLast: false), Traced(record: record, isLast: true))
        _ = Linearisation.gradient(
            parameters: Tensor<Float>(shape: [0], scalars: []), input: Tensor<Float>(shape: [1, 1], scalars: [1]), of: { block($0, $1) },
            cotangent: { $0 })
        let wasGone = record.wasGoneAtTheFirst.load(ordering: .relaxed)
        #expect(wasGone)
    }

    @Test func anErrorOfAPartIsThrown() {
        #expect(throws: SeicheError.self) {
            _ = try BatchGradient(sumOf: 5, parameterCount: 1) { k -> (loss: Double, gradient: Tensor<Float>) in
                if k == 3 { throw SeicheError(.model, "part three") }
                return (1, .zero)
            }
        }
    }
}
