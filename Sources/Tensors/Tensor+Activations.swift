import _Differentiation

/// An activation at given arguments: its value, and its derivative, which is diagonal, so that tangents and cotangents are scaled alike.
public struct LinearisedActivation<Scalar: TensorScalar>: Sendable {
    public let value: Tensor<Scalar>
    let activation: Activation
    /// The values, or the derivative where it does not follow from the values.
    let at: Tensor<Scalar>

    /// The derivative times a tangent, or a cotangent, of the shape of the value.
    public func slope(times direction: Tensor<Scalar>) -> Tensor<Scalar> {
        if activation == .none || direction.isSymbolicZero { return direction }
        precondition(direction.shape == at.shape, "a direction of shape \(direction.shape) for values of shape \(at.shape)")
        return Tensor(shape: at.shape) { out in
            at.withPointers(direction) { x, g in
                nonisolated(unsafe) let (x, g, out) = (x, g, out)
                TensorThreads.forEachPart(of: at.count) {
                    activationSlopeKernel(x + $0.lowerBound, g + $0.lowerBound, out + $0.lowerBound, $0.count, activation)
                }
            }
        }
    }
}

extension Tensor {
    /// The activation of every element.
    @differentiable(reverse, wrt: self)
    public func activated(by activation: Activation) -> Tensor {
        if activation == .none { return self }
        return Tensor(shape: shape) { out in
            scalars.withPointer { x in
                nonisolated(unsafe) let (x, out) = (x, out)
                TensorThreads.forEachPart(of: count) { activationKernel(x + $0.lowerBound, out + $0.lowerBound, $0.count, activation) }
            }
        }
    }

    /// The activation and its derivative.
    public func linearisedActivation(_ activation: Activation) -> LinearisedActivation<Scalar> {
        if activation.slopeFollowsFromValue {
            let value = activated(by: activation)
            return LinearisedActivation(value: value, activation: activation, at: value)
        }
        var slope = Tensor.zero
        let value = Tensor(shape: shape) { out in
            slope = Tensor(shape: shape) { slope in
                scalars.withPointer { x in
                    nonisolated(unsafe) let (x, out, slope) = (x, out, slope)
                    TensorThreads.forEachPart(of: count) {
                        geluKernel(x + $0.lowerBound, out + $0.lowerBound, slope: slope + $0.lowerBound, $0.count)
                    }
                }
            }
        }
        return LinearisedActivation(value: value, activation: activation, at: slope)
    }

    @derivative(of: activated, wrt: self)
    public func vjpActivated(by activation: Activation) -> (value: Tensor, pullback: (Tensor) -> Tensor) {
        let linearised = linearisedActivation(activation)
        return (linearised.value, { linearised.slope(times: $0) })
    }

    public func activatedTangent(by activation: Activation, along direction: Tensor) -> Tensor {
        linearisedActivation(activation).slope(times: direction)
    }

    /// max(x, 0), element by element; the derivative at 0 is 0; NaN stays NaN.
    @differentiable(reverse, wrt: self)
    public func rectified() -> Tensor { activated(by: .rectifier) }

    @derivative(of: rectified, wrt: self)
    public func vjpRectified() -> (value: Tensor, pullback: (Tensor) -> Tensor) { vjpActivated(by: .rectifier) }

    /// (x + sqrt(x^2 + 4)) / 2, element by element: positive, smooth, x for large x, without exponentials (Barron 2021).
    @differentiable(reverse, wrt: self)
    public func squareplus() -> Tensor { activated(by: .squareplus) }

    @derivative(of: squareplus, wrt: self)
    public func vjpSquareplus() -> (value: Tensor, pullback: (Tensor) -> Tensor) { vjpActivated(by: .squareplus) }
}
