import Tensors

extension FieldAlgebra {
    /// Convolution of a field [batch, inputs, y, x] with `weights` [outputs, inputs, ky, kx], or of a line [batch, inputs, x] with
    /// [outputs, inputs, k]; `bias` [outputs] is added and the activation taken. Gives as many cells as the field has, or with a stride the first along each
    /// axis and every `stride`-th after it.
    public func convolved(
        with weights: Self, bias: Self, padding: Padding = .zero, stride: Int = 1, dilation: Int = 1, activation: Activation = .none
    ) -> Self {
        layer(
            weights, bias,
            value: { $0.convolved(with: $1, bias: $2, padding: padding, stride: stride, dilation: dilation, activation: activation) },
            linearised: {
                $0.linearisedConvolution(with: $1, bias: $2, padding: padding, stride: stride, dilation: dilation, activation: activation)
            })
    }

    /// Transposed convolution of a field [batch, inputs, y, x] with `weights` [inputs, outputs, ky, kx] to a grid of `extents` [y, x] that is `stride` times as
    /// fine, or of a line [batch, inputs, x] with [inputs, outputs, k] to [x]; `bias` [outputs] is added and the activation taken. The adjoint of `convolved`
    /// with the same weights.
    public func transposeConvolved(
        to extents: [Int], with weights: Self, bias: Self, padding: Padding = .zero, stride: Int = 2, dilation: Int = 1,
        activation: Activation = .none
    ) -> Self {
        layer(
            weights, bias,
            value: {
                $0.transposeConvolved(
                    to: extents, with: $1, bias: $2, padding: padding, stride: stride, dilation: dilation, activation: activation)
            },
            linearised: {
                $0.linearisedTransposedConvolution(
                    to: extents, with: $1, bias: $2, padding: padding, stride: stride, dilation: dilation, activation: activation)
            })
    }
}
