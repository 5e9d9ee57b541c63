import _Differentiation

extension Tensor {
    /// Channels `range` of a field.
    @differentiable(reverse, wrt: self)
    public func channels(_ range: Range<Int>) -> Tensor {
        let (batch, channels, ny, nx) = field
        precondition(range.lowerBound >= 0 && range.upperBound <= channels, "channels \(range) of a field with \(channels)")
        let plane = ny * nx
        return Tensor(shape: fieldShape(channels: range.count)) { out in
            scalars.withPointer { x in
                for sample in 0..<batch {
                    copyScalars(
                        from: x + (sample * channels + range.lowerBound) * plane, to: out + sample * range.count * plane, range.count * plane)
                }
            }
        }
    }

    @derivative(of: channels, wrt: self)
    public func vjpChannels(_ range: Range<Int>) -> (value: Tensor, pullback: (Tensor) -> Tensor) {
        let (shape, field) = (self.shape, self.field)
        return (channels(range), { cotangent in
            if cotangent.isSymbolicZero { return .zero }
            let plane = field.ny * field.nx
            return Tensor(shape: shape) { out in
                cotangent.scalars.withPointer { g in
                    for sample in 0..<field.batch {
                        let target = out + sample * field.channels * plane
                        fillKernel(target, 0, range.lowerBound * plane)
                        copyScalars(from: g + sample * range.count * plane, to: target + range.lowerBound * plane, range.count * plane)
                        fillKernel(target + range.upperBound * plane, 0, (field.channels - range.upperBound) * plane)
                    }
                }
            }
        })
    }

    /// The channels of `self` followed by those of `other`; same batch, y and x.
    @differentiable(reverse)
    public func concatenated(with other: Tensor) -> Tensor {
        let (batch, a, ny, nx) = field
        let b = other.field.channels
        precondition(
            other.shape == fieldShape(channels: b), "cannot concatenate the channels of shapes \(shape) and \(other.shape)")
        let plane = ny * nx
        return Tensor(shape: fieldShape(channels: a + b)) { out in
            withPointers(other) { first, second in
                for sample in 0..<batch {
                    let row = out + sample * (a + b) * plane
                    copyScalars(from: first + sample * a * plane, to: row, a * plane)
                    copyScalars(from: second + sample * b * plane, to: row + a * plane, b * plane)
                }
            }
        }
    }

    @derivative(of: concatenated)
    public func vjpConcatenated(
        with other: Tensor
    ) -> (value: Tensor, pullback: (Tensor) -> (Tensor, Tensor)) {
        let a = field.channels
        let b = other.field.channels
        return (concatenated(with: other), { cotangent in
            if cotangent.isSymbolicZero { return (.zero, .zero) }
            return (cotangent.channels(0..<a), cotangent.channels(a..<a + b))
        })
    }

    /// The derivative of `concatenated` along directions of both fields, either of which may be `.zero`.
    public func concatenatedTangent(with other: Tensor, along direction: Tensor, _ otherDirection: Tensor) -> Tensor {
        if direction.isSymbolicZero && otherDirection.isSymbolicZero { return .zero }
        return direction.materialised(shape).concatenated(with: otherDirection.materialised(other.shape))
    }

    /// Elements `range` of the flat storage, as a tensor of `shape`: how a layer finds its weights in a parameter vector.
    @differentiable(reverse, wrt: self)
    public func block(_ range: Range<Int>, shape: [Int]) -> Tensor {
        Tensor(shape: shape, scalars: Array(scalars[range]))
    }

    @derivative(of: block, wrt: self)
    public func vjpBlock(_ range: Range<Int>, shape: [Int]) -> (value: Tensor, pullback: (Tensor) -> Tensor) {
        let whole = self.shape
        return (block(range, shape: shape), { cotangent in
            if cotangent.isSymbolicZero { return .zero }
            var result = Tensor(shape: whole, repeating: 0)
            result.scalars.replaceSubrange(range, with: cotangent.scalars)
            return result
        })
    }

    /// The same values under another shape of as many elements, such as a whole grid as features of a dense layer.
    @differentiable(reverse, wrt: self)
    public func reshaped(to shape: [Int]) -> Tensor { Tensor(shape: shape, scalars: scalars) }

    @derivative(of: reshaped, wrt: self)
    public func vjpReshaped(to shape: [Int]) -> (value: Tensor, pullback: (Tensor) -> Tensor) {
        let original = self.shape
        return (reshaped(to: shape), { $0.isSymbolicZero ? .zero : $0.reshaped(to: original) })
    }
}
