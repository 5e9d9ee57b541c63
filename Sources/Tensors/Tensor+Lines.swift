import _Differentiation

// Lines [batch, channel, x] laid side by side, as a field [1, channel, x, batch]: the neighbours of a place are those of all samples, one after the other,
// and every operation walks over whole vectors. A ring of 40 cells by itself fills two and a half.

extension Tensor {
    /// Lines [batch, channel, x] as a field [1, channel, x, batch]. Linear.
    @differentiable(reverse, wrt: self)
    public func laidSideBySide() -> Tensor {
        precondition(shape.count == 3, "expected lines [batch, channel, x], found shape \(shape)")
        let (batch, channels, nx) = (shape[0], shape[1], shape[2])
        return Tensor(shape: [1, channels, nx, batch]) { out in
            scalars.withPointer { transposeKernel($0, lines: batch, length: channels * nx, stride: channels * nx, out, outStride: batch) }
        }
    }

    @derivative(of: laidSideBySide, wrt: self)
    public func vjpLaidSideBySide() -> (value: Tensor, pullback: (Tensor) -> Tensor) {
        (laidSideBySide(), { $0.isSymbolicZero ? .zero : $0.takenApart() })
    }

    /// The reverse of `laidSideBySide`: a field [1, channel, x, batch] as lines [batch, channel, x]. Linear.
    @differentiable(reverse, wrt: self)
    public func takenApart() -> Tensor {
        precondition(shape.count == 4 && shape[0] == 1, "expected lines side by side, [1, channel, x, batch], found shape \(shape)")
        let (channels, nx, batch) = (shape[1], shape[2], shape[3])
        return Tensor(shape: [batch, channels, nx]) { out in
            scalars.withPointer { transposeKernel($0, lines: channels * nx, length: batch, stride: batch, out, outStride: channels * nx) }
        }
    }

    @derivative(of: takenApart, wrt: self)
    public func vjpTakenApart() -> (value: Tensor, pullback: (Tensor) -> Tensor) {
        (takenApart(), { $0.isSymbolicZero ? .zero : $0.laidSideBySide() })
    }

    /// Convolution of lines side by side, [1, inputs, x, batch], with `weights` [outputs, inputs, k], which gives [1, outputs, x, batch]: what `convolved`
    /// makes of the lines by themselves.
    public func convolvedAlongLines(
        with weights: Tensor, bias: Tensor, padding: Padding = .zero, dilation: Int = 1, activation: Activation = .none
    ) -> Tensor {
        LineCorrelation(self, weights, bias, padding, dilation).value(self, weights, bias, activation)
    }

    /// The same with its derivative for use in any direction.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public func linearisedAlongLines(
        with weights: Tensor, bias: Tensor, padding: Padding = .zero, dilation: Int = 1, activation: Activation = .none
    ) -> LinearisedLineConvolution<Scalar> {
        let shape = LineCorrelation(self, weights, bias, padding, dilation)
        let activated: LinearisedActivation<Scalar>
        if activation.slopeFollowsFromValue {
            let value = shape.value(self, weights, bias, activation)
            activated = LinearisedActivation(value: value, activation: activation, at: value)
        } else {
            activated = shape.value(self, weights, bias, .none).linearisedActivation(activation)
        }
        return LinearisedLineConvolution(input: self, weights: weights, shape: shape, activation: activated)
    }
}

/// A convolution of lines side by side at given input, weights and bias: its value, and its derivative applied from either side.
public struct LinearisedLineConvolution<Scalar: TensorScalar>: LinearisedLayer {
    let input: Tensor<Scalar>
    let weights: Tensor<Scalar>
    let shape: LineCorrelation
    let activation: LinearisedActivation<Scalar>

    public var value: Tensor<Scalar> { activation.value }

    /// J d, of the value's shape; directions have the shapes of what they belong to, or are `.zero`.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public func tangent(input direction: Tensor<Scalar>, weights: Tensor<Scalar>, bias: Tensor<Scalar>) -> Tensor<Scalar> {
        var sum = Tensor<Scalar>.zero
        if !direction.isSymbolicZero { sum = shape.value(direction, self.weights, .zero, .none) }
        if !weights.isSymbolicZero || !bias.isSymbolicZero {
            sum += shape.value(input, weights.materialised(self.weights.shape), bias, .none)
        }
        return sloped(sum).cotangent
    }

    /// J^T g; what is not wanted is `.zero` and costs nothing.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public func cotangents(
        _ cotangent: Tensor<Scalar>, input wantsInput: Bool = true, weights wantsWeights: Bool = true, bias wantsBias: Bool = true
    ) -> (input: Tensor<Scalar>, weights: Tensor<Scalar>, bias: Tensor<Scalar>) {
        if cotangent.isSymbolicZero { return (.zero, .zero, .zero) }
        precondition(cotangent.shape == value.shape, "a cotangent of shape \(cotangent.shape) for a value of shape \(value.shape)")
        let (g, sums) = sloped(cotangent)
        return (
            wantsInput ? shape.inputCotangent(g, weights) : .zero,
            wantsWeights ? shape.weightCotangent(input, g) : .zero,
            wantsBias ? sums : .zero
        )
    }

    /// The activation's derivative times g, and its sums over the places of every channel, taken while the channel is in the cache.
    private func sloped(_ g: Tensor<Scalar>) -> (cotangent: Tensor<Scalar>, sums: Tensor<Scalar>) {
        if g.isSymbolicZero { return (g, .zero) }
        let length = shape.nx * shape.width
        var sums = Tensor<Scalar>(shape: [shape.outputs], repeating: 0)
        guard activation.activation != .none else {
            g.scalars.withPointer { g in for o in 0..<shape.outputs { sums.scalars[o] = Scalar(sumKernel(g + o * length, length)) } }
            return (g, sums)
        }
        let cotangent = Tensor<Scalar>(shape: g.shape) { out in
            activation.at.withPointers(g) { at, g in
                for o in 0..<shape.outputs {
                    activationSlopeKernel(at + o * length, g + o * length, out + o * length, length, activation.activation)
                    sums.scalars[o] = Scalar(sumKernel(out + o * length, length))
                }
            }
        }
        return (cotangent, sums)
    }
}
