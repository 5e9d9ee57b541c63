import Tensors
import TestSupport
import Testing

/// Properties that the derivatives of every operation have.
@Suite struct DifferentiationTests {
    private func check(_ operation: TensorOperation) -> GradientCheck {
        GradientCheck(operation.inputs(), of: { operation.linearised($0) })
    }

    /// A wide step has no truncation error where the operation is quadratic; elsewhere a narrow one has little of it, and stays clear of kinks.
    private func step(_ operation: TensorOperation) -> Double { operation.isQuadratic ? 1e-3 : 1e-5 }
    private func bound(_ operation: TensorOperation) -> Double { operation.isQuadratic ? 1e-10 : 1e-8 }

    private func directions(_ operation: TensorOperation) -> [Tensor<Double>] {
        operation.inputs().prefix(operation.variables).enumerated().map { sampleTensor($1.shape, seed: 9, index: $0) }
    }

    @Test(arguments: TensorOperation.all) func valueIsTheDefinition(_ operation: TensorOperation) {
        let inputs = operation.inputs()
        let value = operation.linearised(inputs).value
        #expect(measured("\(operation), value", relativeError(value, operation.definition(inputs))) < 2e-15)
    }

    @Test(arguments: TensorOperation.all) func pullbackIsTheCentralDifference(_ operation: TensorOperation) {
        for (input, error) in check(operation).differenceErrors(step: step(operation)).enumerated() {
            #expect(measured("\(operation) \(input), difference", error) < bound(operation))
        }
    }

    @Test(arguments: TensorOperation.all) func tangentIsTheCentralDifference(_ operation: TensorOperation) {
        let (inputs, directions, step) = (operation.inputs(), directions(operation), operation.isQuadratic ? 1e-3 : 1e-6)
        func value(_ step: Double) -> Tensor<Double> {
            operation.linearised(inputs.enumerated().map { $0 < directions.count ? $1 + directions[$0].scaled(by: step) : $1 }).value
        }
        let difference = (value(step) - value(-step)).scaled(by: 0.5 / step)
        #expect(measured("\(operation), tangent", relativeError(operation.tangent(inputs, directions), difference)) < bound(operation))
    }

    @Test(arguments: TensorOperation.all) func pullbackIsTheTransposeOfTheTangent(_ operation: TensorOperation) {
        let inputs = operation.inputs()
        let linearised = operation.linearised(inputs)
        let w = sampleTensor(linearised.value.shape, seed: 10)
        let gradients = linearised.pullback(w)
        // Along each variable alone, the other directions being nothing, and along all.
        let all = directions(operation)
        let single = all.indices.map { which in all.indices.map { $0 == which ? all[$0] : .zero } }
        for directions in single + [all] {
            let tangent = operation.tangent(inputs, directions)
            let transposed = zip(gradients, directions).reduce(0.0) { $1.1.isSymbolicZero ? $0 : $0 + $1.0.dot($1.1) }
            let error = abs(w.dot(tangent) - transposed) / (w.squaredNorm * tangent.squaredNorm).squareRoot()
            #expect(measured("\(operation), dot product", error) < 1e-12)
        }
    }

    @Test(arguments: TensorOperation.all) func taylorRemainderIsOfSecondOrder(_ operation: TensorOperation) {
        let steps = operation.isQuadratic ? [1e-2, 5e-3, 2.5e-3] : [1e-4, 5e-5, 2.5e-5]
        for order in check(operation).taylorOrders(steps: steps) {
            #expect(abs(measured("\(operation), Taylor order", order) - 2) < 0.05)
        }
    }

    @Test(arguments: TensorOperation.all) func floatAgreesWithDouble(_ operation: TensorOperation) {
        let inputs = operation.inputs()
        let double = operation.linearised(inputs)
        let narrow = inputs.map { $0.converted(to: Float.self) }
        let float = operation.linearised(narrow)
        let cotangent = sampleTensor(double.value.shape, seed: 5)
        #expect(measured("\(operation), value in Float", relativeError(float.value, double.value)) < 2e-6)
        for (a, b) in zip(float.pullback(cotangent.converted(to: Float.self)), double.pullback(cotangent)) {
            #expect(measured("\(operation), gradient in Float", relativeError(a, b)) < 2e-6)
        }
        let directions = directions(operation)
        let tangent = operation.tangent(narrow, directions.map { $0.converted(to: Float.self) })
        #expect(measured("\(operation), tangent in Float", relativeError(tangent, operation.tangent(inputs, directions))) < 2e-6)
    }

    @Test(arguments: TensorOperation.all) func pullbackOfNothingIsNothing(_ operation: TensorOperation) {
        for gradient in operation.linearised(operation.inputs()).pullback(.zero) {
            // Of a number the cotangent is a number, whose zero has no other form.
            if operation.isNumber {
                #expect(gradient.squaredNorm == 0)
            } else {
                #expect(gradient.isSymbolicZero)
            }
        }
    }

    @Test(arguments: TensorOperation.all.filter { $0.batchRule != .none }) func batchIsTheLoopOverItsSamples(_ operation: TensorOperation) {
        let inputs = operation.inputs()
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
        for which in gradients.indices where operation.isShared(which) { #expect(relativeError(shared[which], gradients[which]) < 1e-14) }
        if operation.batchRule == .stacked {
            #expect(values[0].scalars + values[1].scalars == batch.value.scalars)
        } else {
            #expect(relativeError(values[0] + values[1], batch.value) < 1e-14)
        }
    }

    @Test(arguments: TensorOperation.all) func noBitDependsOnTheNumberOfThreads(_ operation: TensorOperation) {
        let inputs = operation.inputs(large: true).map { $0.converted(to: Float.self) }
        func results(threads: Int) -> [Tensor<Float>] {
            TensorThreads.$limit.withValue(threads) {
                let linearised = operation.linearised(inputs)
                return [linearised.value] + linearised.pullback(linearised.value)
            }
        }
        let alone = results(threads: 1)
        for threads in [2, 5] { #expect(results(threads: threads) == alone) }
    }
}

extension Tensor {
    /// One sample of a batch, [1, ...].
    fileprivate func sample(_ index: Int) -> Tensor {
        let size = count / shape[0]
        return Tensor(shape: [1] + shape.dropFirst(), scalars: Array(scalars[index * size..<(index + 1) * size]))
    }
}
