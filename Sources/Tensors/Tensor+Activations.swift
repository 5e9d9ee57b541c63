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

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func squareplusKernel<Scalar: TensorScalar>(_ x: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, _ count: Int) {
    for i in 0..<count {
        // For x < 0 the sum of x and the root would cancel; its conjugate does not.
        let root = (x[i] * x[i] + 4).squareRoot()
        out[i] = x[i] < 0 ? 2 / (root - x[i]) : (x[i] + root) / 2
    }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func squareplusPullbackKernel<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, _ count: Int
) {
    for i in 0..<count {
        let root = (x[i] * x[i] + 4).squareRoot()
        let slope = x[i] < 0 ? 2 / (root * (root - x[i])) : (1 + x[i] / root) / 2
        out[i] = g[i] * slope
    }
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
