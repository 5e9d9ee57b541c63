import Tensors
import _Differentiation

/// A convolution k x k with bias, zeros outside the field: [batch, inputs, y, x] to [batch, outputs, y, x].
public struct Convolution2D: Equatable, Sendable {
    public let weights: ParameterLayout.Block
    public let bias: ParameterLayout.Block

    /// Reserves the weights `name.weights` [outputs, inputs, k, k] and `name.bias` [outputs] in `layout`.
    ///
    /// - Parameter gain: variance of the starting weights times fan-in; 2 before rectified units (He et al. 2015), 0 for a layer
    ///   that starts by saying nothing.
    public init(
        _ name: String, inputs: Int, outputs: Int, kernel: Int, gain: Double = 2, bias start: [Double]? = nil,
        in layout: inout ParameterLayout
    ) {
        weights = layout.reserve(
            name + ".weights", shape: [outputs, inputs, kernel, kernel],
            initialiser: .normal(gain: gain, fanIn: inputs * kernel * kernel))
        bias = layout.reserve(name + ".bias", shape: [outputs], initialiser: .values(start ?? [Double](repeating: 0, count: outputs)))
    }

    @differentiable(reverse, wrt: (parameters, input))
    public func apply<Scalar: TensorScalar>(_ parameters: Tensor<Scalar>, to input: Tensor<Scalar>) -> Tensor<Scalar> {
        input.convolved(
            with: parameters.block(weights.range, shape: weights.shape), bias: parameters.block(bias.range, shape: bias.shape))
    }
}

extension Convolution2D: Block {
    public func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        x.convolved(with: weights[self.weights], bias: weights[bias])
    }
}
