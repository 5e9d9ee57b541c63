import Tensors

extension FieldAlgebra {
    /// Lines [batch, channel, x] as a field [1, channel, x, batch].
    public func laidSideBySide() -> Self { linear({ $0.laidSideBySide() }, { $0.vjpLaidSideBySide() }) }

    /// The reverse.
    public func takenApart() -> Self { linear({ $0.takenApart() }, { $0.vjpTakenApart() }) }

    /// Convolution of lines side by side, [1, inputs, x, batch], with `weights` [outputs, inputs, k]; otherwise as `convolved`.
    public func convolvedAlongLines(
        with weights: Self, bias: Self, padding: Padding = .zero, dilation: Int = 1, activation: Activation = .none
    ) -> Self {
        Self.applied(
            FieldOperation(
                value: { $0[0].convolvedAlongLines(with: $0[1], bias: $0[2], padding: padding, dilation: dilation, activation: activation) },
                linearised: { x in
                    let at = x[0].linearisedAlongLines(with: x[1], bias: x[2], padding: padding, dilation: dilation, activation: activation)
                    return LinearisedOperation(
                        value: at.value, tangent: { at.tangent(input: $0[0], weights: $0[1], bias: $0[2]) },
                        adjoint: { w, wanted in
                            let (input, weights, bias) = at.cotangents(w, input: wanted[0], weights: wanted[1], bias: wanted[2])
                            return [input, weights, bias]
                        })
                }), to: [self, weights, bias])
    }
}
