import Tensors

extension FieldAlgebra {
    public static func + (a: Self, b: Self) -> Self {
        applied(
            FieldOperation(value: { $0[0] + $0[1] }, linearised: { x in
                LinearisedOperation(value: x[0] + x[1], tangent: { $0[0] + $0[1] }, adjoint: { w, _ in [w, w] })
            }), to: [a, b])
    }

    public static func - (a: Self, b: Self) -> Self {
        applied(
            FieldOperation(value: { $0[0] - $0[1] }, linearised: { x in
                LinearisedOperation(
                    value: x[0] - x[1], tangent: { $0[0] - $0[1] }, adjoint: { w, wanted in [w, wanted[1] ? w.scaled(by: -1) : .zero] })
            }), to: [a, b])
    }

    /// Products of corresponding elements; both of one shape.
    public static func * (a: Self, b: Self) -> Self {
        applied(
            FieldOperation(value: { $0[0] * $0[1] }, linearised: { x in
                LinearisedOperation(
                    value: x[0] * x[1], tangent: { $0[0].orZero { $0 * x[1] } + $0[1].orZero { x[0] * $0 } },
                    adjoint: { w, wanted in [wanted[0] ? w * x[1] : .zero, wanted[1] ? w * x[0] : .zero] })
            }), to: [a, b])
    }

    /// Quotients of corresponding elements; both of one shape, the divisor nowhere zero.
    public static func / (a: Self, b: Self) -> Self {
        applied(
            FieldOperation(value: { $0[0] / $0[1] }, linearised: { x in
                let (quotient, numerator, divisor) = (x[0] / x[1], x[0], x[1])
                return LinearisedOperation(
                    value: quotient, tangent: { numerator.divideTangent(divisor, along: $0[0], $0[1]) },
                    adjoint: { w, wanted in
                        let share = w / divisor
                        return [wanted[0] ? share : .zero, wanted[1] ? (share * quotient).scaled(by: -1) : .zero]
                    })
            }), to: [a, b])
    }

    /// Every element times `factor`.
    public func scaled(by factor: Scalar) -> Self { linear({ $0.scaled(by: factor) }, { $0.vjpScaled(by: factor) }) }

    /// Σ factors[k] * fields[k], all of one shape, as one operation: a stage of a Runge-Kutta scheme.
    @_specialize(where Self == RecordedField<Float>)
    @_specialize(where Self == RecordedField<Double>)
    public static func combination(_ fields: [Self], _ factors: [Scalar]) -> Self {
        applied(
            FieldOperation(value: { .combination($0, factors) }, linearised: { x in
                LinearisedOperation(
                    value: .combination(x, factors), tangent: { .combination($0, factors) },
                    adjoint: { Tensor.multiples(of: $0, factors, where: $1) })
            }), to: fields)
    }

    /// Products with a constant field of the same shape, such as a land mask.
    public func masked(by mask: Tensor<Scalar>) -> Self { linear({ $0.masked(by: mask) }, { $0.vjpMasked(by: mask) }) }

    /// The activation of every element.
    public func activated(by activation: Activation) -> Self {
        Self.applied(
            FieldOperation(value: { $0[0].activated(by: activation) }, linearised: { x in
                let at = x[0].linearisedActivation(activation)
                return LinearisedOperation(value: at.value, tangent: { at.slope(times: $0[0]) }, adjoint: { w, _ in [at.slope(times: w)] })
            }), to: [self])
    }

    /// max(x, 0), element by element; the derivative at 0 is 0.
    public func rectified() -> Self { activated(by: .rectifier) }

    /// |x|, element by element; the derivative at 0 is 0.
    public func magnitude() -> Self { rectified() + scaled(by: -1).rectified() }

    /// max(x, bound), element by element; the derivative at the bound is 0.
    public func atLeast(_ bound: Scalar) -> Self {
        let bounds = Self(constant: Tensor(shape: shape, repeating: bound))
        return (self - bounds).rectified() + bounds
    }

    /// (x + sqrt(x^2 + 4)) / 2, element by element: positive and smooth.
    public func squareplus() -> Self { activated(by: .squareplus) }
}

extension Tensor {
    /// What a linear `map` makes of a direction: nothing of nothing.
    func orZero(_ map: (Tensor) -> Tensor) -> Tensor { isSymbolicZero ? .zero : map(self) }
}
