import Tensors

extension FieldAlgebra {
    /// Lines [batch, channel, x] as a field [1, channel, x, batch].
    public func laidSideBySide() -> Self { linear({ $0.laidSideBySide() }, { $0.vjpLaidSideBySide() }) }

    /// The reverse.
    public func takenApart() -> Self { linear({ $0.takenApart() }, { $0.vjpTakenApart() }) }

    /// Convolution of lines side by side, [1, inputs, x, batch], with `weights` [outputs, inputs, k]; otherwise as `convolved`.
    @_specialize(where Self == RecordedField<Float>)
    @_specialize(where Self == RecordedField<Double>)
    public func convolvedAlongLines(
        with weights: Self, bias: Self, padding: Padding = .zero, dilation: Int = 1, activation: Activation = .none
    ) -> Self {
        layer(
            weights, bias,
            value: { $0.convolvedAlongLines(with: $1, bias: $2, padding: padding, dilation: dilation, activation: activation) },
            linearised: { $0.linearisedAlongLines(with: $1, bias: $2, padding: padding, dilation: dilation, activation: activation) })
    }
}
