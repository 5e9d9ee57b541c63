import Tensors
import TestSupport
import Testing

/// Properties that the pullback of every operation has.
@Suite struct DifferentiationTests {
    private func check(_ operation: TensorOperation) -> GradientCheck {
        GradientCheck(operation.inputs, of: { operation.linearised($0) })
    }

    @Test(arguments: TensorOperation.allCases) func pullbackIsTheCentralDifference(_ operation: TensorOperation) {
        // No operation is of higher than second degree, so that a wide step has no truncation error.
        for (input, error) in check(operation).differenceErrors(step: 1e-3).enumerated() {
            #expect(measured("\(operation) \(input), difference", error) < 1e-10)
        }
    }

    @Test(arguments: TensorOperation.allCases) func pullbackIsTheTransposeOfTheDirectionalDifference(_ operation: TensorOperation) {
        #expect(measured("\(operation), dot product", check(operation).dotProductError(step: 1e-3)) < 1e-10)
    }

    @Test(arguments: TensorOperation.allCases) func taylorRemainderIsOfSecondOrder(_ operation: TensorOperation) {
        for order in check(operation).taylorOrders() {
            #expect(abs(measured("\(operation), Taylor order", order) - 2) < 0.05)
        }
    }

    @Test(arguments: TensorOperation.allCases) func floatAgreesWithDouble(_ operation: TensorOperation) {
        let inputs = operation.inputs
        let double = operation.linearised(inputs)
        let float = operation.linearised(inputs.map { $0.converted(to: Float.self) })
        let cotangent = sampleTensor(double.value.shape, seed: 5)
        #expect(measured("\(operation), value in Float", relativeError(float.value, double.value)) < 2e-6)
        for (a, b) in zip(float.pullback(cotangent.converted(to: Float.self)), double.pullback(cotangent)) {
            #expect(measured("\(operation), gradient in Float", relativeError(a, b)) < 2e-6)
        }
    }

    @Test(arguments: TensorOperation.allCases) func pullbackOfNothingIsNothing(_ operation: TensorOperation) {
        for gradient in operation.linearised(operation.inputs).pullback(.zero) {
            // Of a number the cotangent is a number, whose zero has no other form.
            if operation.batchRule == .summed || operation == .meanSquaredError {
                #expect(gradient.squaredNorm == 0)
            } else {
                #expect(gradient.isSymbolicZero)
            }
        }
    }

    @Test(arguments: TensorOperation.allCases.filter { $0.batchRule != .none }) func batchIsTheLoopOverItsSamples(_ operation: TensorOperation) {
        let inputs = operation.inputs
        let batch = operation.linearised(inputs)
        let cotangent = sampleTensor(batch.value.shape, seed: 6)
        let gradients = batch.pullback(cotangent)
        var values = [Tensor<Double>](repeating: .zero, count: 2)
        var shared = [Tensor<Double>](repeating: .zero, count: inputs.count)
        for sample in 0..<2 {
            let one = operation.linearised(inputs.enumerated().map { operation.isShared($0) ? $1 : $1.sample(sample) })
            values[sample] = one.value
            let seed = operation.batchRule == .stacked ? cotangent.sample(sample) : cotangent
            for (which, gradient) in one.pullback(seed).enumerated() {
                if operation.isShared(which) { shared[which] += gradient } else { #expect(gradient == gradients[which].sample(sample)) }
            }
        }
        for which in gradients.indices where operation.isShared(which) { #expect(relativeError(shared[which], gradients[which]) < 1e-15) }
        if operation.batchRule == .stacked {
            #expect(values[0].scalars + values[1].scalars == batch.value.scalars)
        } else {
            #expect(relativeError(values[0] + values[1], batch.value) < 1e-14)
        }
    }
}

extension Tensor {
    /// One sample of a batch, [1, ...].
    fileprivate func sample(_ index: Int) -> Tensor {
        let size = count / shape[0]
        return Tensor(shape: [1] + shape.dropFirst(), scalars: Array(scalars[index * size..<(index + 1) * size]))
    }
}
