/// A convolution along lines that lie side by side, [1, channel, x, batch], with weights [outputs, inputs, k]: see `laidSideBySide`.
///
/// A channel with `border` places more on either side is one line of numbers, on which a tap is a shift by whole samples. So value, gradient by the input and
/// gradient by the weights are the products of ProductKernels.swift on long lines without gaps.
struct LineCorrelation: Sendable {
    let inputs: Int
    let outputs: Int
    /// Places of a line.
    let nx: Int
    /// Lines, one sample each.
    let width: Int
    let kernel: Int
    let dilation: Int
    let padding: Padding

    private var border: Int { dilation * (kernel / 2) }
    private var terms: Int { inputs * kernel }
    private var length: Int { nx * width }

    /// Stops where the operands do not fit.
    init<Scalar: TensorScalar>(_ input: Tensor<Scalar>, _ weights: Tensor<Scalar>, _ bias: Tensor<Scalar>, _ padding: Padding, _ dilation: Int) {
        precondition(
            input.shape.count == 4 && input.shape[0] == 1 && weights.shape.count == 3 && weights.shape[1] == input.shape[1]
                && weights.shape[2] % 2 == 1 && bias.shape == [weights.shape[0]] && dilation > 0,
            "weights \(weights.shape), bias \(bias.shape) and a dilation of \(dilation) do not fit lines side by side of shape \(input.shape)")
        self.init(
            inputs: input.shape[1], outputs: weights.shape[0], nx: input.shape[2], width: input.shape[3], kernel: weights.shape[2], dilation: dilation,
            padding: padding)
    }

    private init(inputs: Int, outputs: Int, nx: Int, width: Int, kernel: Int, dilation: Int, padding: Padding) {
        (self.inputs, self.outputs, self.nx, self.width) = (inputs, outputs, nx, width)
        (self.kernel, self.dilation, self.padding) = (kernel, dilation, padding)
    }

    /// - Parameters:
    ///   - weights: [outputs, inputs, k]; `bias`: [outputs], or `.zero`.
    func value<Scalar: TensorScalar>(
        _ input: Tensor<Scalar>, _ weights: Tensor<Scalar>, _ bias: Tensor<Scalar>, _ activation: Activation
    ) -> Tensor<Scalar> {
        let packed = PackedLines(weights, outputs: outputs, outputStride: terms, channels: inputs, channelStride: kernel, taps: kernel, reversed: false)
        return multiply(input, packed, bias, activation, border: border, places: nx, padding)
    }

    /// The adjoint by the input: channels exchanged and taps reversed; where the edge is repeated, what its border gets is added to it.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func inputCotangent<Scalar: TensorScalar>(_ cotangent: Tensor<Scalar>, _ weights: Tensor<Scalar>) -> Tensor<Scalar> {
        let packed = PackedLines(weights, outputs: inputs, outputStride: kernel, channels: outputs, channelStride: terms, taps: kernel, reversed: true)
        let adjoint = LineCorrelation(
            inputs: outputs, outputs: inputs, nx: nx, width: width, kernel: kernel, dilation: dilation, padding: padding)
        guard padding == .replicate, border > 0 else {
            return adjoint.multiply(cotangent, packed, .zero, .none, border: border, places: nx, padding)
        }
        let padded = adjoint.multiply(cotangent, packed, .zero, .none, border: 2 * border, places: nx + 2 * border, .zero)
        return Tensor(shape: [1, inputs, nx, width]) { out in
            padded.scalars.withPointer { padded in
                for channel in 0..<inputs {
                    let (source, target) = (padded + channel * (nx + 2 * border) * width, out + channel * length)
                    copyScalars(from: source + border * width, to: target, length)
                    for k in 0..<border {
                        accumulateKernel(target, source + k * width, width)
                        accumulateKernel(target + (nx - 1) * width, source + (border + nx + k) * width, width)
                    }
                }
            }
        }
    }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func weightCotangent<Scalar: TensorScalar>(_ input: Tensor<Scalar>, _ cotangent: Tensor<Scalar>) -> Tensor<Scalar> {
        let padded = PaddedLines(input, nx: nx, width: width, border: border, padding)
        let offsets = offsets(channelStride: padded.channelStride)
        return Tensor(shape: [outputs, inputs, kernel]) { out in
            fillKernel(out, 0, outputs * terms)
            cotangent.scalars.withPointer { g in
                nonisolated(unsafe) let (g, out, base) = (g, out, padded.base)
                TensorThreads.forEach((outputs + 3) / 4, work: outputs * terms * length) { block in
                    innerProductKernel(
                        g + 4 * block * length, leftStride: length, lines: min(4, outputs - 4 * block), base, offsets, terms: terms, length: length,
                        out + 4 * block * terms, sumsStride: terms)
                }
            }
        }
    }

    /// The sums over channels and taps, activated, at `places` of every line.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    private func multiply<Scalar: TensorScalar>(
        _ input: Tensor<Scalar>, _ weights: PackedLines<Scalar>, _ bias: Tensor<Scalar>, _ activation: Activation, border: Int, places: Int,
        _ padding: Padding
    ) -> Tensor<Scalar> {
        let padded = PaddedLines(input, nx: nx, width: width, border: border, padding)
        let offsets = offsets(channelStride: padded.channelStride)
        let length = places * width
        let bias = bias.scalars + [Scalar](repeating: 0, count: (outputs + 7) / 8 * 8 - bias.count)
        let isNarrow = outputs <= 4 && length >= 4 * Scalar.Vector.scalarCount
        // Stretches whose lines stay in the cache for all outputs.
        let stretches = max(1, length / 1024)
        return Tensor(shape: [1, outputs, places, width]) { out in
            nonisolated(unsafe) let (out, base) = (out, padded.base)
            let blocks = (outputs + 7) / 8
            TensorThreads.forEach(stretches * blocks, work: outputs * terms * length) { part in
                let (stretch, first) = (part / blocks, 8 * (part % blocks))
                let (start, end) = (length * stretch / stretches, length * (stretch + 1) / stretches)
                let (target, used) = (out + first * length + start, min(8, outputs - first))
                bias.withUnsafeBufferPointer { bias in
                    let (w, b) = (weights.base + first * terms, bias.baseAddress! + first)
                    if isNarrow {
                        narrowProductKernel(
                            base + start, offsets, terms: terms, w, b, target, outputStride: length, used: used, length: end - start,
                            rectifies: activation == .rectifier)
                    } else {
                        productKernel(
                            base + start, rowStride: 0, offsets, terms: terms, w, b, target, outputStride: length, outputRowStride: 0, used: used,
                            rows: 1, nx: end - start, rectifies: activation == .rectifier)
                    }
                }
                if activation != .none && activation != .rectifier { for o in 0..<used { activation.apply(to: target + o * length, end - start) } }
            }
        }
    }

    /// Where each (channel, tap) begins in the padded lines.
    private func offsets(channelStride: Int) -> [Int] {
        [Int](unsafeUninitializedCapacity: terms) { offsets, count in
            count = terms
            for channel in 0..<inputs {
                for tap in 0..<kernel { offsets[channel &* kernel &+ tap] = channel &* channelStride &+ tap &* dilation &* width }
            }
        }
    }
}

