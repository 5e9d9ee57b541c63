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

    /// Sum of squares, accumulated in double precision.
    public var squaredNorm: Double { dotKernel(scalars, scalars, count) }

    /// Inner product, accumulated in double precision; both of one shape.
    public func dot(_ other: Tensor) -> Double {
        precondition(shape == other.shape, "cannot take the inner product of tensors of shapes \(shape) and \(other.shape)")
        return dotKernel(scalars, other.scalars, count)
    }

    /// Inner product with a constant tensor of the same shape: the functional that adjoint tests differentiate.
    @differentiable(reverse, wrt: self)
    public func inner(_ constant: Tensor) -> Scalar { Scalar(dot(constant)) }

    @derivative(of: inner, wrt: self)
    public func vjpInner(_ constant: Tensor) -> (value: Scalar, pullback: (Scalar) -> Tensor) {
        (inner(constant), { constant.scaled(by: $0) })
    }

    /// Mean over the elements where `weight` is not zero of weight * (self - target)^2.
    ///
    /// The divisor is the sum of `weight`, so that with a land mask for `weight` only wet cells count.
    /// All three have one shape; `weight` must not be zero everywhere.
    @differentiable(reverse, wrt: self)
    public func meanSquaredError(to target: Tensor, weight: Tensor) -> Scalar {
        let error = self - target
        return Scalar(dotKernel((error * weight).scalars, error.scalars, count) / weight.total)
    }

    @derivative(of: meanSquaredError, wrt: self)
    public func vjpMeanSquaredError(
        to target: Tensor, weight: Tensor
    ) -> (value: Scalar, pullback: (Scalar) -> Tensor) {
        let error = self - target
        let weighted = error * weight
        let total = weight.total
        let value = Scalar(dotKernel(weighted.scalars, error.scalars, count) / total)
        return (value, { weighted.scaled(by: 2 * $0 / Scalar(total)) })
    }

    /// Sum of all elements, accumulated in double precision.
    public var total: Double { scalars.reduce(0.0) { $0 + Double($1) } }
}
