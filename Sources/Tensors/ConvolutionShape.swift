/// A convolution, or a transposed one, as the sums that it and its derivatives are.
///
/// A convolution goes from a fine field to one of every `stride`-th cell; the transposed one is its adjoint by the input, and goes from the coarse field
/// to the fine one. So the value of either is the other's gradient by the input, and both have the same gradient by the weights.
struct ConvolutionShape: Sendable {
    private let correlation: Correlation
    private let isTransposed: Bool
    private let outputShape: [Int]

    /// Stops where the operands do not fit.
    ///
    /// - Parameter fine: for a transposed convolution the extents [y, x] or [x] of its value.
    init<Scalar: TensorScalar>(
        _ input: Tensor<Scalar>, _ weights: Tensor<Scalar>, _ bias: Tensor<Scalar>, transposedTo fine: [Int]? = nil, _ padding: Padding, stride: Int,
        dilation: Int
    ) {
        let rank = input.shape.count
        let operands = "weights \(weights.shape) and bias \(bias.shape)"
        precondition(dilation > 0 && stride > 0, "a dilation of \(dilation) and a stride of \(stride)")
        precondition(
            rank > 2 && weights.shape.count == rank && weights.shape[fine == nil ? 1 : 0] == input.shape[1]
                && weights.shape[2...].allSatisfy { $0 > 0 } && bias.shape == [weights.shape[fine == nil ? 0 : 1]],
            "\(operands) do not fit a field of shape \(input.shape)")
        func coarse(_ extents: [Int]) -> [Int] { extents.map { ($0 + stride - 1) / stride } }
        let extents = Array(input.shape[2...])
        if let fine {
            precondition(coarse(fine) == extents, "a field of shape \(input.shape) is not every \(stride)th cell of extents \(fine)")
        }
        let from = fine ?? extents
        let (ny, nx) = (rank == 4 ? from[0] : 1, from[rank - 3])
        let (kernelY, kernelX) = (rank == 4 ? weights.shape[2] : 1, weights.shape[rank - 1])
        // Of an even number of taps there is one more after the cell than before it.
        func border(_ kernel: Int) -> Correlation.Border { Correlation.Border(before: dilation * ((kernel - 1) / 2), after: dilation * (kernel / 2)) }
        correlation = Correlation(
            batch: input.shape[0], inputs: weights.shape[1], outputs: weights.shape[0], ny: ny, nx: nx, kernelY: kernelY, kernelX: kernelX,
            strideX: stride, dilation: dilation, borderY: border(kernelY), borderX: border(kernelX), padding: padding)
        isTransposed = fine != nil
        outputShape = [input.shape[0], bias.count] + (fine ?? coarse(extents))
    }

    /// - Parameter bias: a number for each channel of the value, or `.zero`.
    func value<Scalar: TensorScalar>(
        _ input: Tensor<Scalar>, _ weights: Tensor<Scalar>, _ bias: Tensor<Scalar>, _ activation: Activation
    ) -> Tensor<Scalar> {
        Tensor(shape: outputShape) { out in
            if isTransposed {
                correlation.inputGradient(input.scalars, weights: weights.scalars, bias: bias.scalars, activation: activation, out)
            } else {
                correlation.run(input.scalars, weights: weights.scalars, bias: bias.scalars, activation: activation, out)
            }
        }
    }

    func inputCotangent<Scalar: TensorScalar>(_ cotangent: Tensor<Scalar>, _ weights: Tensor<Scalar>, _ shape: [Int]) -> Tensor<Scalar> {
        Tensor(shape: shape) { out in
            if isTransposed {
                correlation.run(cotangent.scalars, weights: weights.scalars, out)
            } else {
                correlation.inputGradient(cotangent.scalars, weights: weights.scalars, out)
            }
        }
    }

    func weightCotangent<Scalar: TensorScalar>(_ input: Tensor<Scalar>, _ cotangent: Tensor<Scalar>, _ shape: [Int]) -> Tensor<Scalar> {
        let (fine, coarse) = isTransposed ? (cotangent, input) : (input, cotangent)
        return Tensor(shape: shape, scalars: correlation.weightGradient(fine.scalars, coarse.scalars))
    }
}
