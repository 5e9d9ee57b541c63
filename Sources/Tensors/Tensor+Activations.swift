import _Differentiation

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func rectifyKernel<Scalar: TensorScalar>(_ x: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, _ count: Int) {
    // A comparison that is false for NaN would turn NaN into zero and hide it.
    for i in 0..<count { out[i] = x[i] < 0 ? 0 : x[i] }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func rectifyPullbackKernel<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, _ count: Int
) {
    for i in 0..<count { out[i] = x[i] > 0 ? g[i] : 0 }
}

/// sqrt(x^2 + 4), whose square does not overflow: from 1e9 on, 4 is below the rounding of x^2 in either precision.
@inlinable @inline(__always)
func squareplusRoot<Scalar: TensorScalar>(_ x: Scalar) -> Scalar { abs(x) < 1e9 ? (x * x + 4).squareRoot() : abs(x) }

/// (x + sqrt(x^2 + 4)) / 2 of a number; above zero wherever 2 x does not overflow.
@inlinable @inline(__always)
public func squareplus<Scalar: TensorScalar>(_ x: Scalar) -> Scalar {
    // For x < 0 the sum of x and the root would cancel; its conjugate does not.
    let root = squareplusRoot(x)
    return x < 0 ? 2 / (root - x) : (x + root) / 2
}

/// The derivative of `squareplus`.
@inlinable @inline(__always)
public func squareplusSlope<Scalar: TensorScalar>(_ x: Scalar) -> Scalar {
    let root = squareplusRoot(x)
    return x < 0 ? 2 / (root * (root - x)) : (1 + x / root) / 2
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func squareplusKernel<Scalar: TensorScalar>(_ x: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, _ count: Int) {
    for i in 0..<count { out[i] = squareplus(x[i]) }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func squareplusPullbackKernel<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, _ count: Int
) {
    for i in 0..<count { out[i] = g[i] * squareplusSlope(x[i]) }
}

extension Tensor {
    /// max(x, 0), element by element; the derivative at 0 is 0; NaN stays NaN.
    @differentiable(reverse, wrt: self)
    public func rectified() -> Tensor {
        Tensor(shape: shape) { out in rectifyKernel(scalars, out, count) }
    }

    @derivative(of: rectified, wrt: self)
    public func vjpRectified() -> (value: Tensor, pullback: (Tensor) -> Tensor) {
        let input = self
        return (rectified(), { cotangent in
            if cotangent.isSymbolicZero { return .zero }
            return Tensor(shape: input.shape) { out in
                rectifyPullbackKernel(input.scalars, cotangent.scalars, out, input.count)
            }
        })
    }

    /// (x + sqrt(x^2 + 4)) / 2, element by element: positive, smooth, x for large x, without exponentials (Barron 2021).
    @differentiable(reverse, wrt: self)
    public func squareplus() -> Tensor {
        Tensor(shape: shape) { out in squareplusKernel(scalars, out, count) }
    }

    @derivative(of: squareplus, wrt: self)
    public func vjpSquareplus() -> (value: Tensor, pullback: (Tensor) -> Tensor) {
        let input = self
        return (squareplus(), { cotangent in
            if cotangent.isSymbolicZero { return .zero }
            return Tensor(shape: input.shape) { out in
                squareplusPullbackKernel(input.scalars, cotangent.scalars, out, input.count)
            }
        })
    }
}
