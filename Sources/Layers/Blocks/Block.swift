import Tensors
import _Differentiation

/// A part of a network, without its weights: a function of a field and the weights, written once for every `FieldAlgebra`.
///
/// That is all that a new block says. Value, tangent-linear and adjoint of whatever is composed of blocks follow from it:
///
/// ```swift
/// struct TwoScales: Block {
///     let near, far: Convolution
///
///     func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
///         x + near(x, weights).rectified() * far(x, weights)
///     }
/// }
/// ```
///
/// Shapes are the programmer's business, as in `Tensor`: what does not fit stops with a message that names both shapes.
public protocol Block: Sendable {
    /// - Parameters:
    ///   - x: [batch, channel, y, x] where nothing else is said.
    ///   - weights: of the model that the block is part of.
    func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field
}

extension Block {
    /// The block's value, differentiable with Swift's `gradient` and `valueWithPullback` too.
    ///
    /// - Parameters:
    ///   - parameters: all weights of the model, one vector in the order of its `ParameterLayout`.
    ///   - x: the input.
    @differentiable(reverse, wrt: (parameters, x))
    public func value<Scalar: TensorScalar>(_ parameters: Tensor<Scalar>, at x: Tensor<Scalar>) -> Tensor<Scalar> {
        self(x, Weights(parameters))
    }

    @derivative(of: value, wrt: (parameters, x))
    public func vjpValue<Scalar: TensorScalar>(
        _ parameters: Tensor<Scalar>, at x: Tensor<Scalar>
    ) -> (value: Tensor<Scalar>, pullback: (Tensor<Scalar>) -> (Tensor<Scalar>, Tensor<Scalar>)) {
        let linearised = linearised(parameters, at: x)
        return (linearised.value, { cotangent in
            let gradient = linearised.pullback(cotangent)
            return (gradient.parameters, gradient.input)
        })
    }

    /// The block's value and its derivative along one direction, at about the cost of two values and the memory of one.
    ///
    /// - Parameters:
    ///   - direction: of the parameters and of x; either may be `.zero`.
    public func valueWithTangent<Scalar: TensorScalar>(
        _ parameters: Tensor<Scalar>, at x: Tensor<Scalar>, along direction: (parameters: Tensor<Scalar>, x: Tensor<Scalar>)
    ) -> (value: Tensor<Scalar>, tangent: Tensor<Scalar>) {
        let result = self(TangentField(primal: x, tangent: direction.x), Weights(parameters, along: direction.parameters))
        return (result.primal, result.tangent)
    }

    /// The block's value, and its Jacobian for any number of directions and cotangents.
    public func linearised<Scalar: TensorScalar>(_ parameters: Tensor<Scalar>, at x: Tensor<Scalar>) -> Linearisation<Scalar> {
        Linearisation(parameters: parameters, input: x) { self($0, $1) }
    }
}
