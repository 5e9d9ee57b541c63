import Tensors

/// The weights of a model, as fields of an algebra: `weights[block]` are those that a layer reserved in the `ParameterLayout`.
public struct Weights<Field: FieldAlgebra> {
    private let find: (ParameterLayout.Block) -> Field

    init(_ find: @escaping (ParameterLayout.Block) -> Field) { self.find = find }

    public subscript(block: ParameterLayout.Block) -> Field { find(block) }
}

extension Weights {
    /// Of a parameter vector.
    public init<Scalar: TensorScalar>(_ parameters: Tensor<Scalar>) where Field == Tensor<Scalar> {
        self.init { parameters.block($0.range, shape: $0.shape) }
    }

    /// Of a parameter vector and a direction of it, which may be `.zero`.
    public init<Scalar: TensorScalar>(_ parameters: Tensor<Scalar>, along direction: Tensor<Scalar>) where Field == TangentField<Scalar> {
        self.init {
            TangentField(
                primal: parameters.block($0.range, shape: $0.shape),
                tangent: direction.isSymbolicZero ? .zero : direction.block($0.range, shape: $0.shape))
        }
    }
}
