import Tensors

/// A field and its derivative along one direction of input and weights, computed side by side and without storing anything.
public struct TangentField<Scalar: TensorScalar>: FieldAlgebra, Sendable {
    public let primal: Tensor<Scalar>
    /// Of the primal's shape, or `.zero`.
    public let tangent: Tensor<Scalar>

    public init(primal: Tensor<Scalar>, tangent: Tensor<Scalar>) {
        precondition(
            tangent.isSymbolicZero || tangent.shape == primal.shape, "a field of shape \(primal.shape) with a direction of shape \(tangent.shape)")
        self.primal = primal
        self.tangent = tangent
    }

    public init(constant: Tensor<Scalar>) { self.init(primal: constant, tangent: .zero) }

    public static func applied(_ operation: FieldOperation<Scalar>, to inputs: [TangentField]) -> TangentField {
        let values = inputs.map(\.primal)
        guard inputs.contains(where: { !$0.tangent.isSymbolicZero }) else { return TangentField(constant: operation.value(values)) }
        let linearised = operation.linearised(values)
        return TangentField(primal: linearised.value, tangent: linearised.tangent(inputs.map(\.tangent)))
    }
}
