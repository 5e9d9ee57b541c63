/// x Phi(x) of every number.
///
/// - Parameter out: may be `x`.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func geluKernel<Scalar: TensorScalar>(_ x: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, _ count: Int) {
    for k in 0..<count { out[k] = gelu(x[k]).value }
}

/// The same with the derivative, Phi(x) + x phi(x).
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func geluKernel<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, slope: UnsafeMutablePointer<Scalar>, _ count: Int
) {
    for k in 0..<count { (out[k], slope[k]) = gelu(x[k]) }
}

@inline(__always)
private func gelu<Scalar: TensorScalar>(_ x: Scalar) -> (value: Scalar, slope: Scalar) {
    let (cumulative, rise) = Scalar.normalDistribution(x)
    // Minus infinity times zero is no number.
    return (x < -Scalar.normalTailEnd ? 0 : x * cumulative, cumulative + rise)
}
