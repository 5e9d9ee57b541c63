import _Differentiation

/// A normalisation at a given field, scale and shift: its value, and its derivative applied from either side.
public struct LinearisedNormalisation<Scalar: TensorScalar>: Sendable {
    public let value: Tensor<Scalar>
    private let field: Tensor<Scalar>
    private let scale: Tensor<Scalar>
    /// Of every sample and group the mean, and 1 / sqrt(variance + epsilon).
    private let moments: [(mean: Double, inverse: Double)]
    private let groups: Int

    init(_ field: Tensor<Scalar>, groups: Int, scale: Tensor<Scalar>, shift: Tensor<Scalar>, epsilon: Double) {
        let (batch, channels, ny, nx) = field.field
        precondition(groups > 0 && channels % groups == 0, "\(channels) channels do not make \(groups) equal groups")
        precondition(
            scale.shape == [channels] && shift.shape == [channels],
            "scale \(scale.shape) and shift \(shift.shape) do not fit a field of shape \(field.shape)")
        let (own, plane) = (channels / groups, ny * nx)
        var moments = [(mean: Double, inverse: Double)](repeating: (0, 0), count: batch * groups)
        value = moments.withUnsafeMutableBufferPointer { moments in
            nonisolated(unsafe) let moments = moments
            return Tensor(shape: field.shape) { out in
                nonisolated(unsafe) let out = out
                field.forEachGroup(groups) { group, _, start, first in
                    field.withPointers(scale) { x, scale in
                        shift.scalars.withPointer { shift in
                            let (mean, variance) = momentsKernel(x + start, own * plane)
                            let inverse = 1 / (variance + epsilon).squareRoot()
                            moments[group] = (mean, inverse)
                            normaliseKernel(
                                x + start, mean: Scalar(mean), inverse: Scalar(inverse), scale + first, shift + first, out + start,
                                channels: own, plane: plane)
                        }
                    }
                }
            }
        }
        self.moments = moments
        (self.field, self.scale, self.groups) = (field, scale, groups)
    }

    /// J d, of the value's shape; directions have the shapes of what they belong to, or are `.zero`.
    public func tangent(input direction: Tensor<Scalar>, scale scaleDirection: Tensor<Scalar>, shift: Tensor<Scalar>) -> Tensor<Scalar> {
        if direction.isSymbolicZero && scaleDirection.isSymbolicZero && shift.isSymbolicZero { return .zero }
        precondition(
            direction.isSymbolicZero || direction.shape == field.shape, "a direction of shape \(direction.shape) for a field of shape \(field.shape)")
        let (_, channels, ny, nx) = field.field
        let (changeOfScale, changeOfShift) = (scaleDirection.materialised(scale.shape), shift.materialised(scale.shape))
        return Tensor(shape: field.shape) { out in
            nonisolated(unsafe) let out = out
            field.forEachGroup(groups) { group, _, start, first in
                field.withPointers(scale) { x, scale in
                    changeOfScale.withPointers(changeOfShift) { changeOfScale, changeOfShift in
                        direction.scalars.withUnsafeBufferPointer { d in
                            normaliseTangentKernel(
                                x + start, mean: moments[group].mean, inverse: moments[group].inverse, scale + first,
                                direction.isSymbolicZero ? nil : d.baseAddress.map { $0 + start }, scaleDirection: changeOfScale + first,
                                shiftDirection: changeOfShift + first, out + start, channels: channels / groups, plane: ny * nx)
                        }
                    }
                }
            }
        }
    }

    /// J^T g.
    public func cotangents(_ cotangent: Tensor<Scalar>) -> (input: Tensor<Scalar>, scale: Tensor<Scalar>, shift: Tensor<Scalar>) {
        if cotangent.isSymbolicZero { return (.zero, .zero, .zero) }
        precondition(cotangent.shape == value.shape, "a cotangent of shape \(cotangent.shape) for a value of shape \(value.shape)")
        let (_, channels, ny, nx) = field.field
        let own = channels / groups
        // Of every part of the groups and every channel; then over the parts in their order.
        let parts = field.groupParts(groups)
        var sums = [Double](repeating: 0, count: 2 * parts.count * channels)
        let input = sums.withUnsafeMutableBufferPointer { sums in
            nonisolated(unsafe) let sums = sums
            return Tensor<Scalar>(shape: field.shape) { out in
                nonisolated(unsafe) let out = out
                field.forEachGroup(groups) { group, part, start, first in
                    field.withPointers(cotangent) { x, g in
                        scale.scalars.withPointer { scale in
                            let shiftSums = sums.baseAddress! + 2 * part * channels + first
                            normaliseAdjointKernel(
                                x + start, mean: moments[group].mean, inverse: moments[group].inverse, scale + first, g + start, out + start,
                                channels: own, plane: ny * nx, shiftSums: shiftSums, scaleSums: shiftSums + channels)
                        }
                    }
                }
            }
        }
        for part in 1..<max(1, parts.count) {
            for k in 0..<2 * channels { sums[k] += sums[2 * part * channels + k] }
        }
        func tensor(_ totals: ArraySlice<Double>) -> Tensor<Scalar> { Tensor(shape: [channels], scalars: totals.map { Scalar($0) }) }
        return (input, tensor(sums[channels..<2 * channels]), tensor(sums[..<channels]))
    }
}

extension Tensor {
    /// The groups of all samples, in parts that a thread takes: many small ones share one.
    fileprivate func groupParts(_ groups: Int) -> [Range<Int>] {
        let (batch, channels, ny, nx) = field
        let (count, size) = (batch * groups, max(1, (1 << 14) / max(1, channels / groups * ny * nx)))
        return stride(from: 0, to: count, by: size).map { $0..<min(count, $0 + size) }
    }

    /// Calls `body` for every sample and group of channels: its number, its part, where it begins in the storage, and its first channel.
    fileprivate func forEachGroup(_ groups: Int, _ body: @Sendable (_ group: Int, _ part: Int, _ start: Int, _ channel: Int) -> Void) {
        let (_, channels, ny, nx) = field
        let (own, parts) = (channels / groups, groupParts(groups))
        TensorThreads.forEach(parts.count, work: 4 * count) { part in
            for group in parts[part] { body(group, part, group * own * ny * nx, group % groups * own) }
        }
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
        LinearisedNormalisation(self, groups: groups, scale: scale, shift: shift, epsilon: epsilon)
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
