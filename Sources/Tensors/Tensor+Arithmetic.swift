import _Differentiation

extension Tensor {
    @derivative(of: +)
    public static func vjpAdd(_ a: Tensor, _ b: Tensor) -> (value: Tensor, pullback: (Tensor) -> (Tensor, Tensor)) {
        (a + b, { ($0, $0) })
    }

    @derivative(of: -)
    public static func vjpSubtract(_ a: Tensor, _ b: Tensor) -> (value: Tensor, pullback: (Tensor) -> (Tensor, Tensor)) {
        (a - b, { ($0, Tensor.zero - $0) })
    }

    /// Products of corresponding elements; both of one shape.
    @differentiable(reverse)
    public static func * (a: Tensor, b: Tensor) -> Tensor { elementwise(a, b, .multiply) }

    @derivative(of: *)
    public static func vjpMultiply(_ a: Tensor, _ b: Tensor) -> (value: Tensor, pullback: (Tensor) -> (Tensor, Tensor)) {
        (a * b, { $0.isSymbolicZero ? (.zero, .zero) : ($0 * b, $0 * a) })
    }

    /// Quotients of corresponding elements; both of one shape.
    @differentiable(reverse)
    public static func / (a: Tensor, b: Tensor) -> Tensor { elementwise(a, b, .divide) }

    @derivative(of: /)
    public static func vjpDivide(_ a: Tensor, _ b: Tensor) -> (value: Tensor, pullback: (Tensor) -> (Tensor, Tensor)) {
        let quotient = a / b
        return (quotient, { cotangent in
            if cotangent.isSymbolicZero { return (.zero, .zero) }
            let share = cotangent / b
            return (share, (share * quotient).scaled(by: -1))
        })
    }

    /// Every element times `factor`.
    @differentiable(reverse, wrt: self)
    public func scaled(by factor: Scalar) -> Tensor { Self.scaled(self, factor) }

    @derivative(of: scaled, wrt: self)
    public func vjpScaled(by factor: Scalar) -> (value: Tensor, pullback: (Tensor) -> Tensor) {
        (scaled(by: factor), { $0.isSymbolicZero ? .zero : $0.scaled(by: factor) })
    }

    /// Products with a constant field of the same shape, such as a land mask.
    @differentiable(reverse, wrt: self)
    public func masked(by mask: Tensor) -> Tensor { Self.elementwise(self, mask, .multiply) }

    @derivative(of: masked, wrt: self)
    public func vjpMasked(by mask: Tensor) -> (value: Tensor, pullback: (Tensor) -> Tensor) {
        (masked(by: mask), { $0.isSymbolicZero ? .zero : $0.masked(by: mask) })
    }

    /// The derivative of the quotient of corresponding elements of self and `divisor`; either direction may be `.zero`.
    public func divideTangent(_ divisor: Tensor, along direction: Tensor, _ divisorDirection: Tensor) -> Tensor {
        let change = divisorDirection.isSymbolicZero ? direction : direction - self / divisor * divisorDirection
        return change.isSymbolicZero ? change : change / divisor
    }

    /// The derivative of the product of corresponding elements of self and `other`; either direction may be `.zero`.
    public func multiplyTangent(_ other: Tensor, along direction: Tensor, _ otherDirection: Tensor) -> Tensor {
        let own = direction.isSymbolicZero ? direction : direction * other
        return otherDirection.isSymbolicZero ? own : own + self * otherDirection
    }
}
