import Tensors

extension FieldAlgebra {
    /// Convolution of a field [batch, inputs, y, x] with `weights` [outputs, inputs, ky, kx], or of a line [batch, inputs, x] with
    /// [outputs, inputs, k]; `bias` [outputs] is added and the activation taken. Extents of the kernel are odd. Gives as many cells as the field has.
    public func convolved(
        with weights: Self, bias: Self, padding: Padding = .zero, dilation: Int = 1, activation: Activation = .none
    ) -> Self {
        Self.applied(
            FieldOperation(
                value: { $0[0].convolved(with: $0[1], bias: $0[2], padding: padding, dilation: dilation, activation: activation) },
                linearised: { x in
                    let at = x[0].linearisedConvolution(
                        with: x[1], bias: x[2], padding: padding, dilation: dilation, activation: activation)
                    return LinearisedOperation(
                        value: at.value, tangent: { at.tangent(input: $0[0], weights: $0[1], bias: $0[2]) },
                        adjoint: { w, wanted in
                            let (input, weights, bias) = at.cotangents(w, input: wanted[0], weights: wanted[1], bias: wanted[2])
                            return [input, weights, bias]
                        })
                }), to: [self, weights, bias])
    }
}
