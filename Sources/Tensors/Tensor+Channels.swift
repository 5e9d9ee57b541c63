import _Differentiation

extension Tensor {
    /// Channels `range` of a field [batch, channel, y, x].
    @differentiable(reverse, wrt: self)
    public func channels(_ range: Range<Int>) -> Tensor {
        let (batch, channels, ny, nx) = field
        precondition(range.lowerBound >= 0 && range.upperBound <= channels, "channels \(range) of a field with \(channels)")
        let plane = ny * nx
        return Tensor(shape: [batch, range.count, ny, nx]) { out in
            scalars.withUnsafeBufferPointer { values in
                guard let base = values.baseAddress else { return }
                for sample in 0..<batch {
                    out.advanced(by: sample * range.count * plane).initialize(
                        from: base + (sample * channels + range.lowerBound) * plane, count: range.count * plane)
                }
            }
        }
    }

    @derivative(of: channels, wrt: self)
    public func vjpChannels(_ range: Range<Int>) -> (value: Tensor, pullback: (Tensor) -> Tensor) {
        let shape = self.shape
        return (channels(range), { cotangent in
            if cotangent.isSymbolicZero { return .zero }
            let (batch, channels, plane) = (shape[0], shape[1], shape[2] * shape[3])
            var result = Tensor(shape: shape, repeating: 0)
            for sample in 0..<batch {
                let target = (sample * channels + range.lowerBound) * plane
                let source = sample * range.count * plane
                result.scalars.replaceSubrange(
                    target..<target + range.count * plane, with: cotangent.scalars[source..<source + range.count * plane])
            }
            return result
        })
    }

    /// The channels of `self` followed by those of `other`; same batch, y and x.
    @differentiable(reverse)
    public func concatenated(with other: Tensor) -> Tensor {
        let (batch, a, ny, nx) = field
        let b = other.field.channels
        precondition(
            other.shape == [batch, b, ny, nx], "cannot concatenate the channels of shapes \(shape) and \(other.shape)")
        let plane = ny * nx
        return Tensor(shape: [batch, a + b, ny, nx]) { out in
            for sample in 0..<batch {
                let row = out + sample * (a + b) * plane
                scalars.withUnsafeBufferPointer { row.initialize(from: $0.baseAddress! + sample * a * plane, count: a * plane) }
                other.scalars.withUnsafeBufferPointer {
                    (row + a * plane).initialize(from: $0.baseAddress! + sample * b * plane, count: b * plane)
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

    /// Bilinear layer: channel 2p times channel 2p+1 for p < `pairs`, then the remaining channels unchanged.
    ///
    /// [batch, channels, y, x] becomes [batch, channels - pairs, y, x].
    @differentiable(reverse, wrt: self)
    public func pairwiseProducts(_ pairs: Int) -> Tensor {
        let (batch, channels, ny, nx) = field
        precondition(2 * pairs <= channels, "\(pairs) products need \(2 * pairs) channels, found \(channels)")
        let plane = ny * nx
        let rest = channels - 2 * pairs
        return Tensor(shape: [batch, pairs + rest, ny, nx]) { out in
            scalars.withUnsafeBufferPointer { values in
                guard let base = values.baseAddress else { return }
                for sample in 0..<batch {
                    let source = base + sample * channels * plane
                    let target = out + sample * (pairs + rest) * plane
                    for p in 0..<pairs {
                        elementwiseKernel(source + 2 * p * plane, source + (2 * p + 1) * plane, target + p * plane, plane, .multiply)
                    }
                    (target + pairs * plane).initialize(from: source + 2 * pairs * plane, count: rest * plane)
                }
            }
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
                input.scalars.withUnsafeBufferPointer { values in
                    cotangent.scalars.withUnsafeBufferPointer { sensitivities in
                        guard let x = values.baseAddress, let g = sensitivities.baseAddress else { return }
                        for sample in 0..<batch {
                            let source = x + sample * channels * plane
                            let gradient = g + sample * (pairs + rest) * plane
                            let target = out + sample * channels * plane
                            for p in 0..<pairs {
                                let (first, second) = (2 * p * plane, (2 * p + 1) * plane)
                                elementwiseKernel(gradient + p * plane, source + second, target + first, plane, .multiply)
                                elementwiseKernel(gradient + p * plane, source + first, target + second, plane, .multiply)
                            }
                            (target + 2 * pairs * plane).initialize(from: gradient + pairs * plane, count: rest * plane)
                        }
                    }
                }
            }
        })
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
}
