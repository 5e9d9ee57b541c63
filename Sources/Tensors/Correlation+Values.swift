extension Correlation {
    /// The sums, activated.
    ///
    /// - Parameters:
    ///   - input: [batch, inputs, ny, nx].
    ///   - weights: [outputs, inputs, kernelY, kernelX].
    ///   - bias: one number per output, or none.
    ///   - out: [batch, outputs, outNy, outNx].
    func run<Scalar: TensorScalar>(
        _ input: [Scalar], weights: [Scalar], bias: [Scalar] = [], activation: Activation = .none, _ out: UnsafeMutablePointer<Scalar>
    ) {
        let table = WeightTable(
            scalars: weights, outputs: outputs, outputStride: terms, channels: inputs, channelStride: taps, taps: Array(0..<taps))
        run(input, weights: table, bias: bias, activation: activation, out)
    }

    /// - Parameter weights: of as many outputs, channels and taps, in any order.
    func run<Scalar: TensorScalar>(
        _ input: [Scalar], weights: WeightTable<Scalar>, bias: [Scalar] = [], activation: Activation = .none, _ out: UnsafeMutablePointer<Scalar>
    ) {
        if filtersRows(Scalar.self) {
            runFiltered(input, weights: weights, bias: bias, activation: activation, out)
            return
        }
        let bands = bands(Scalar.self, channels: inputs, bytes: 256 << 10)
        let sources = sources
        let pointwise = isPointwise(Scalar.self)
        let lanesAreOutputs = bands.first.map { fillsLanesWithOutputs(rows: $0.rows.count, Scalar.self) } ?? false
        let width = lanesAreOutputs ? outputWidth(Scalar.self) : 8
        let weights = weights.packed(width: width)
        let bias = bias + [Scalar](repeating: 0, count: (outputs + width - 1) / width * width - bias.count)
        nonisolated(unsafe) let out = out
        input.withPointer { base in
            nonisolated(unsafe) let base = base
            TensorThreads.forEach(bands.count, work: work) { k in
                let band = bands[k]
                let target = out + outputOffset(of: band)
                if pointwise {
                    let start = base + band.sample * inputLayout.sampleStride + band.rows.lowerBound * nx
                    if lanesAreOutputs {
                        multiplyByOutputs(start, rowStride: nx, planeOffsets, weights, bias, activation, target, rows: band.rows.count)
                    } else {
                        multiply(start, rowStride: 0, planeOffsets, weights, bias, activation, target, rows: 1, nx: band.rows.count * nx)
                    }
                } else {
                    let padded = padded(base, band, sources)
                    let offsets = offsets(in: padded)
                    if lanesAreOutputs {
                        multiplyByOutputs(
                            padded.base, rowStride: padded.rowStride, offsets, weights, bias, activation, target, rows: band.rows.count)
                    } else {
                        multiply(
                            padded.base, rowStride: padded.rowStride, offsets, weights, bias, activation, target, rows: band.rows.count, nx: outNx)
                    }
                }
            }
        }
    }

    /// Whether the rows of a band are walked over as one line, with the places between them, and then copied: less work where nx leaves much of its last
    /// vector empty. In products of vectors, of which copying a row takes the time of some 50.
    func isLine<Scalar: TensorScalar>(rowStride: Int, rows: Int, nx: Int, _ type: Scalar.Type) -> Bool {
        let lanes = Scalar.Vector.scalarCount
        return rows > 1 && (nx + lanes - 1) / lanes * terms * lanes > rowStride * terms + 50 * lanes
    }

    private func multiply<Scalar: TensorScalar>(
        _ input: UnsafePointer<Scalar>, rowStride: Int, _ offsets: [Int], _ weights: [Scalar], _ bias: [Scalar], _ activation: Activation,
        _ out: UnsafeMutablePointer<Scalar>, rows: Int, nx: Int
    ) {
        let (planeStride, outRowStride) = (outputLayout.planeStride, outputLayout.rowStride)
        let rectifies = activation == .rectifier
        let isLine = isLine(rowStride: rowStride, rows: rows, nx: nx, Scalar.self)
        let length = (rows - 1) * rowStride + nx
        let isLong = length >= 4 * Scalar.Vector.scalarCount
        let line = UnsafeMutablePointer<Scalar>.allocate(capacity: rows > 1 ? 8 * length : 0)
        defer { line.deallocate() }
        weights.withUnsafeBufferPointer { weights in
            bias.withUnsafeBufferPointer { bias in
                for first in stride(from: 0, to: outputs, by: 8) {
                    let used = min(8, outputs - first)
                    let (w, b) = (weights.baseAddress! + first * terms, bias.baseAddress! + first)
                    let target = out + first * planeStride
                    if isLine || (used <= 4 && isLong) {
                        let (place, stride) = rows > 1 ? (line, length) : (target, planeStride)
                        lineProductKernel(
                            input, offsets, terms: terms, w, b, place, outputStride: stride, used: used, length: length, rectifies: rectifies)
                        for o in 0..<used where rows > 1 {
                            for y in 0..<rows {
                                (target + o * planeStride + y * outRowStride).initialize(from: line + o * length + y * rowStride, count: nx)
                            }
                        }
                    } else {
                        productKernel(
                            input, rowStride: rowStride, offsets, terms: terms, w, b, target, outputStride: planeStride,
                            outputRowStride: outRowStride, used: used, rows: rows, nx: nx, rectifies: rectifies)
                    }
                    if activation == .none || rectifies { continue }
                    // While the band is still in the cache.
                    for o in 0..<used {
                        for y in 0..<rows { activation.apply(to: target + o * planeStride + y * outRowStride, nx) }
                    }
                }
            }
        }
    }
}
