/// The extents of a convolution whose output is as large as its input, and the sums that it and its derivatives are.
struct ConvolutionShape: Sendable {
    private let correlation: Correlation
    private let outputShape: [Int]

    /// Stops where the operands do not fit.
    init<Scalar: TensorScalar>(_ input: Tensor<Scalar>, _ weights: Tensor<Scalar>, _ bias: Tensor<Scalar>, _ padding: Padding, _ dilation: Int) {
        let (batch, inputs, ny, nx) = input.field
        let rank = input.shape.count
        precondition(
            rank > 2 && weights.shape.count == rank && weights.shape[1] == inputs && weights.shape[2...].allSatisfy { $0 % 2 == 1 }
                && bias.shape == [weights.shape[0]],
            "weights \(weights.shape) and bias \(bias.shape) do not fit a field of shape \(input.shape)")
        precondition(dilation > 0, "a dilation of \(dilation)")
        let (outputs, kernelY, kernelX) = (weights.shape[0], rank == 4 ? weights.shape[2] : 1, weights.shape[rank - 1])
        correlation = Correlation(
            batch: batch, inputs: inputs, outputs: outputs, ny: ny, nx: nx, kernelY: kernelY, kernelX: kernelX, dilation: dilation,
            borderY: dilation * (kernelY / 2), borderX: dilation * (kernelX / 2), padding: padding)
        outputShape = input.fieldShape(channels: outputs)
    }

    /// - Parameter bias: [outputs], or `.zero`.
    func convolve<Scalar: TensorScalar>(
        _ input: Tensor<Scalar>, _ weights: Tensor<Scalar>, _ bias: Tensor<Scalar>, _ activation: Activation
    ) -> Tensor<Scalar> {
        let (inputs, taps) = (correlation.inputs, correlation.taps)
        let packed = [Scalar](
            packing: weights.scalars, outputs: correlation.outputs, outputStride: inputs * taps, channels: inputs, channelStride: taps, taps: taps)
        return Tensor(shape: outputShape) { out in
            correlation.run(input.scalars, weights: packed, bias: bias.scalars, activation: activation, out)
        }
    }

    /// The adjoint by the input: a convolution with channels exchanged and taps reversed.
    ///
    /// On a ring, or with zeros outside, it is one of the same kind. Where the edge is repeated, every place of the padded field gets its cotangent, which
    /// is then added to the cell that it shows.
    func inputGradient<Scalar: TensorScalar>(_ cotangent: Tensor<Scalar>, _ weights: Tensor<Scalar>) -> Tensor<Scalar> {
        let c = correlation
        let packed = [Scalar](
            packing: weights.scalars, outputs: c.inputs, outputStride: c.taps, channels: c.outputs, channelStride: c.inputs * c.taps, taps: c.taps,
            reversed: true)
        let folds = c.padding == .replicate && c.taps > 1
        let adjoint = Correlation(
            batch: c.batch, inputs: c.outputs, outputs: c.inputs, ny: c.ny, nx: c.nx, kernelY: c.kernelY, kernelX: c.kernelX, dilation: c.dilation,
            borderY: folds ? 2 * c.borderY : c.borderY, borderX: folds ? 2 * c.borderX : c.borderX, padding: folds ? .zero : c.padding)
        let shape = Array(outputShape.prefix(1)) + [c.inputs] + Array(outputShape.dropFirst(2))
        if !folds { return Tensor(shape: shape) { out in adjoint.run(cotangent.scalars, weights: packed, out) } }
        let planes = c.batch * c.inputs
        let padded = Tensor<Scalar>(shape: [planes, adjoint.outNy, adjoint.outNx]) { out in
            adjoint.run(cotangent.scalars, weights: packed, out)
        }
        return Tensor(shape: shape) { out in
            c.padding.fold(padded.scalars, out, count: planes, ny: c.ny, nx: c.nx, borderY: c.borderY, borderX: c.borderX)
        }
    }

    func weightGradient<Scalar: TensorScalar>(_ input: Tensor<Scalar>, _ cotangent: Tensor<Scalar>, _ shape: [Int]) -> Tensor<Scalar> {
        Tensor(shape: shape, scalars: correlation.weightGradient(input.scalars, cotangent.scalars))
    }
}
