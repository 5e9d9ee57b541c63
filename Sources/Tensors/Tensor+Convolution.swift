import _Differentiation

/// Weights [outputs, inputs, k, k] in the order that `convolveKernel` reads: [block of 8 outputs][input][tap][8], padded with zeros.
func packWeights<Scalar: TensorScalar>(_ weights: Tensor<Scalar>) -> [Scalar] {
    let (outputs, inputs, taps) = (weights.shape[0], weights.shape[1], weights.shape[2] * weights.shape[3])
    let blocks = (outputs + 7) / 8
    var packed = [Scalar](repeating: 0, count: blocks * 8 * inputs * taps)
    for o in 0..<outputs {
        for c in 0..<inputs {
            for t in 0..<taps {
                packed[(o / 8 * inputs * taps + c * taps + t) * 8 + o % 8] = weights.scalars[(o * inputs + c) * taps + t]
            }
        }
    }
    return packed
}

/// Weights of the convolution that maps cotangents of the output to cotangents of the input: taps reversed, channels exchanged.
func adjointWeights<Scalar: TensorScalar>(_ weights: Tensor<Scalar>) -> Tensor<Scalar> {
    let (outputs, inputs, k) = (weights.shape[0], weights.shape[1], weights.shape[2])
    var result = Tensor<Scalar>(shape: [inputs, outputs, k, k], repeating: 0)
    for o in 0..<outputs {
        for c in 0..<inputs {
            for t in 0..<k * k {
                result.scalars[(c * outputs + o) * k * k + (k * k - 1 - t)] = weights.scalars[(o * inputs + c) * k * k + t]
            }
        }
    }
    return result
}

extension Tensor {
    /// Convolution of a field [batch, inputs, y, x] with `weights` [outputs, inputs, k, k], k odd, zeros outside the field;
    /// `bias` [outputs] is added. Gives [batch, outputs, y, x].
    ///
    /// Tap (k-1)/2, (k-1)/2 is the cell itself; taps grow with y and x (a cross-correlation, as in every deep-learning library).
    @differentiable(reverse)
    public func convolved(with weights: Tensor, bias: Tensor) -> Tensor {
        let (batch, inputs, ny, nx) = field
        let (outputs, kernel) = (weights.shape[0], weights.shape[2])
        precondition(
            weights.shape == [outputs, inputs, kernel, kernel] && kernel % 2 == 1 && bias.shape == [outputs],
            "weights \(weights.shape) and bias \(bias.shape) do not fit a field of shape \(shape)")
        let packed = packWeights(weights)
        let paddedBias = bias.scalars + [Scalar](repeating: 0, count: (outputs + 7) / 8 * 8 - outputs)
        return Tensor(shape: [batch, outputs, ny, nx]) { out in
            scalars.withUnsafeBufferPointer { values in
                guard let base = values.baseAddress else { return }
                for sample in 0..<batch {
                    let padded = PaddedField(
                        planes: base + sample * inputs * ny * nx, count: inputs, ny: ny, nx: nx, border: kernel / 2)
                    convolveKernel(
                        padded.base, rowStride: padded.rowStride, planeStride: padded.planeStride, inputs: inputs, kernel: kernel,
                        packed, paddedBias, out + sample * outputs * ny * nx, outputs: outputs, ny: ny, nx: nx)
                }
            }
        }
    }

    @derivative(of: convolved)
    public func vjpConvolved(
        with weights: Tensor, bias: Tensor
    ) -> (value: Tensor, pullback: (Tensor) -> (Tensor, Tensor, Tensor)) {
        let input = self
        return (convolved(with: weights, bias: bias), { cotangent in
            if cotangent.isSymbolicZero { return (.zero, .zero, .zero) }
            let noBias = Tensor(shape: [input.shape[1]], repeating: 0)
            return (
                cotangent.convolved(with: adjointWeights(weights), bias: noBias),
                Self.weightGradient(input: input, cotangent: cotangent, shape: weights.shape),
                cotangent.channelSums()
            )
        })
    }

    /// Sum over batch of the correlations of `cotangent` [batch, outputs, y, x] with `input` [batch, inputs, y, x].
    static func weightGradient(input: Tensor, cotangent: Tensor, shape: [Int]) -> Tensor {
        let (batch, inputs, ny, nx) = input.field
        let (outputs, kernel) = (shape[0], shape[2])
        var total = Tensor.zero
        for sample in 0..<batch {
            total += Tensor(shape: shape) { out in
                input.scalars.withUnsafeBufferPointer { values in
                    cotangent.scalars.withUnsafeBufferPointer { sensitivities in
                        guard let x = values.baseAddress, let g = sensitivities.baseAddress else { return }
                        let paddedInput = PaddedField(
                            planes: x + sample * inputs * ny * nx, count: inputs, ny: ny, nx: nx, border: kernel / 2)
                        let paddedCotangent = PaddedField(
                            planes: g + sample * outputs * ny * nx, count: outputs, ny: ny, nx: nx, border: kernel / 2)
                        weightGradientKernel(
                            paddedInput.base, paddedCotangent.base, rowStride: paddedInput.rowStride,
                            planeStride: paddedInput.planeStride, border: kernel / 2, inputs: inputs, outputs: outputs,
                            kernel: kernel, ny: ny, nx: nx, out)
                    }
                }
            }
        }
        return total
    }

    /// Sums over batch, y and x, one per channel, accumulated in double precision: shape [channels].
    public func channelSums() -> Tensor {
        let (batch, channels, ny, nx) = field
        let plane = ny * nx
        let ones = [Scalar](repeating: 1, count: plane)
        var sums = [Double](repeating: 0, count: channels)
        scalars.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            for sample in 0..<batch {
                for channel in 0..<channels { sums[channel] += dotKernel(base + (sample * channels + channel) * plane, ones, plane) }
            }
        }
        return Tensor(shape: [channels], scalars: sums.map { Scalar($0) })
    }
}
