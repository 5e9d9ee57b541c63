/// Weights of a convolution as they lie, and in the order in which a kernel reads them.
struct WeightTable<Scalar: TensorScalar> {
    /// Output o, channel c and the tap that comes k-th at o * outputStride + c * channelStride + taps[k].
    let scalars: [Scalar]
    let outputs: Int
    let outputStride: Int
    let channels: Int
    let channelStride: Int
    var taps = [0]

    /// [block of `width` outputs][channel][tap][width], zeros where there is no output.
    func packed(width: Int) -> [Scalar] {
        let count = (outputs + width - 1) / width * width * channels * taps.count
        return [Scalar](unsafeUninitializedCapacity: count) { buffer, initialised in
            initialised = count
            guard let base = buffer.baseAddress else { return }
            packKernel(
                scalars, outputs: outputs, outputStride: outputStride, channels: channels, channelStride: channelStride, taps, count: taps.count,
                width: width, base)
        }
    }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func packKernel<Scalar: TensorScalar>(
    _ weights: UnsafePointer<Scalar>, outputs: Int, outputStride: Int, channels: Int, channelStride: Int, _ taps: UnsafePointer<Int>, count: Int,
    width: Int, _ packed: UnsafeMutablePointer<Scalar>
) {
    var target = packed
    var first = 0
    while first < outputs {
        let used = min(width, outputs &- first)
        for channel in 0..<channels {
            for tap in 0..<count {
                let source = weights + (first &* outputStride &+ channel &* channelStride &+ taps[tap])
                for lane in 0..<used { target[lane] = source[lane &* outputStride] }
                for lane in used..<width { target[lane] = 0 }
                target = target.advanced(by: width)
            }
        }
        first &+= width
    }
}
