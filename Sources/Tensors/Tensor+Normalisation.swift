import _Differentiation

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func centredSquaresKernel<Scalar: TensorScalar>(_ x: UnsafePointer<Scalar>, mean: Double, _ count: Int) -> Double {
    var partial = SIMD8<Double>(repeating: 0)
    let whole = count & ~7
    var i = 0
    while i < whole {
        var d = SIMD8<Double>(repeating: 0)
        for lane in 0..<8 { d[lane] = Double(x[i &+ lane]) - mean }
        partial += d * d
        i &+= 8
    }
    var sum = partial.sum()
    while i < count {
        let d = Double(x[i]) - mean
        sum += d * d
        i &+= 1
    }
    return sum
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func standardiseKernel<Scalar: TensorScalar>(
    _ x: UnsafePointer<Scalar>, mean: Scalar, inverse: Scalar, _ out: UnsafeMutablePointer<Scalar>, _ count: Int
) {
    for i in 0..<count { out[i] = (x[i] - mean) * inverse }
}

/// out = inverse (d - mean - standardised * correlation)
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func projectKernel<Scalar: TensorScalar>(
    _ d: UnsafePointer<Scalar>, _ standardised: UnsafePointer<Scalar>, mean: Scalar, correlation: Scalar, inverse: Scalar,
    _ out: UnsafeMutablePointer<Scalar>, _ count: Int
) {
    for i in 0..<count { out[i] = inverse * (d[i] - mean - standardised[i] * correlation) }
}

/// Fields whose groups of channels have mean 0 and variance 1 in every sample, and the derivative of making them so, which is its own transpose.
struct Standardised<Scalar: TensorScalar>: Sendable {
    let values: Tensor<Scalar>
    /// 1 / sqrt(variance + epsilon), one number per sample and group.
    private let inverses: [Scalar]
    private let groupSize: Int

    init(_ field: Tensor<Scalar>, groups: Int, epsilon: Double) {
        let (batch, channels, _, _) = field.field
        precondition(groups > 0 && channels % groups == 0, "\(channels) channels do not make \(groups) equal groups")
        let size = field.count / max(1, batch * groups)
        groupSize = size
        var inverses = [Scalar](repeating: 0, count: batch * groups)
        values = inverses.withUnsafeMutableBufferPointer { inverses in
            Tensor(shape: field.shape) { out in
                field.scalars.withPointer { x in
                    nonisolated(unsafe) let (x, out, inverses) = (x, out, inverses.baseAddress!)
                    TensorThreads.forEach(batch * groups, work: 4 * field.count) { group in
                        let start = group * size
                        let mean = sumKernel(x + start, size) / Double(size)
                        let variance = centredSquaresKernel(x + start, mean: mean, size) / Double(size)
                        inverses[group] = Scalar(1 / (variance + epsilon).squareRoot())
                        standardiseKernel(x + start, mean: Scalar(mean), inverse: inverses[group], out + start, size)
                    }
                }
            }
        }
        self.inverses = inverses
    }

    /// The derivative along a direction of the field, or of <cotangent, values> by the field: inverse (d - mean(d) - values mean(values d)).
    func derivative(_ direction: Tensor<Scalar>) -> Tensor<Scalar> {
        let size = groupSize
        return Tensor(shape: values.shape) { out in
            values.withPointers(direction) { standardised, d in
                nonisolated(unsafe) let (standardised, d, out) = (standardised, d, out)
                TensorThreads.forEach(inverses.count, work: 4 * values.count) { group in
                    let start = group * size
                    let mean = sumKernel(d + start, size) / Double(size)
                    let correlation = dotKernel(d + start, standardised + start, size) / Double(size)
                    projectKernel(
                        d + start, standardised + start, mean: Scalar(mean), correlation: Scalar(correlation), inverse: inverses[group],
                        out + start, size)
                }
            }
        }
    }
}

/// A normalisation at a given field, scale and shift: its value, and its derivative applied from either side.
public struct LinearisedNormalisation<Scalar: TensorScalar>: Sendable {
    public let value: Tensor<Scalar>
    let standardised: Standardised<Scalar>
    let scale: Tensor<Scalar>

    /// J d, of the value's shape; directions have the shapes of what they belong to, or are `.zero`.
    public func tangent(input direction: Tensor<Scalar>, scale scaleDirection: Tensor<Scalar>, shift: Tensor<Scalar>) -> Tensor<Scalar> {
        let own = direction.isSymbolicZero ? direction : standardised.derivative(direction.materialised(value.shape))
        let scaled = standardised.values.multipliedTangent(perChannel: scale, along: own, perChannel: scaleDirection)
        return shift.isSymbolicZero ? scaled : scaled.materialised(value.shape).adding(perChannel: shift)
    }

    /// J^T g.
    public func cotangents(_ cotangent: Tensor<Scalar>) -> (input: Tensor<Scalar>, scale: Tensor<Scalar>, shift: Tensor<Scalar>) {
        if cotangent.isSymbolicZero { return (.zero, .zero, .zero) }
        precondition(cotangent.shape == value.shape, "a cotangent of shape \(cotangent.shape) for a value of shape \(value.shape)")
        return (
            standardised.derivative(cotangent.multiplied(perChannel: scale)), standardised.values.channelDots(cotangent), cotangent.channelSums()
        )
    }
}

extension Tensor {
    /// Group normalisation (Wu & He 2018): in every sample each of `groups` equal groups of channels gets mean 0 and variance 1 over its channels and cells;
    /// then every channel is multiplied by `scale` and `shift` [channels] is added.
    ///
    /// The variance is that of all values (divided by their number) plus `epsilon`. Sums are in double precision.
    @differentiable(reverse, wrt: (self, scale, shift))
    public func groupNormalised(groups: Int, scale: Tensor, shift: Tensor, epsilon: Double = 1e-5) -> Tensor {
        linearisedNormalisation(groups: groups, scale: scale, shift: shift, epsilon: epsilon).value
    }

    @derivative(of: groupNormalised, wrt: (self, scale, shift))
    public func vjpGroupNormalised(
        groups: Int, scale: Tensor, shift: Tensor, epsilon: Double = 1e-5
    ) -> (value: Tensor, pullback: (Tensor) -> (Tensor, Tensor, Tensor)) {
        let linearised = linearisedNormalisation(groups: groups, scale: scale, shift: shift, epsilon: epsilon)
        return (linearised.value, { cotangent in
            let (input, scale, shift) = linearised.cotangents(cotangent)
            return (input, scale, shift)
        })
    }

    /// `groupNormalised`, with its derivative for use in any direction.
    public func linearisedNormalisation(
        groups: Int, scale: Tensor, shift: Tensor, epsilon: Double = 1e-5
    ) -> LinearisedNormalisation<Scalar> {
        let standardised = Standardised(self, groups: groups, epsilon: epsilon)
        let value = standardised.values.multiplied(perChannel: scale).adding(perChannel: shift)
        return LinearisedNormalisation(value: value, standardised: standardised, scale: scale)
    }

    /// The derivative of `groupNormalised` along directions of field, scale and shift, each of the shape of its own or `.zero`.
    public func groupNormalisedTangent(
        groups: Int, scale: Tensor, shift: Tensor, epsilon: Double = 1e-5, along direction: Tensor, scale scaleDirection: Tensor,
        shift shiftDirection: Tensor
    ) -> Tensor {
        linearisedNormalisation(groups: groups, scale: scale, shift: shift, epsilon: epsilon)
            .tangent(input: direction, scale: scaleDirection, shift: shiftDirection)
    }

    /// Layer normalisation (Ba et al. 2016) of every sample over all channels and cells: `groupNormalised` with one group. Of features [batch, channels] it is
    /// that of deep-learning libraries; of fields they often scale every cell apart, here every channel.
    @differentiable(reverse, wrt: (self, scale, shift))
    public func layerNormalised(scale: Tensor, shift: Tensor, epsilon: Double = 1e-5) -> Tensor {
        groupNormalised(groups: 1, scale: scale, shift: shift, epsilon: epsilon)
    }

    // Composed by the compiler (Swift 6.3), the gradients of a method by self and others come out in the wrong order.
    @derivative(of: layerNormalised, wrt: (self, scale, shift))
    public func vjpLayerNormalised(
        scale: Tensor, shift: Tensor, epsilon: Double = 1e-5
    ) -> (value: Tensor, pullback: (Tensor) -> (Tensor, Tensor, Tensor)) {
        vjpGroupNormalised(groups: 1, scale: scale, shift: shift, epsilon: epsilon)
    }
}
