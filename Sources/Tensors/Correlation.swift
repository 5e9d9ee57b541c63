/// The sums over channels and taps that every convolution and its derivatives are, on the planes of a batch.
///
/// P being the field with `borderY` and `borderX` cells added on either side,
///
///     out[o][y][x] = bias[o] + sum over c, ky, kx of w[o][c][ky][kx] P[c][y + dilation ky][x + dilation kx].
///
/// A sample is worked off in bands of rows whose padded copy stays in the processor's cache; a band is what a thread takes.
struct Correlation {
    let batch: Int
    let inputs: Int
    let outputs: Int
    let ny: Int
    let nx: Int
    let kernelY: Int
    let kernelX: Int
    let dilation: Int
    let borderY: Int
    let borderX: Int
    let padding: Padding

    var taps: Int { kernelY * kernelX }
    var terms: Int { inputs * taps }
    var outNy: Int { ny + 2 * borderY - dilation * (kernelY - 1) }
    var outNx: Int { nx + 2 * borderX - dilation * (kernelX - 1) }
    /// Multiplications in all.
    var work: Int { batch * outputs * outNy * outNx * terms }

    /// Whether every cell sees itself alone: then nothing is copied, and a band is one long row.
    private func isPointwise<Scalar: TensorScalar>(_ type: Scalar.Type) -> Bool {
        taps == 1 && borderY == 0 && borderX == 0 && ny * nx >= Scalar.Vector.scalarCount
    }

    /// Rows of output that are worked off together, even so that they pair: as many as fit `bytes` of the cache, `channels` counted.
    private func bandRows<Scalar: TensorScalar>(_ type: Scalar.Type, channels: Int, bytes: Int) -> Int {
        let fitting = bytes / ((nx + 2 * borderX) * channels * MemoryLayout<Scalar>.size)
        // Of a single sample both cores want their part.
        let fair = max(8, (outNy + 3) / 4)
        return (max(8, min(fitting, fair)) + 1) & ~1
    }

    /// A band of one sample's output and what it is made from.
    private struct Band {
        let sample: Int
        let rows: Range<Int>
    }

    private func bands(rows size: Int) -> [Band] {
        (0..<batch).flatMap { sample in
            stride(from: 0, to: outNy, by: size).map { Band(sample: sample, rows: $0..<min(outNy, $0 + size)) }
        }
    }

    /// Where each (channel, tap) begins in a band.
    private func offsets(rowStride: Int, planeStride: Int) -> [Int] {
        var offsets: [Int] = []
        offsets.reserveCapacity(terms)
        for channel in 0..<inputs {
            for ky in 0..<kernelY {
                for kx in 0..<kernelX { offsets.append(channel * planeStride + dilation * (ky * rowStride + kx)) }
            }
        }
        return offsets
    }

    /// - Parameters:
    ///   - input: [batch, inputs, ny, nx].
    ///   - weights: packed by `Array.init(packing:)`.
    ///   - bias: one number per output, or none.
    ///   - out: [batch, outputs, outNy, outNx].
    func run<Scalar: TensorScalar>(
        _ input: [Scalar], weights: [Scalar], bias: [Scalar] = [], activation: Activation = .none, _ out: UnsafeMutablePointer<Scalar>
    ) {
        let bands = bands(rows: bandRows(Scalar.self, channels: inputs, bytes: 256 << 10))
        let rowSources = padding.sources(extent: ny, border: borderY)
        let columnSources = padding.sources(extent: nx, border: borderX)
        let pointwise = isPointwise(Scalar.self)
        let bias = bias + [Scalar](repeating: 0, count: (outputs + 7) / 8 * 8 - bias.count)
        nonisolated(unsafe) let out = out
        input.withPointer { base in
            nonisolated(unsafe) let base = base
            TensorThreads.forEach(bands.count, work: work) { k in
                let band = bands[k]
                let planes = base + band.sample * inputs * ny * nx
                let target = out + band.sample * outputs * outNy * outNx + band.rows.lowerBound * outNx
                if pointwise {
                    let offsets = offsets(rowStride: 0, planeStride: ny * nx)
                    multiply(
                        planes + band.rows.lowerBound * nx, rowStride: 0, offsets, weights, bias, activation, target, rows: 1,
                        nx: band.rows.count * nx)
                } else {
                    let padded = padded(planes, band, rowSources, columnSources)
                    let offsets = offsets(rowStride: padded.rowStride, planeStride: padded.planeStride)
                    multiply(
                        padded.base, rowStride: padded.rowStride, offsets, weights, bias, activation, target, rows: band.rows.count,
                        nx: outNx)
                }
            }
        }
    }

