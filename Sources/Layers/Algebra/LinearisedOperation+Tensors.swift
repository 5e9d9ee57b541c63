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
}
