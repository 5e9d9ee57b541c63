import Tensors

// Operations made of the tensors' own, whose pullbacks are known.

/// What a tensor operation of one input registers as its derivative.
typealias ValueWithPullback<Scalar: TensorScalar> = (value: Tensor<Scalar>, pullback: (Tensor<Scalar>) -> Tensor<Scalar>)

/// A pullback of a tensor operation, between threads.
///
/// Swift's differentiation has no way to say that a pullback may go to another thread. Those of tensors may: they capture tensors and numbers,
/// all of them values.
struct TensorPullback<Scalar: TensorScalar, Cotangents>: @unchecked Sendable {
    let apply: (Tensor<Scalar>) -> Cotangents

    init(_ apply: @escaping (Tensor<Scalar>) -> Cotangents) { self.apply = apply }
}

extension FieldAlgebra {
    /// An operation of one input that is linear in it: its tangent-linear is the operation itself.
    @_specialize(where Self == RecordedField<Float>)
    @_specialize(where Self == RecordedField<Double>)
    func linear(
        _ map: @escaping @Sendable (Tensor<Scalar>) -> Tensor<Scalar>, _ derivative: @escaping (Tensor<Scalar>) -> ValueWithPullback<Scalar>
    ) -> Self {
        Self.applied(
            FieldOperation(value: { map($0[0]) }, linearised: { x in
                let (value, pullback) = derivative(x[0])
                let transposed = TensorPullback(pullback)
                return LinearisedOperation(value: value, tangent: { map($0[0]) }, adjoint: { w, _ in [transposed.apply(w)] })
            }), to: [self])
    }

    /// An operation on this field, weights and a bias, with the derivative that a layer of tensors has.
    @inline(__always)
    func layer<Layer: LinearisedLayer<Scalar>>(
        _ weights: Self, _ bias: Self, value: @escaping @Sendable (Tensor<Scalar>, Tensor<Scalar>, Tensor<Scalar>) -> Tensor<Scalar>,
        linearised: @escaping @Sendable (Tensor<Scalar>, Tensor<Scalar>, Tensor<Scalar>) -> Layer
    ) -> Self {
        Self.applied(
            FieldOperation(
                value: { value($0[0], $0[1], $0[2]) },
                linearised: { x in
                    let at = linearised(x[0], x[1], x[2])
                    return LinearisedOperation(
                        value: at.value, tangent: { at.tangent(input: $0[0], weights: $0[1], bias: $0[2]) },
                        adjoint: { w, wanted in
                            let (input, weights, bias) = at.cotangents(w, input: wanted[0], weights: wanted[1], bias: wanted[2])
                            return [input, weights, bias]
                        })
                }), to: [self, weights, bias])
    }
}
