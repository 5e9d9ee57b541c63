import _Differentiation

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func affineKernel<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, _ scale: Scalar, _ shift: Scalar, _ out: UnsafeMutablePointer<Scalar>, _ count: Int
) {
    for i in 0..<count { out[i] = x[i] * scale + shift }
}

extension Tensor {
    /// Every channel of a field plus its number of `shift` [channels].
    @differentiable(reverse)
    public func adding(perChannel shift: Tensor) -> Tensor {
        checkPerChannel(shift)
        return affine { (1, shift.scalars[$0]) }
    }

    @derivative(of: adding)
    public func vjpAdding(perChannel shift: Tensor) -> (value: Tensor, pullback: (Tensor) -> (Tensor, Tensor)) {
        (adding(perChannel: shift), { $0.isSymbolicZero ? (.zero, .zero) : ($0, $0.channelSums()) })
    }

    /// Either direction may be `.zero`.
    public func addingTangent(along direction: Tensor, perChannel shiftDirection: Tensor) -> Tensor {
        if shiftDirection.isSymbolicZero { return direction }
        return direction.materialised(shape).adding(perChannel: shiftDirection)
    }

    /// Every channel of a field times its number of `scale` [channels].
    @differentiable(reverse)
    public func multiplied(perChannel scale: Tensor) -> Tensor {
        checkPerChannel(scale)
        return affine { (scale.scalars[$0], 0) }
    }

    @derivative(of: multiplied)
    public func vjpMultiplied(perChannel scale: Tensor) -> (value: Tensor, pullback: (Tensor) -> (Tensor, Tensor)) {
        let input = self
        return (multiplied(perChannel: scale), { g in
            g.isSymbolicZero ? (.zero, .zero) : (g.multiplied(perChannel: scale), input.channelDots(g))
        })
    }

    /// Either direction may be `.zero`.
    public func multipliedTangent(perChannel scale: Tensor, along direction: Tensor, perChannel scaleDirection: Tensor) -> Tensor {
        let own = direction.isSymbolicZero ? direction : direction.multiplied(perChannel: scale)
        return scaleDirection.isSymbolicZero ? own : own + multiplied(perChannel: scaleDirection)
    }

    private func checkPerChannel(_ vector: Tensor) {
        precondition(vector.shape == [field.channels], "\(vector.shape) is not one number for every channel of a field of shape \(shape)")
    }

    /// Every channel times a scale plus a shift.
    private func affine(_ terms: @Sendable (Int) -> (scale: Scalar, shift: Scalar)) -> Tensor {
        let (batch, channels, ny, nx) = field
        let plane = ny * nx
        return Tensor(shape: shape) { out in
            scalars.withPointer { x in
                nonisolated(unsafe) let (x, out) = (x, out)
                TensorThreads.forEach(batch * channels, work: 4 * count) { k in
                    let (scale, shift) = terms(k % channels)
                    affineKernel(x + k * plane, scale, shift, out + k * plane, plane)
                }
            }
        }
    }

    /// Inner products with another field over batch, y and x, one per channel, accumulated in double precision: shape [channels].
    func channelDots(_ other: Tensor) -> Tensor {
        let (batch, channels, ny, nx) = field
        precondition(shape == other.shape, "cannot multiply fields of shapes \(shape) and \(other.shape)")
        let plane = ny * nx
        return Tensor(shape: [channels]) { out in
            withPointers(other) { a, b in
                nonisolated(unsafe) let (a, b, out) = (a, b, out)
                TensorThreads.forEach(channels, work: 2 * count) { channel in
                    out[channel] = Scalar((0..<batch).reduce(0.0) { sum, sample in
                        let start = (sample * channels + channel) * plane
                        return sum + dotKernel(a + start, b + start, plane)
                    })
                }
            }
        }
    }
}
