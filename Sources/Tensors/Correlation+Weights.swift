extension Correlation {
    /// Gradient of <cotangent, out> by the weights.
    ///
    /// Bands are dealt to at most eight sums, which are added in their order: the bits depend on the shapes alone.
    /// - Parameters:
    ///   - input: [batch, inputs, ny, nx]; `cotangent`: [batch, outputs, outNy, outNx].
    /// - Returns: [outputs, inputs, kernelY, kernelX].
    func weightGradient<Scalar: TensorScalar>(_ input: [Scalar], _ cotangent: [Scalar]) -> [Scalar] {
        let sources = sources
        // A single vector of outputs keeps the processor less busy than long lines of places do, but has no sums over lanes at their ends.
        let (lanes, isSmall) = (Scalar.Vector.scalarCount, outNy * outNx < 1024)
        let lanesAreOutputs = outputs > lanes || (2 * outputs > lanes && isSmall)
        // Longer lines than for the values: the end of a sum costs as much as some ten rows.
        let bands = bands(Scalar.self, channels: inputs + outputs, bytes: 768 << 10)
        let width = outputWidth(Scalar.self)
        let size = terms * (lanesAreOutputs ? (outputs + width - 1) / width * width : outputs)
        // A sum of its own pays where the part has much to add to it.
        let parts = max(1, min(8, bands.count, batch * outNy * outNx / 256))
        var sums = [Scalar](unsafeUninitializedCapacity: parts * size) { buffer, initialised in
            initialised = parts * size
            if let base = buffer.baseAddress { fillKernel(base, 0, initialised) }
        }
        sums.withUnsafeMutableBufferPointer { sums in
            input.withPointer { x in
                cotangent.withPointer { g in
                    nonisolated(unsafe) let (x, g, sums) = (x, g, sums.baseAddress!)
                    TensorThreads.forEach(parts, work: work) { part in
                        for band in bands[bands.count * part / parts..<bands.count * (part + 1) / parts] {
                            if lanesAreOutputs {
                                addProductsByOutputs(x, g, band, sources, sums + part * size)
                            } else {
                                addProducts(x, g, band, sources, sums + part * size)
                            }
                        }
                    }
                    for part in 1..<max(1, parts) { accumulateKernel(sums, sums + part * size, size) }
                }
            }
        }
        if !lanesAreOutputs {
            sums.removeLast((parts - 1) * size)
            return sums
        }
        return [Scalar](unsafeUninitializedCapacity: outputs * terms) { buffer, initialised in
            initialised = outputs * terms
            guard let base = buffer.baseAddress else { return }
            sums.withPointer { sums in
                for first in stride(from: 0, to: outputs, by: width) {
                    transposeKernel(
                        sums + first * terms, lines: terms, length: min(width, outputs - first), stride: width, base + first * terms,
                        outStride: terms)
                }
            }
        }
    }

    /// - Parameter sums: [outputs][terms].
    private func addProducts<Scalar: TensorScalar>(
        _ input: UnsafePointer<Scalar>, _ cotangent: UnsafePointer<Scalar>, _ band: Band, _ sources: (rows: [Int], columns: [Int]),
        _ sums: UnsafeMutablePointer<Scalar>
    ) {
        let own = cotangent + band.sample * outputLayout.sampleStride + band.rows.lowerBound * outputLayout.rowStride
        if isPointwise(Scalar.self) {
            let start = band.sample * inputLayout.sampleStride + band.rows.lowerBound * nx
            innerProductKernel(
                own, leftStride: outputLayout.planeStride, lines: outputs, input + start, planeOffsets, terms: terms,
                length: band.rows.count * nx, sums, sumsStride: terms)
        } else {
            let padded = padded(input, band, sources)
            let lines = SpreadRows(own, count: outputs, outputLayout, rows: band.rows.count, nx: outNx, rowStride: padded.rowStride)
            innerProductKernel(
                lines.base, leftStride: lines.planeStride, lines: outputs, padded.base, offsets(in: padded), terms: terms, length: lines.length, sums,
                sumsStride: terms)
        }
    }

    /// - Parameter sums: [block of outputs][terms][`outputWidth`].
    private func addProductsByOutputs<Scalar: TensorScalar>(
        _ input: UnsafePointer<Scalar>, _ cotangent: UnsafePointer<Scalar>, _ band: Band, _ sources: (rows: [Int], columns: [Int]),
        _ sums: UnsafeMutablePointer<Scalar>
    ) {
        let (rows, width) = (band.rows.count, outputWidth(Scalar.self))
        let own = cotangent + band.sample * outputLayout.sampleStride + band.rows.lowerBound * outputLayout.rowStride
        let lanes = Scalar.Vector.scalarCount
        let panel = UnsafeMutablePointer<Scalar>.allocate(capacity: rows * outNx * width)
        defer { panel.deallocate() }

        func add(_ input: UnsafePointer<Scalar>, rowStride: Int, _ offsets: [Int]) {
            let places = places(rows: rows, rowStride: rowStride)
            for first in stride(from: 0, to: outputs, by: width) {
                let used = min(width, outputs - first)
                let panelWidth = used > lanes ? width : lanes
                if used < panelWidth { fillKernel(panel, 0, places.count * panelWidth) }
                for rows in pieces(of: rows) {
                    transposeKernel(
                        own + first * outputLayout.planeStride + rows.lowerBound * outputLayout.rowStride, lines: used, length: rows.count * outNx,
                        stride: outputLayout.planeStride, panel + rows.lowerBound * outNx * panelWidth, outStride: panelWidth)
                }
                outerProductKernel(
                    input, offsets, count: terms, places, terms: places.count, panel, vectorStride: panelWidth, sums + first * terms,
                    sumStride: width, isPair: used > lanes)
            }
        }
        if isPointwise(Scalar.self) {
            add(input + band.sample * inputLayout.sampleStride + band.rows.lowerBound * nx, rowStride: nx, planeOffsets)
        } else {
            let padded = padded(input, band, sources)
            add(padded.base, rowStride: padded.rowStride, offsets(in: padded))
        }
    }
}

/// Rows of some planes, with zeros between them so that they lie as far apart as those of a padded band.
private struct SpreadRows<Scalar: TensorScalar>: ~Copyable {
    let base: UnsafeMutablePointer<Scalar>
    let planeStride: Int
    /// Elements of a plane that are to be multiplied.
    let length: Int

    init(_ planes: UnsafePointer<Scalar>, count: Int, _ layout: Correlation.Layout, rows: Int, nx: Int, rowStride: Int) {
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
                target.initialize(from: planes + plane * layout.planeStride + y * layout.rowStride, count: nx)
                fillKernel(target + nx, 0, rowStride - nx)
            }
            fillKernel(base + plane * planeStride + rows * rowStride, 0, planeStride - rows * rowStride)
        }
    }

    deinit { base.deallocate() }
}
