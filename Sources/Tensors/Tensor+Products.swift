import _Differentiation

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func pairGradientKernel<Scalar: TensorScalar>(
    _ first: UnsafePointer<Scalar>, _ second: UnsafePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ toFirst: UnsafeMutablePointer<Scalar>,
    _ toSecond: UnsafeMutablePointer<Scalar>, _ count: Int
) {
    for i in 0..<count {
        toFirst[i] = g[i] * second[i]
        toSecond[i] = g[i] * first[i]
    }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func pairTangentKernel<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, _ d: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, _ count: Int
) {
    for i in 0..<count { out[i] = d[i] * x[count &+ i] + x[i] * d[count &+ i] }
}

extension Tensor {
    /// Bilinear layer: channel 2p times channel 2p+1 for p < `pairs`, then the remaining channels unchanged.
    ///
    /// [batch, channels, y, x] becomes [batch, channels - pairs, y, x].
    @differentiable(reverse, wrt: self)
    public func pairwiseProducts(_ pairs: Int) -> Tensor {
        forEachPair(pairs) { source, target, plane in
            self.scalars.withPointer { x in elementwiseKernel(x + source, x + source + plane, target, plane, .multiply) }
        }
    }

    @derivative(of: pairwiseProducts, wrt: self)
    public func vjpPairwiseProducts(_ pairs: Int) -> (value: Tensor, pullback: (Tensor) -> Tensor) {
        let input = self
        return (pairwiseProducts(pairs), { cotangent in
            if cotangent.isSymbolicZero { return .zero }
            let (batch, channels, ny, nx) = input.field
            let plane = ny * nx
            let rest = channels - 2 * pairs
            return Tensor(shape: input.shape) { out in
                input.withPointers(cotangent) { x, g in
                    nonisolated(unsafe) let (x, g, out) = (x, g, out)
                    TensorThreads.forEach(batch * (pairs + 1), work: 4 * input.count) { k in
                        let (sample, p) = (k / (pairs + 1), k % (pairs + 1))
                        let source = x + sample * channels * plane
                        let gradient = g + sample * (pairs + rest) * plane
                        let target = out + sample * channels * plane
                        if p == pairs { return copyScalars(from: gradient + pairs * plane, to: target + 2 * pairs * plane, rest * plane) }
                        let (first, second) = (2 * p * plane, (2 * p + 1) * plane)
                        pairGradientKernel(source + first, source + second, gradient + p * plane, target + first, target + second, plane)
                    }
                }
            }
        })
    }

    /// The derivative of `pairwiseProducts` along a direction of the field.
    public func pairwiseProductsTangent(_ pairs: Int, along direction: Tensor) -> Tensor {
        if direction.isSymbolicZero { return .zero }
        precondition(direction.shape == shape, "a direction of shape \(direction.shape) for a field of shape \(shape)")
        return direction.forEachPair(pairs) { source, target, plane in
            self.withPointers(direction) { x, d in pairTangentKernel(x + source, d + source, target, plane) }
        }
    }

    /// A field of one channel for every pair, which `body` writes, and of the remaining channels as they are here.
    ///
    /// - Parameter body: gets where in the storage the pair's first channel begins, where its result goes, and the size of a plane.
    private func forEachPair(_ pairs: Int, _ body: @Sendable (Int, UnsafeMutablePointer<Scalar>, Int) -> Void) -> Tensor {
        let (batch, channels, ny, nx) = field
        precondition(2 * pairs <= channels, "\(pairs) products need \(2 * pairs) channels, found \(channels)")
        let plane = ny * nx
        let rest = channels - 2 * pairs
        return Tensor(shape: fieldShape(channels: pairs + rest)) { out in
            scalars.withPointer { x in
                nonisolated(unsafe) let (x, out) = (x, out)
                TensorThreads.forEach(batch * (pairs + 1), work: 4 * count) { k in
                    let (sample, p) = (k / (pairs + 1), k % (pairs + 1))
                    let source = sample * channels * plane
                    let target = out + sample * (pairs + rest) * plane
                    if p == pairs { return copyScalars(from: x + source + 2 * pairs * plane, to: target + pairs * plane, rest * plane) }
                    body(source + 2 * p * plane, target + p * plane, plane)
                }
            }
        }
    }
}