    private func padded<Scalar: TensorScalar>(
        _ planes: UnsafePointer<Scalar>, _ band: Band, _ rows: [Int], _ columns: [Int]
    ) -> PaddedBand<Scalar> {
        PaddedBand(
            planes: planes, count: inputs, ny: ny, nx: nx, rows: rows[band.rows.lowerBound..<band.rows.upperBound + dilation * (kernelY - 1)],
            columns: columns, border: borderX)
    }

    /// Whether the rows of a band are walked over as one line, with the places between them, and then copied: less work where nx leaves much of its last
    /// vector empty. In products of vectors, of which copying a row takes the time of some 50.
    private func isLine<Scalar: TensorScalar>(rowStride: Int, rows: Int, nx: Int, _ type: Scalar.Type) -> Bool {
        let lanes = Scalar.Vector.scalarCount
        return rows > 1 && (nx + lanes - 1) / lanes * terms * lanes > rowStride * terms + 50 * lanes
    }

    private func multiply<Scalar: TensorScalar>(
        _ input: UnsafePointer<Scalar>, rowStride: Int, _ offsets: [Int], _ weights: [Scalar], _ bias: [Scalar], _ activation: Activation,
        _ out: UnsafeMutablePointer<Scalar>, rows: Int, nx: Int
    ) {
        let plane = outNy * outNx
        let rectifies = activation == .rectifier
        let isLine = isLine(rowStride: rowStride, rows: rows, nx: nx, Scalar.self)
        let length = (rows - 1) * rowStride + nx
        let line = UnsafeMutablePointer<Scalar>.allocate(capacity: isLine ? 8 * length : 0)
        defer { line.deallocate() }
        weights.withUnsafeBufferPointer { weights in
            bias.withUnsafeBufferPointer { bias in
                for first in stride(from: 0, to: outputs, by: 8) {
                    let used = min(8, outputs - first)
                    let (w, b) = (weights.baseAddress! + first * terms, bias.baseAddress! + first)
                    let target = out + first * plane
                    if isLine {
                        productKernel(
                            input, rowStride: 0, offsets, terms: terms, w, b, line, outputStride: length, outputRowStride: 0, used: used, rows: 1,
                            nx: length, rectifies: rectifies)
                        for o in 0..<used {
                            for y in 0..<rows {
                                (target + o * plane + y * nx).initialize(from: line + o * length + y * rowStride, count: nx)
                            }
                        }
                    } else {
                        productKernel(
                            input, rowStride: rowStride, offsets, terms: terms, w, b, target, outputStride: plane, outputRowStride: nx, used: used,
                            rows: rows, nx: nx, rectifies: rectifies)
                    }
                    // While the band is still in the cache.
                    if !rectifies { for o in 0..<used { activation.apply(to: target + o * plane, rows * nx) } }
                }
            }
        }
    }

