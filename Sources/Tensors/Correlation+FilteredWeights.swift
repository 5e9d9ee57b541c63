// Gradients by weights of correlations whose rows are filtered: sums over tiles and x of what the filters make of cotangent and field, six for
// every tap along x, of which the three taps along y are made once at the end.

extension Correlation {
    /// Whether that is worth its transforms. In products of vectors for each channel and vector of a tile they take the time of some 10 for the
    /// field and 50 for the cotangent, of which the plain sum by outputs has 40 too.
    func filtersRowsForWeights<Scalar: TensorScalar>(_ type: Scalar.Type) -> Bool {
        let (lanes, tile) = (Scalar.Vector.scalarCount, MinimalFilter<Scalar>.tile)
        guard canFilterRows(type), 2 * outputs > lanes else { return false }
        let panel = (outputs + lanes - 1) / lanes * lanes
        let tiles = (outNy + tile - 1) / tile * (nx + borderX.total)
        let filtered = tiles * (MinimalFilter<Scalar>.products * ((filteredTerms + 7) / 8 * 8) * panel + 10 * inputs + 50 * panel)
        let direct = outNy * outNx * (outputs > lanes ? (terms + 10) * panel : terms * outputs)
        return 10 * filtered < 9 * direct
    }

    /// What `weightGradient` gives, by filtered rows.
    func filteredWeightGradient<Scalar: TensorScalar>(_ input: [Scalar], _ cotangent: [Scalar]) -> [Scalar] {
        let (tile, products) = (MinimalFilter<Scalar>.tile, MinimalFilter<Scalar>.products)
        let bands = bands(Scalar.self, channels: (inputs + outputs) * products / tile, bytes: 600 << 10, tile: tile)
        let (sources, width) = (sources, outputWidth(Scalar.self))
        let blocks = (outputs + width - 1) / width
        let size = blocks * filteredTerms * width
        let sums = sumsOverBands(bands, size: products * size) { band, sums in
            input.withPointer { x in
                cotangent.withPointer { g in addFilteredProducts(filtered(x, band, sources), g, band, sums, productStride: size) }
            }
        }
        let gradient = [Scalar](unsafeUninitializedCapacity: kernelY * size) { buffer, initialised in
            initialised = kernelY * size
            guard let base = buffer.baseAddress else { return }
            filterGradientsKernel(sums, productStride: size, groups: blocks * inputs, length: kernelX * width, base)
        }
        return unpackedByOutputs(gradient)
    }

    /// - Parameter sums: [product][block of outputs][channel, tap along x][`outputWidth`], a product `productStride` after the one before.
    private func addFilteredProducts<Scalar: TensorScalar>(
        _ filtered: borrowing FilteredBand<Scalar>, _ cotangent: UnsafePointer<Scalar>, _ band: Band, _ sums: UnsafeMutablePointer<Scalar>,
        productStride: Int
    ) {
        let (lanes, width, nx) = (Scalar.Vector.scalarCount, outputWidth(Scalar.self), outNx)
        let own = cotangent + outputOffset(of: band)
        let (rows, tileRows) = (band.rows.count, MinimalFilter<Scalar>.tile * filtered.tiles)
        // Tiles are walked over as one line, with the places between them, where there is no cotangent.
        let line = filtered.tiles * filtered.rowStride
        let (places, offsets) = (Array(0..<line - filtered.rowStride + nx), filteredOffsets(in: filtered))
        // [row][x][width] of whole tiles, and of that [product][tile][place][width].
        let panel = UnsafeMutablePointer<Scalar>.allocate(capacity: (tileRows * nx + MinimalFilter<Scalar>.products * line) * width)
        defer { panel.deallocate() }
        for first in stride(from: 0, to: outputs, by: width) {
            let used = min(width, outputs - first)
            let panelWidth = used > lanes ? width : lanes
            let vectors = panel + tileRows * nx * panelWidth
            fillPanel(panel, width: panelWidth, own + first * outputLayout.planeStride, used, rows: rows)
            fillKernel(panel + rows * nx * panelWidth, 0, (tileRows - rows) * nx * panelWidth)
            filterCotangentsKernel(
                panel, tiles: filtered.tiles, length: nx * panelWidth, vectors, outRowStride: filtered.rowStride * panelWidth,
                productStride: line * panelWidth)
            for product in 0..<MinimalFilter<Scalar>.products {
                outerProductKernel(
                    filtered.base + product * filtered.productStride, offsets, count: filteredTerms, places, terms: places.count,
                    vectors + product * line * panelWidth, vectorStride: panelWidth, sums + product * productStride + first * filteredTerms,
                    sumStride: width, isPair: used > lanes)
            }
        }
    }
}
