import Tensors

/// What a block computes with: fields that can be convolved, multiplied, solved for.
///
/// A block's body is written once, for any `FieldAlgebra`. Run on `Tensor` it gives the value; on `TangentField` the value and its
/// derivative along a direction; on `RecordedField` a record of what was done, which gives derivatives along any number of directions
/// and, run backwards, gradients. Nothing in a body knows which of the three it is.
///
/// Operations are extensions of this protocol, each with its value, tangent-linear and adjoint in one place (`FieldOperation`).
public protocol FieldAlgebra<Scalar> {
    associatedtype Scalar: TensorScalar

    /// A field that depends neither on the input nor on the weights: a mask, a depth.
    init(constant: Tensor<Scalar>)

    /// The numbers alone. What is computed from them is a constant to the derivatives.
    var primal: Tensor<Scalar> { get }

    static func applied(_ operation: FieldOperation<Scalar>, to inputs: [Self]) -> Self
}

extension FieldAlgebra {
    /// Extents, slowest first.
    public var shape: [Int] { primal.shape }
}

/// One operation on fields: its value, and its linearisation.
public struct FieldOperation<Scalar: TensorScalar> {
    let value: ([Tensor<Scalar>]) -> Tensor<Scalar>
    let linearised: ([Tensor<Scalar>]) -> LinearisedOperation<Scalar>

    /// - Parameters:
    ///   - value: of the inputs.
    ///   - linearised: value, tangent-linear and adjoint at the inputs, sharing what they have in common. The value must be `value`'s bit for bit.
    public init(
        value: @escaping ([Tensor<Scalar>]) -> Tensor<Scalar>, linearised: @escaping ([Tensor<Scalar>]) -> LinearisedOperation<Scalar>
    ) {
        self.value = value
        self.linearised = linearised
    }
}

/// The value of an operation at some inputs, and its Jacobian J there, applied from either side.
public struct LinearisedOperation<Scalar: TensorScalar>: Sendable {
    /// Of the transposed Jacobian: a cotangent of the value, and for each input whether its cotangent is asked for; cotangents of the inputs.
    /// What is not asked for may be `.zero`.
    public typealias Adjoint = @Sendable (_ cotangent: Tensor<Scalar>, _ wanted: [Bool]) -> [Tensor<Scalar>]

    public let value: Tensor<Scalar>
    /// J v: directions of the inputs, some but not all of which may be `.zero`, to one of the value.
    public let tangent: @Sendable (_ directions: [Tensor<Scalar>]) -> Tensor<Scalar>
    /// J^T w; w is not `.zero`.
    public let adjoint: Adjoint

    /// J^T w of an operation of one input, added to what the input's cotangent is so far, which may be `.zero`: for those that concern a part of it.
    let addAdjoint: (@Sendable (_ cotangent: Tensor<Scalar>, _ sum: inout Tensor<Scalar>) -> Void)?

    public init(
        value: Tensor<Scalar>, tangent: @escaping @Sendable ([Tensor<Scalar>]) -> Tensor<Scalar>, adjoint: @escaping Adjoint
    ) {
        self.value = value
        self.tangent = tangent
        self.adjoint = adjoint
        addAdjoint = nil
    }

    init(
        value: Tensor<Scalar>, tangent: @escaping @Sendable ([Tensor<Scalar>]) -> Tensor<Scalar>,
        addAdjoint: @escaping @Sendable (Tensor<Scalar>, inout Tensor<Scalar>) -> Void
    ) {
        self.value = value
        self.tangent = tangent
        adjoint = { cotangent, _ in
            var sum = Tensor<Scalar>.zero
            addAdjoint(cotangent, &sum)
            return [sum]
        }
        self.addAdjoint = addAdjoint
    }
}

extension Tensor: FieldAlgebra {
    public init(constant: Tensor) { self = constant }

    public var primal: Tensor { self }

    public static func applied(_ operation: FieldOperation<Scalar>, to inputs: [Tensor]) -> Tensor { operation.value(inputs) }
}