    /// Gradient of <cotangent, out> by the weights.
    ///
    /// Bands are dealt to at most eight sums, which are added in their order: the bits depend on the shapes alone.
    /// - Parameters:
    ///   - input: [batch, inputs, ny, nx]; `cotangent`: [batch, outputs, outNy, outNx].
    /// - Returns: [outputs, inputs, kernelY, kernelX].
    func weightGradient<Scalar: TensorScalar>(_ input: [Scalar], _ cotangent: [Scalar]) -> [Scalar] {
        // Sums over longer lines: their ends cost as much as some ten rows.
        let bands = bands(rows: bandRows(Scalar.self, channels: inputs + outputs, bytes: 768 << 10))
        let rowSources = padding.sources(extent: ny, border: borderY)
        let columnSources = padding.sources(extent: nx, border: borderX)
        let pointwise = isPointwise(Scalar.self)
        let size = outputs * terms
        let parts = max(1, min(8, bands.count))
        var sums = [Scalar](repeating: 0, count: parts * size)
        sums.withUnsafeMutableBufferPointer { sums in
            input.withPointer { x in
                cotangent.withPointer { g in
                    nonisolated(unsafe) let (x, g, sums) = (x, g, sums.baseAddress!)
                    TensorThreads.forEach(parts, work: work) { part in
                        for k in bands.count * part / parts..<bands.count * (part + 1) / parts {
                            let band = bands[k]
                            let planes = x + band.sample * inputs * ny * nx
                            let sensitivities = g + band.sample * outputs * outNy * outNx + band.rows.lowerBound * outNx
                            if pointwise {
                                let offsets = offsets(rowStride: 0, planeStride: ny * nx)
                                innerProductKernel(
                                    sensitivities, leftStride: outNy * outNx, lines: outputs, planes + band.rows.lowerBound * nx, offsets,
                                    terms: terms, length: band.rows.count * nx, sums + part * size, sumsStride: terms)
                            } else {
                                let padded = padded(planes, band, rowSources, columnSources)
                                let offsets = offsets(rowStride: padded.rowStride, planeStride: padded.planeStride)
                                let lines = SpreadRows(
                                    sensitivities, count: outputs, planeStride: outNy * outNx, rows: band.rows.count, nx: outNx,
                                    rowStride: padded.rowStride)
                                innerProductKernel(
                                    lines.base, leftStride: lines.planeStride, lines: outputs, padded.base, offsets, terms: terms,
                                    length: lines.length, sums + part * size, sumsStride: terms)
                            }
                        }
                    }
                    for part in 1..<max(1, parts) { accumulateKernel(sums, sums + part * size, size) }
                }
            }
        }
        sums.removeLast((parts - 1) * size)
        return sums
    }
}

/// Rows of some planes, with zeros between them so that they lie as far apart as those of a padded band.
private struct SpreadRows<Scalar: TensorScalar>: ~Copyable {
    let base: UnsafeMutablePointer<Scalar>
    let planeStride: Int
    /// Elements of a plane that are to be multiplied.
    let length: Int

    init(_ planes: UnsafePointer<Scalar>, count: Int, planeStride stride: Int, rows: Int, nx: Int, rowStride: Int) {
        // Whole vectors, zeros at the end: the other side's band may be read a little further than it goes.
        let lanes = Scalar.Vector.scalarCount
        length = ((rows - 1) * rowStride + nx + lanes - 1) / lanes * lanes
        // Every plane begins with a cache line, so that no load of these lines takes two.
        planeStride = (max(length, rows * rowStride) + lanes - 1) / lanes * lanes
        base = UnsafeMutableRawPointer.allocate(byteCount: count * planeStride * MemoryLayout<Scalar>.stride, alignment: 64)
            .bindMemory(to: Scalar.self, capacity: count * planeStride)
        for plane in 0..<count {
            for y in 0..<rows {
                let target = base + plane * planeStride + y * rowStride
                target.initialize(from: planes + plane * stride + y * nx, count: nx)
                (target + nx).initialize(repeating: 0, count: rowStride - nx)
            }
            (base + plane * planeStride + rows * rowStride).initialize(repeating: 0, count: planeStride - rows * rowStride)
        }
    }

    deinit { base.deallocate() }
}
