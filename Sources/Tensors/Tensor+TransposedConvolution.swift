import _Differentiation

extension Tensor {
    /// Transposed convolution: from a field [batch, inputs, y, x] to one of `extents` [y, x] on a grid `stride` times as fine, or from a line
    /// [batch, inputs, x] to one of [x]; `weights` are [inputs, outputs, ky, kx] or [inputs, outputs, k], `bias` [outputs] is added and the activation taken.
    ///
    /// It is the adjoint of `convolved` with the same weights, padding, stride and dilation from `outputs` to `inputs` channels: every cell is spread with
    /// the kernel's weights around the cell of the fine grid that it stands for; what falls outside is dropped, comes in again on the other side of a
    /// ring, or is added to the edge.
    /// - Parameter extents: of the fine grid, n where ceil(n / stride) is the field's.
    @differentiable(reverse, wrt: (self, weights, bias))
    public func transposeConvolved(
        to extents: [Int], with weights: Tensor, bias: Tensor, padding: Padding = .zero, stride: Int = 2, dilation: Int = 1,
        activation: Activation = .none
    ) -> Tensor {
        ConvolutionShape(self, weights, bias, transposedTo: extents, padding, stride: stride, dilation: dilation)
            .value(self, weights, bias, activation)
    }

    @derivative(of: transposeConvolved, wrt: (self, weights, bias))
    public func vjpTransposeConvolved(
        to extents: [Int], with weights: Tensor, bias: Tensor, padding: Padding = .zero, stride: Int = 2, dilation: Int = 1,
        activation: Activation = .none
    ) -> (value: Tensor, pullback: (Tensor) -> (Tensor, Tensor, Tensor)) {
        let linearised = linearisedTransposedConvolution(
            to: extents, with: weights, bias: bias, padding: padding, stride: stride, dilation: dilation, activation: activation)
        return (linearised.value, { cotangent in
            let (input, weights, bias) = linearised.cotangents(cotangent)
            return (input, weights, bias)
        })
    }

    /// `transposeConvolved`, with its derivative for use in any direction.
    public func linearisedTransposedConvolution(
        to extents: [Int], with weights: Tensor, bias: Tensor, padding: Padding = .zero, stride: Int = 2, dilation: Int = 1,
        activation: Activation = .none
    ) -> LinearisedConvolution<Scalar> {
        let shape = ConvolutionShape(self, weights, bias, transposedTo: extents, padding, stride: stride, dilation: dilation)
        return LinearisedConvolution(self, weights, bias, shape, activation)
    }

    /// The derivative of `transposeConvolved` along directions of field, weights and bias, each of the shape of its own or `.zero`.
    public func transposeConvolvedTangent(
        to extents: [Int], with weights: Tensor, bias: Tensor, padding: Padding = .zero, stride: Int = 2, dilation: Int = 1,
        activation: Activation = .none, along direction: Tensor, weights weightDirection: Tensor, bias biasDirection: Tensor
    ) -> Tensor {
        linearisedTransposedConvolution(
            to: extents, with: weights, bias: bias, padding: padding, stride: stride, dilation: dilation, activation: activation
        ).tangent(input: direction, weights: weightDirection, bias: biasDirection)
    }
}
