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
}
