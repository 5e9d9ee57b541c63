extension Correlation {
    /// Gradient of <cotangent, out> by the weights.
    ///
    /// Bands are dealt to at most eight sums, which are added in their order: the bits depend on the shapes alone.
    /// - Parameters:
    ///   - input: [batch, inputs, ny, nx]; `cotangent`: [batch, outputs, outNy, outNx].
    /// - Returns: [outputs, inputs, kernelY, kernelX].
    func weightGradient<Scalar: TensorScalar>(_ input: [Scalar], _ cotangent: [Scalar]) -> [Scalar] {
        if filtersRowsForWeights(Scalar.self) { return filteredWeightGradient(input, cotangent) }
        let sources = sources
        // A single vector of outputs keeps the processor less busy than long lines of places do, but has no sums over lanes at their ends.
        let (lanes, isSmall) = (Scalar.Vector.scalarCount, outNy * outNx < 1024)
        let lanesAreOutputs = outputs > lanes || (2 * outputs > lanes && isSmall)
        // Longer lines than for the values: the end of a sum costs as much as some ten rows.
        let bands = bands(Scalar.self, channels: inputs + outputs, bytes: 768 << 10)
        let width = outputWidth(Scalar.self)
        let size = terms * (lanesAreOutputs ? (outputs + width - 1) / width * width : outputs)
        let sums = sumsOverBands(bands, size: size) { band, sums in
            input.withPointer { x in
                cotangent.withPointer { g in
                    if lanesAreOutputs {
                        addProductsByOutputs(x, g, band, sources, sums)
                    } else {
                        addProducts(x, g, band, sources, sums)
                    }
                }
            }
        }
        return lanesAreOutputs ? unpackedByOutputs(sums) : sums
    }

    /// Sums over all bands, each dealt to one of at most eight sums of `size` numbers, which are then added in their order.
    func sumsOverBands<Scalar: TensorScalar>(
        _ bands: [Band], size: Int, _ add: @Sendable (_ band: Band, _ sums: UnsafeMutablePointer<Scalar>) -> Void
    ) -> [Scalar] {
        // A sum of its own pays where the part has much to add to it.
        let parts = max(1, min(8, bands.count, batch * outNy * outNx / 256))
        var sums = [Scalar](unsafeUninitializedCapacity: parts * size) { buffer, initialised in
            initialised = parts * size
            guard let base = buffer.baseAddress else { return }
            fillKernel(base, 0, parts * size)
            nonisolated(unsafe) let sums = base
            TensorThreads.forEach(parts, work: work) { part in
                for band in bands[bands.count * part / parts..<bands.count * (part + 1) / parts] { add(band, sums + part * size) }
            }
            for part in 1..<max(1, parts) { accumulateKernel(base, base + part * size, size) }
        }
        sums.removeLast((parts - 1) * size)
        return sums
    }

    /// [outputs][terms] of [block of outputs][terms][`outputWidth`].
    func unpackedByOutputs<Scalar: TensorScalar>(_ sums: [Scalar]) -> [Scalar] {
        let width = outputWidth(Scalar.self)
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
        let own = cotangent + outputOffset(of: band)
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
        let own = cotangent + outputOffset(of: band)
        let lanes = Scalar.Vector.scalarCount
        let panel = UnsafeMutablePointer<Scalar>.allocate(capacity: rows * outNx * width)
        defer { panel.deallocate() }

        func add(_ input: UnsafePointer<Scalar>, rowStride: Int, _ offsets: [Int]) {
            let places = places(rows: rows, rowStride: rowStride)
            for first in stride(from: 0, to: outputs, by: width) {
                let used = min(width, outputs - first)
                let panelWidth = used > lanes ? width : lanes
                fillPanel(panel, width: panelWidth, own + first * outputLayout.planeStride, used, rows: rows)
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

    /// Rows of `used` planes of the cotangent as [place][width], zeros in the lanes without a plane.
    func fillPanel<Scalar: TensorScalar>(
        _ panel: UnsafeMutablePointer<Scalar>, width: Int, _ planes: UnsafePointer<Scalar>, _ used: Int, rows: Int
    ) {
        if used < width { fillKernel(panel, 0, rows * outNx * width) }
        for rows in pieces(of: rows) {
            transposeKernel(
                planes + rows.lowerBound * outputLayout.rowStride, lines: used, length: rows.count * outNx, stride: outputLayout.planeStride,
                panel + rows.lowerBound * outNx * width, outStride: width)
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
