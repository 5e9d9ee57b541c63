import Tensors

extension FieldAlgebra {
    /// Convolution of a field [batch, inputs, y, x] with `weights` [outputs, inputs, k, k], k odd, zeros outside the field;
    /// `bias` [outputs] is added. Gives [batch, outputs, y, x].
    public func convolved(with weights: Self, bias: Self) -> Self {
        Self.applied(
            FieldOperation(value: { $0[0].convolved(with: $0[1], bias: $0[2]) }, linearised: { x in
                let (value, pullback) = x[0].vjpConvolved(with: x[1], bias: x[2])
                let adjoint = TensorPullback(pullback)
                let outputs = x[1].shape[0]
                return LinearisedOperation(
                    value: value,
                    tangent: { d in
                        let zero = Tensor<Scalar>(shape: [outputs], repeating: 0)
                        let byInput = d[0].orZero { $0.convolved(with: x[1], bias: zero) }
                        if d[1].isSymbolicZero && d[2].isSymbolicZero { return byInput }
                        let weights = d[1].isSymbolicZero ? Tensor<Scalar>(shape: x[1].shape, repeating: 0) : d[1]
                        return byInput + x[0].convolved(with: weights, bias: d[2].isSymbolicZero ? zero : d[2])
                    },
                    adjoint: { w, _ in
                        let (x, weights, bias) = adjoint.apply(w)
                        return [x, weights, bias]
                    })
            }), to: [self, weights, bias])
    }
}
