import _Differentiation

extension Tensor {
    /// Sum of squares, accumulated in double precision.
    public var squaredNorm: Double { dotKernel(scalars, scalars, count) }

    /// Inner product, accumulated in double precision; both of one shape.
    public func dot(_ other: Tensor) -> Double {
        precondition(shape == other.shape, "cannot take the inner product of tensors of shapes \(shape) and \(other.shape)")
        return dotKernel(scalars, other.scalars, count)
    }

    /// Sum of all elements, accumulated in double precision.
    public var total: Double { sumKernel(scalars, count) }

    /// Inner product with a constant tensor of the same shape: the functional that adjoint tests differentiate. Linear.
    @differentiable(reverse, wrt: self)
    public func inner(_ constant: Tensor) -> Scalar { Scalar(dot(constant)) }

    @derivative(of: inner, wrt: self)
    public func vjpInner(_ constant: Tensor) -> (value: Scalar, pullback: (Scalar) -> Tensor) {
        (inner(constant), { constant.scaled(by: $0) })
    }

    /// Sum of all elements. Linear.
    @differentiable(reverse, wrt: self)
    public func sum() -> Scalar { Scalar(total) }

    @derivative(of: sum, wrt: self)
    public func vjpSum() -> (value: Scalar, pullback: (Scalar) -> Tensor) {
        let shape = self.shape
        return (sum(), { Tensor(shape: shape, repeating: $0) })
    }

    /// Mean of all elements, of which there must be one. Linear.
    @differentiable(reverse, wrt: self)
    public func mean() -> Scalar { Scalar(total / Double(count)) }

    @derivative(of: mean, wrt: self)
    public func vjpMean() -> (value: Scalar, pullback: (Scalar) -> Tensor) {
        let (shape, count) = (self.shape, self.count)
        return (mean(), { Tensor(shape: shape, repeating: $0 / Scalar(count)) })
    }

    /// Euclidean norm of all elements; at zero, where it has no derivative, that is taken as zero.
    @differentiable(reverse, wrt: self)
    public func norm() -> Scalar { Scalar(squaredNorm.squareRoot()) }

    @derivative(of: norm, wrt: self)
    public func vjpNorm() -> (value: Scalar, pullback: (Scalar) -> Tensor) {
        let input = self
        let norm = norm()
        return (norm, { norm == 0 ? Tensor(shape: input.shape, repeating: 0) : input.scaled(by: $0 / norm) })
    }

    public func normTangent(along direction: Tensor) -> Scalar {
        let norm = squaredNorm.squareRoot()
        return norm == 0 || direction.isSymbolicZero ? 0 : Scalar(dot(direction) / norm)
    }

    /// Means over the cells of every channel: a field to features [batch, channels]. Linear.
    @differentiable(reverse, wrt: self)
    public func spatialMeans() -> Tensor {
        let (batch, channels, ny, nx) = field
        return Tensor(shape: [batch, channels]) { out in
            scalars.withPointer { x in
                nonisolated(unsafe) let (x, out) = (x, out)
                let plane = ny * nx
                TensorThreads.forEach(batch * channels, work: count) { out[$0] = Scalar(sumKernel(x + $0 * plane, plane) / Double(plane)) }
            }
        }
    }

    @derivative(of: spatialMeans, wrt: self)
    public func vjpSpatialMeans() -> (value: Tensor, pullback: (Tensor) -> Tensor) {
        let (shape, plane) = (self.shape, field.ny * field.nx)
        return (spatialMeans(), { cotangent in
            if cotangent.isSymbolicZero { return .zero }
            return Tensor(shape: shape) { out in
                for (k, g) in cotangent.scalars.enumerated() { (out + k * plane).initialize(repeating: g / Scalar(plane), count: plane) }
            }
        })
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

    public func meanSquaredErrorTangent(to target: Tensor, weight: Tensor, along direction: Tensor) -> Scalar {
        direction.isSymbolicZero ? 0 : Scalar(2 * ((self - target) * weight).dot(direction) / weight.total)
    }
}
