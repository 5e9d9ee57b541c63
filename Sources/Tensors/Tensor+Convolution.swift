import _Differentiation

/// A convolution, or a transposed one, at given input, weights and bias: its value, and its derivative applied from either side.
public struct LinearisedConvolution<Scalar: TensorScalar>: LinearisedLayer {
    public let value: Tensor<Scalar>
    let input: Tensor<Scalar>
    let weights: Tensor<Scalar>
    let shape: ConvolutionShape
    let activation: LinearisedActivation<Scalar>

    /// J d, of the value's shape; directions have the shapes of what they belong to, or are `.zero`.
    public func tangent(input direction: Tensor<Scalar>, weights: Tensor<Scalar>, bias: Tensor<Scalar>) -> Tensor<Scalar> {
        var sum = Tensor<Scalar>.zero
        if !direction.isSymbolicZero {
            precondition(direction.shape == input.shape, "a direction of shape \(direction.shape) for an input of shape \(input.shape)")
            sum = shape.value(direction, self.weights, .zero, .none)
        }
        if !weights.isSymbolicZero || !bias.isSymbolicZero {
            precondition(
                weights.isSymbolicZero || weights.shape == self.weights.shape,
                "a direction of shape \(weights.shape) for weights of shape \(self.weights.shape)")
            sum += shape.value(input, weights.materialised(self.weights.shape), bias, .none)
        }
        return activation.slope(times: sum)
    }

    /// J^T g; what is not wanted is `.zero` and costs nothing.
    public func cotangents(
        _ cotangent: Tensor<Scalar>, input wantsInput: Bool = true, weights wantsWeights: Bool = true, bias wantsBias: Bool = true
    ) -> (input: Tensor<Scalar>, weights: Tensor<Scalar>, bias: Tensor<Scalar>) {
        if cotangent.isSymbolicZero { return (.zero, .zero, .zero) }
        precondition(cotangent.shape == value.shape, "a cotangent of shape \(cotangent.shape) for a value of shape \(value.shape)")
        let cotangent = activation.slope(times: cotangent)
        return (
            wantsInput ? shape.inputCotangent(cotangent, weights, input.shape) : .zero,
            wantsWeights ? shape.weightCotangent(input, cotangent, weights.shape) : .zero,
            wantsBias ? cotangent.channelSums() : .zero
        )
    }
}

extension LinearisedConvolution {
    init(_ input: Tensor<Scalar>, _ weights: Tensor<Scalar>, _ bias: Tensor<Scalar>, _ shape: ConvolutionShape, _ activation: Activation) {
        let activated: LinearisedActivation<Scalar>
        if activation.slopeFollowsFromValue {
            let value = shape.value(input, weights, bias, activation)
            activated = LinearisedActivation(value: value, activation: activation, at: value)
        } else {
            activated = shape.value(input, weights, bias, .none).linearisedActivation(activation)
        }
        self.init(value: activated.value, input: input, weights: weights, shape: shape, activation: activated)
    }
}

extension Tensor {
    /// Convolution of a field [batch, inputs, y, x] with `weights` [outputs, inputs, ky, kx], or of a line [batch, inputs, x] with
    /// [outputs, inputs, k]; `bias` [outputs] is added and the activation taken. Gives [batch, outputs, y, x] or [batch, outputs, x].
    ///
    /// The kernel's middle is the cell itself, of an even extent the one before the middle; taps grow with y and x and are `dilation` cells apart (a
    /// cross-correlation, as in every deep-learning library). With a stride s there is a value for the first cell and every s-th after it along each
    /// axis: n cells give (n + s - 1) / s.
    @differentiable(reverse, wrt: (self, weights, bias))
    public func convolved(
        with weights: Tensor, bias: Tensor, padding: Padding = .zero, stride: Int = 1, dilation: Int = 1, activation: Activation = .none
    ) -> Tensor {
        ConvolutionShape(self, weights, bias, padding, stride: stride, dilation: dilation).value(self, weights, bias, activation)
    }

    @derivative(of: convolved, wrt: (self, weights, bias))
    public func vjpConvolved(
        with weights: Tensor, bias: Tensor, padding: Padding = .zero, stride: Int = 1, dilation: Int = 1, activation: Activation = .none
    ) -> (value: Tensor, pullback: (Tensor) -> (Tensor, Tensor, Tensor)) {
        let linearised = linearisedConvolution(
            with: weights, bias: bias, padding: padding, stride: stride, dilation: dilation, activation: activation)
        return (linearised.value, { cotangent in
            let (input, weights, bias) = linearised.cotangents(cotangent)
            return (input, weights, bias)
        })
    }

    /// `convolved`, with its derivative for use in any direction.
    public func linearisedConvolution(
        with weights: Tensor, bias: Tensor, padding: Padding = .zero, stride: Int = 1, dilation: Int = 1, activation: Activation = .none
    ) -> LinearisedConvolution<Scalar> {
        let shape = ConvolutionShape(self, weights, bias, padding, stride: stride, dilation: dilation)
        return LinearisedConvolution(self, weights, bias, shape, activation)
    }

    /// The derivative of `convolved` along directions of field, weights and bias, each of the shape of its own or `.zero`.
    public func convolvedTangent(
        with weights: Tensor, bias: Tensor, padding: Padding = .zero, stride: Int = 1, dilation: Int = 1, activation: Activation = .none,
        along direction: Tensor, weights weightDirection: Tensor, bias biasDirection: Tensor
    ) -> Tensor {
        linearisedConvolution(with: weights, bias: bias, padding: padding, stride: stride, dilation: dilation, activation: activation)
            .tangent(input: direction, weights: weightDirection, bias: biasDirection)
    }
}
