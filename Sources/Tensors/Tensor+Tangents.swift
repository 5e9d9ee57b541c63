extension Tensor {
    /// The derivative of `pairwiseProducts` along a direction of the field.
    public func pairwiseProductsTangent(_ pairs: Int, along direction: Tensor) -> Tensor {
        let (batch, channels, ny, nx) = field
        precondition(direction.shape == shape, "a direction of shape \(direction.shape) for a field of shape \(shape)")
        let plane = ny * nx
        let rest = channels - 2 * pairs
        return Tensor(shape: [batch, pairs + rest, ny, nx]) { out in
            scalars.withUnsafeBufferPointer { values in
                direction.scalars.withUnsafeBufferPointer { changes in
                    guard let x = values.baseAddress, let d = changes.baseAddress else { return }
                    for sample in 0..<batch {
                        let source = sample * channels * plane
                        let target = out + sample * (pairs + rest) * plane
                        for p in 0..<pairs {
                            let (first, second) = (source + 2 * p * plane, source + (2 * p + 1) * plane)
                            productRuleKernel(d + first, x + second, x + first, d + second, target + p * plane, plane)
                        }
                        (target + pairs * plane).initialize(from: d + source + 2 * pairs * plane, count: rest * plane)
                    }
                }
            }
        }
    }
}

/// out = a b + c d.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func productRuleKernel<Scalar: TensorScalar>(
    _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, _ c: UnsafePointer<Scalar>, _ d: UnsafePointer<Scalar>,
    _ out: UnsafeMutablePointer<Scalar>, _ count: Int
) {
    for i in 0..<count { out[i] = a[i] * b[i] + c[i] * d[i] }
}
