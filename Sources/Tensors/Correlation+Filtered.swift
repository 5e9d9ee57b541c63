// Correlations whose rows are filtered. With `MinimalFilter` along y, four rows of a kernel of three take six products of rows in place of
// twelve: each is a correlation along x, of weights of its own with a band that was filtered once for all outputs. Along x nothing changes, so
// that vectors hold neighbours.

extension Correlation {
    /// Multiplications of an output row: channels and taps along x.
    var filteredTerms: Int { inputs * kernelX }

    /// Whether minimal filtering is possible.
    func canFilterRows<Scalar: TensorScalar>(_ type: Scalar.Type) -> Bool {
        kernelY == MinimalFilter<Scalar>.taps && strideX == 1 && dilation == 1 && min(nx, outNx) >= Scalar.Vector.scalarCount
    }

    /// Whether minimal filtering of the rows is worth its transforms, which take the time of some 10 products of vectors for each channel and
    /// vector of a tile, and 30 for each output.
    func filtersRows<Scalar: TensorScalar>(_ type: Scalar.Type) -> Bool {
        guard canFilterRows(type) else { return false }
        let (lanes, tile) = (Scalar.Vector.scalarCount, MinimalFilter<Scalar>.tile)
        let line = ((outNy + tile - 1) / tile - 1) * (nx + borderX.total) + outNx
        let products = MinimalFilter<Scalar>.products * filteredTerms * ((outputs + 7) / 8 * 8)
        let filtered = (line + 2 * lanes - 1) / (2 * lanes) * (products + 10 * inputs + 30 * outputs)
        let direct = fillsLanesWithOutputs(rows: outNy, type) ? workByOutputs(rows: outNy, type) : workByPlaces(rows: outNy, type)
        return 10 * filtered < 9 * direct
    }

    /// A band of whole tiles; rows of the last that are not wanted see zeros.
    func filtered<Scalar: TensorScalar>(
        _ input: UnsafePointer<Scalar>, _ band: Band, _ sources: (rows: [Int], columns: [Int])
    ) -> FilteredBand<Scalar> {
        let (first, tile) = (band.rows.lowerBound, MinimalFilter<Scalar>.tile)
        let end = first + (band.rows.count + tile - 1) / tile * tile + kernelY - 1
        return FilteredBand(
            planes: input + band.sample * inputLayout.sampleStride, count: inputs, inputLayout, nx: nx,
            rows: (first..<end).map { $0 < sources.rows.count ? sources.rows[$0] : -1 }, columns: sources.columns, border: borderX)
    }

    /// Where each (channel, tap along x) begins in the band of one product.
    func filteredOffsets<Scalar: TensorScalar>(in band: borrowing FilteredBand<Scalar>) -> [Int] {
        var offsets: [Int] = []
        offsets.reserveCapacity(filteredTerms)
        for channel in 0..<inputs {
            for kx in 0..<kernelX { offsets.append(channel * band.planeStride + kx) }
        }
        return offsets
    }

    /// What `run` gives, by filtered rows.
    func runFiltered<Scalar: TensorScalar>(
        _ input: [Scalar], weights: WeightTable<Scalar>, bias: [Scalar], activation: Activation, _ out: UnsafeMutablePointer<Scalar>
    ) {
        let (tile, products) = (MinimalFilter<Scalar>.tile, MinimalFilter<Scalar>.products)
        let bands = bands(Scalar.self, channels: inputs * products / tile, bytes: 400 << 10, tile: tile)
        let (sources, blocks) = (sources, (outputs + 7) / 8)
        let size = blocks * 8 * filteredTerms
        let packed = weights.packed(width: 8)
        let weights = [Scalar](unsafeUninitializedCapacity: products * size) { buffer, initialised in
            initialised = products * size
            guard let base = buffer.baseAddress else { return }
            filterTapsKernel(packed, groups: blocks * inputs, length: 8 * kernelX, base, productStride: size)
        }
        let bias = bias + [Scalar](repeating: 0, count: 8 * blocks - bias.count)
        nonisolated(unsafe) let out = out
        input.withPointer { base in
            nonisolated(unsafe) let base = base
            TensorThreads.forEach(bands.count, work: work) { k in
                let band = bands[k]
                let target = out + outputOffset(of: band)
                multiplyFiltered(filtered(base, band, sources), weights, bias, activation, target, rows: band.rows.count)
            }
        }
    }

    /// - Parameters:
    ///   - weights: [product][block of 8 outputs][channel, tap along x][8].
    ///   - out: where the band's first row of the first output begins.
    private func multiplyFiltered<Scalar: TensorScalar>(
        _ band: borrowing FilteredBand<Scalar>, _ weights: [Scalar], _ bias: [Scalar], _ activation: Activation, _ out: UnsafeMutablePointer<Scalar>,
        rows: Int
    ) {
        let (lanes, products) = (Scalar.Vector.scalarCount, MinimalFilter<Scalar>.products)
        // Tiles are walked over as one line, with the places between them.
        let length = (band.tiles - 1) * band.rowStride + outNx
        let stride = (length + lanes - 1) / lanes * lanes
        // [product][output][line], a row that is not wanted, and the bias of what is not yet an output.
        let lines = UnsafeMutablePointer<Scalar>.allocate(capacity: products * 8 * stride + outNx + 8)
        defer { lines.deallocate() }
        let (spare, nothing, offsets) = (lines + products * 8 * stride, lines + products * 8 * stride + outNx, filteredOffsets(in: band))
        fillKernel(nothing, 0, 8)
        let (base, productStride, rowStride) = (band.base, band.productStride, band.rowStride)
        weights.withPointer { weights in
            bias.withPointer { bias in
                for first in Swift.stride(from: 0, to: outputs, by: 8) {
                    let used = min(8, outputs - first)
                    let target = out + first * outputLayout.planeStride
                    for product in 0..<products {
                        lineProductKernel(
                            base + product * productStride, offsets, terms: filteredTerms,
                            weights + (product * ((outputs + 7) / 8 * 8) + first) * filteredTerms, nothing, lines + product * 8 * stride,
                            outputStride: stride, used: used, length: length, rectifies: false)
                    }
                    filterOutputsKernel(
                        lines, productStride: 8 * stride, outputStride: stride, rowStride: rowStride, nx: outNx, bias + first,
                        rectifies: activation == .rectifier, target, count: used, outPlaneStride: outputLayout.planeStride, rows: rows,
                        outRowStride: outputLayout.rowStride, spare: spare)
                    if activation == .none || activation == .rectifier { continue }
                    for o in 0..<used {
                        for y in 0..<rows { activation.apply(to: target + o * outputLayout.planeStride + y * outputLayout.rowStride, outNx) }
                    }
                }
            }
        }
    }
}