/// The lines of every channel with a border on either side.
private final class PaddedLines<Scalar: TensorScalar>: Sendable {
    nonisolated(unsafe) let base: UnsafeMutablePointer<Scalar>
    /// Elements from one channel to the next.
    let channelStride: Int

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    init(_ input: Tensor<Scalar>, nx: Int, width: Int, border: Int, _ padding: Padding) {
        let channels = input.shape[1]
        channelStride = (nx + 2 * border) * width
        // A kernel may read two vectors past the end.
        let slack = 2 * Scalar.Vector.scalarCount
        base = UnsafeMutableRawPointer.allocate(byteCount: (channels * channelStride + slack) * MemoryLayout<Scalar>.stride, alignment: 64)
            .bindMemory(to: Scalar.self, capacity: channels * channelStride + slack)
        fillKernel(base + channels * channelStride, 0, slack)
        let outside = Array(-border..<0) + Array(nx..<nx + border)
        input.scalars.withPointer { values in
            for channel in 0..<channels {
                let (source, target) = (values + channel * nx * width, base + channel * channelStride)
                copyScalars(from: source, to: target + border * width, nx * width)
                for place in outside {
                    let row = target + (border + place) * width
                    switch padding {
                    case .zero: fillKernel(row, 0, width)
                    case .circular: copyScalars(from: source + (place % nx + nx) % nx * width, to: row, width)
                    case .replicate: copyScalars(from: source + min(max(place, 0), nx - 1) * width, to: row, width)
                    }
                }
            }
        }
    }

    deinit { base.deallocate() }
}

/// Weights in the order that `productKernel` reads: [block of 8 outputs][channel][tap][8], zeros where there is no output.
private final class PackedLines<Scalar: TensorScalar>: Sendable {
    nonisolated(unsafe) let base: UnsafeMutablePointer<Scalar>

    /// - Parameters:
    ///   - weights: output o, channel c and tap t at o * outputStride + c * channelStride + t.
    ///   - reversed: whether the last tap comes first, as in the adjoint of a convolution.
    init(
        _ weights: Tensor<Scalar>, outputs: Int, outputStride: Int, channels: Int, channelStride: Int, taps: Int, reversed: Bool
    ) {
        let count = (outputs + 7) / 8 * 8 * channels * taps
        base = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Scalar>.stride, alignment: 64)
            .bindMemory(to: Scalar.self, capacity: count)
        weights.scalars.withPointer { packLines($0, outputs, outputStride, channels, channelStride, taps, reversed, base) }
    }

    deinit { base.deallocate() }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func packLines<Scalar: TensorScalar>(
    _ weights: UnsafePointer<Scalar>, _ outputs: Int, _ outputStride: Int, _ channels: Int, _ channelStride: Int, _ taps: Int, _ reversed: Bool,
    _ packed: UnsafeMutablePointer<Scalar>
) {
    var target = packed
    for first in stride(from: 0, to: outputs, by: 8) {
        let used = min(8, outputs &- first)
        for channel in 0..<channels {
            for tap in 0..<taps {
                let source = weights + (first &* outputStride &+ channel &* channelStride &+ (reversed ? taps &- 1 &- tap : tap))
                for lane in 0..<8 { target[lane] = lane < used ? source[lane &* outputStride] : 0 }
                target += 8
            }
        }
    }
}
