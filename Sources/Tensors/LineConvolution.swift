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
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func value<Scalar: TensorScalar>(
        _ input: Tensor<Scalar>, _ weights: Tensor<Scalar>, _ bias: Tensor<Scalar>, _ activation: Activation
    ) -> Tensor<Scalar> {
        let table = WeightTable(
            scalars: weights.scalars, outputs: outputs, outputStride: terms, channels: inputs, channelStride: kernel, taps: Array(0..<kernel))
        return multiply(input, table.packed(width: 8), bias, activation, border: border, places: nx, padding)
    }

    /// The adjoint by the input: channels exchanged and taps reversed; where the edge is repeated, what its border gets is added to it.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func inputCotangent<Scalar: TensorScalar>(_ cotangent: Tensor<Scalar>, _ weights: Tensor<Scalar>) -> Tensor<Scalar> {
        let packed = WeightTable(
            scalars: weights.scalars, outputs: inputs, outputStride: kernel, channels: outputs, channelStride: terms, taps: (0..<kernel).reversed()
        ).packed(width: 8)
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
        // With outputs in the lanes no sum ends with one over lanes; it takes outputs for two vectors to keep the processor as busy.
        let lanes = Scalar.Vector.scalarCount
        return Tensor(shape: [outputs, inputs, kernel]) { out in
            fillKernel(out, 0, outputs * terms)
            cotangent.scalars.withPointer { g in
                if outputs > lanes {
                    for first in stride(from: 0, to: outputs, by: 2 * lanes) {
                        addByOutputs(padded.base, offsets, g + first * length, min(2 * lanes, outputs - first), out + first * terms)
                    }
                } else {
                    nonisolated(unsafe) let (g, out, base) = (g, out, padded.base)
                    TensorThreads.forEach((outputs + 3) / 4, work: outputs * terms * length) { k in
                        innerProductKernel(
                            g + 4 * k * length, leftStride: length, lines: min(4, outputs - 4 * k), base, offsets, terms: terms, length: length,
                            out + 4 * k * terms, sumsStride: terms)
                    }
                }
            }
        }
    }

    /// Sums over places of the products of up to two vectors of cotangents with every term: out is [outputs][terms].
    private func addByOutputs<Scalar: TensorScalar>(
        _ input: UnsafePointer<Scalar>, _ offsets: [Int], _ g: UnsafePointer<Scalar>, _ outputs: Int, _ out: UnsafeMutablePointer<Scalar>
    ) {
        let lanes = Scalar.Vector.scalarCount
        let width = outputs > lanes ? 2 * lanes : lanes
        // [place][width], and behind it the sums, [term][width].
        let panel = UnsafeMutablePointer<Scalar>.allocate(capacity: (length + terms) * width)
        defer { panel.deallocate() }
        let sums = panel + length * width
        fillKernel(sums, 0, terms * width)
        if outputs < width { fillKernel(panel, 0, length * width) }
        transposeKernel(g, lines: outputs, length: length, stride: length, panel, outStride: width)
        let (places, group) = (Array(0..<length), 40)
        nonisolated(unsafe) let (base, shared, target) = (input, UnsafePointer(panel), sums)
        TensorThreads.forEach((terms + group - 1) / group, work: outputs * terms * length) { k in
            offsets.withPointer { offsets in
                outerProductKernel(
                    base, offsets + group * k, count: min(group, terms - group * k), places, terms: length, shared, vectorStride: width,
                    target + group * k * width, sumStride: width, isPair: outputs > lanes)
            }
        }
        transposeKernel(sums, lines: terms, length: outputs, stride: width, out, outStride: terms)
    }

    /// The sums over channels and taps, activated, at `places` of every line.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    private func multiply<Scalar: TensorScalar>(
        _ input: Tensor<Scalar>, _ weights: [Scalar], _ bias: Tensor<Scalar>, _ activation: Activation, border: Int, places: Int,
        _ padding: Padding
    ) -> Tensor<Scalar> {
        let padded = PaddedLines(input, nx: nx, width: width, border: border, padding)
        let offsets = offsets(channelStride: padded.channelStride)
        let length = places * width
        let bias = bias.scalars + [Scalar](repeating: 0, count: (outputs + 7) / 8 * 8 - bias.count)
        // Stretches whose lines stay in the cache for all outputs.
        let stretches = max(1, length / 1024)
        return Tensor(shape: [1, outputs, places, width]) { out in
            nonisolated(unsafe) let (out, base) = (out, padded.base)
            let blocks = (outputs + 7) / 8
            TensorThreads.forEach(stretches * blocks, work: outputs * terms * length) { part in
                let (stretch, first) = (part / blocks, 8 * (part % blocks))
                let (start, end) = (length * stretch / stretches, length * (stretch + 1) / stretches)
                let (target, used) = (out + first * length + start, min(8, outputs - first))
                weights.withPointer { weights in
                    bias.withPointer { bias in
                        lineProductKernel(
                            base + start, offsets, terms: terms, weights + first * terms, bias + first, target, outputStride: length, used: used,
                            length: end - start, rectifies: activation == .rectifier)
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
        let sources = padding.sources(extent: nx, border: Correlation.Border(before: border, after: border))
        input.scalars.withPointer { values in
            for channel in 0..<channels {
                let (source, target) = (values + channel * nx * width, base + channel * channelStride)
                copyScalars(from: source, to: target + border * width, nx * width)
                for place in 0..<2 * border {
                    let side = place < border ? place : nx + place
                    let row = target + side * width
                    if sources[side] < 0 { fillKernel(row, 0, width) } else { copyScalars(from: source + sources[side] * width, to: row, width) }
                }
            }
        }
    }

    deinit { base.deallocate() }
}
