import Basics
import Tensors
import _Differentiation

/// The value of an operation and its pullback to the inputs that it is differentiated by.
public struct Linearised<Scalar: TensorScalar> {
    public let value: Tensor<Scalar>
    public let pullback: (Tensor<Scalar>) -> [Tensor<Scalar>]

    public init(value: Tensor<Scalar>, pullback: @escaping (Tensor<Scalar>) -> [Tensor<Scalar>]) {
        self.value = value
        self.pullback = pullback
    }

    /// Of a function of one tensor.
    public init(at x: Tensor<Scalar>, _ f: @differentiable(reverse) (Tensor<Scalar>) -> Tensor<Scalar>) {
        let (value, pullback) = valueWithPullback(at: x, of: f)
        self.init(value: value) { [pullback($0)] }
    }

    /// Of a function of two.
    public init(
        at x: Tensor<Scalar>, _ y: Tensor<Scalar>, _ f: @differentiable(reverse) (Tensor<Scalar>, Tensor<Scalar>) -> Tensor<Scalar>
    ) {
        let (value, pullback) = valueWithPullback(at: x, y, of: f)
        self.init(value: value) {
            let (a, b) = pullback($0)
            return [a, b]
        }
    }

    /// Of a function of three.
    public init(
        at x: Tensor<Scalar>, _ y: Tensor<Scalar>, _ z: Tensor<Scalar>,
        _ f: @differentiable(reverse) (Tensor<Scalar>, Tensor<Scalar>, Tensor<Scalar>) -> Tensor<Scalar>
    ) {
        let (value, pullback) = valueWithPullback(at: x, y, z, of: f)
        self.init(value: value) {
            let (a, b, c) = pullback($0)
            return [a, b, c]
        }
    }

    /// Of a function of one tensor that gives a number, as a tensor of one element.
    public init(at x: Tensor<Scalar>, number f: @differentiable(reverse) (Tensor<Scalar>) -> Scalar) {
        let (value, pullback) = valueWithPullback(at: x, of: f)
        self.init(value: Tensor(shape: [1], scalars: [value])) { [pullback($0.isSymbolicZero ? 0 : $0.scalars[0])] }
    }
}

/// Measures the pullback of an operation against its values, in double precision.
///
/// `operation` is differentiated by the first of its inputs, as many as its pullback returns; the rest are constants.
public struct GradientCheck {
    public let inputs: [Tensor<Double>]
    public let operation: ([Tensor<Double>]) -> Linearised<Double>
    private let linearised: Linearised<Double>
    /// The functional that is differentiated is <weights, operation(inputs)>.
    private let weights: Tensor<Double>
    private let gradients: [Tensor<Double>]

    public init(_ inputs: [Tensor<Double>], of operation: @escaping ([Tensor<Double>]) -> Linearised<Double>) {
        self.inputs = inputs
        self.operation = operation
        linearised = operation(inputs)
        weights = sampleTensor(linearised.value.shape, seed: 77)
        gradients = linearised.pullback(weights)
    }

    private func functional(_ inputs: [Tensor<Double>]) -> Double { operation(inputs).value.dot(weights) }

    /// The error of each input's gradient relative to its largest element, against a central difference for every single element.
    public func differenceErrors(step: Double = 1e-5) -> [Double] {
        gradients.indices.map { which in
            var difference = Tensor(shape: inputs[which].shape, repeating: 0.0)
            for k in 0..<inputs[which].count {
                var (ahead, behind) = (inputs, inputs)
                ahead[which].scalars[k] += step
                behind[which].scalars[k] -= step
                difference.scalars[k] = (functional(ahead) - functional(behind)) / (2 * step)
            }
            return relativeError(gradients[which], difference)
        }
    }

    /// Inputs moved along one random direction in all of them together.
    private func moved(by step: Double) -> [Tensor<Double>] {
        inputs.enumerated().map { $0 < gradients.count ? $1 + direction($0).scaled(by: step) : $1 }
    }

    private func direction(_ which: Int) -> Tensor<Double> { sampleTensor(inputs[which].shape, seed: 78, index: which) }

    private func along(_ gradients: [Tensor<Double>]) -> Double {
        gradients.enumerated().reduce(0) { $1.element.isSymbolicZero ? $0 : $0 + $1.element.dot(direction($1.offset)) }
    }

    /// The dot-product test: <weights, J direction> by a central difference against <J^T weights, direction>, relative.
    public func dotProductError(step: Double = 1e-5) -> Double {
        let forward = (functional(moved(by: step)) - functional(moved(by: -step))) / (2 * step)
        return abs(along(gradients) - forward) / abs(forward)
    }

    /// Orders in h of the remainder of the first-order Taylor series of |operation|^2 / 2, between h and h / 2: 2 where the
    /// pullback is right, 1 where it is not.
    public func taylorOrders(steps: [Double] = [1e-2, 5e-3, 2.5e-3]) -> [Double] {
        func square(_ inputs: [Tensor<Double>]) -> Double { operation(inputs).value.squaredNorm / 2 }
        let slope = along(linearised.pullback(linearised.value))
        let remainders = steps.map { abs(square(moved(by: $0)) - linearised.value.squaredNorm / 2 - $0 * slope) }
        return zip(remainders, remainders.dropFirst()).map { naturalLogarithm($0 / $1) / naturalLogarithm(2) }
    }
}
