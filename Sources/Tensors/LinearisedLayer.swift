/// A layer with weights and bias at given input: its value, and its derivative applied from either side.
public protocol LinearisedLayer<Scalar>: Sendable {
    associatedtype Scalar: TensorScalar
    var value: Tensor<Scalar> { get }
    /// J d, of the value's shape; directions have the shapes of what they belong to, or are `.zero`.
    func tangent(input direction: Tensor<Scalar>, weights: Tensor<Scalar>, bias: Tensor<Scalar>) -> Tensor<Scalar>
    /// J^T g; what is not wanted is `.zero` and costs nothing.
    func cotangents(
        _ cotangent: Tensor<Scalar>, input wantsInput: Bool, weights wantsWeights: Bool, bias wantsBias: Bool
    ) -> (input: Tensor<Scalar>, weights: Tensor<Scalar>, bias: Tensor<Scalar>)
}
