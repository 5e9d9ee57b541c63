// The adjoint of a correlation by its input.
//
// A cell of the padded field is seen by the taps that meet it where the stride steps: with a stride s, those whose distance from the first tap has the
// cell's remainder by s. So cells of one remainder are a correlation of the cotangent with some of the taps, without the zeros that a cotangent spread
// over the grid would bring. They are woven together, and what lies in the border is added to the cell that it shows.

extension Correlation {
    /// Along one axis, the cells of the padded field with one remainder by the stride, as sums over the cotangent.
    private struct Part {
        /// The taps that see these cells, the last first.
        let taps: [Int]
        /// Of the cotangent, zeros.
        let border: Border
        let extent: Int

        /// - Parameters:
        ///   - padded: the extent of the padded field; `out`: of the cotangent.
        init(remainder: Int, stride: Int, kernel: Int, dilation: Int, padded: Int, out: Int) {
            taps = (0..<kernel).filter { dilation * $0 % stride == remainder }.reversed()
            extent = (padded - remainder + stride - 1) / stride
            let (first, last) = (taps.last.map { dilation * $0 / stride } ?? 0, taps.first.map { dilation * $0 / stride } ?? 0)
            border = Border(before: last, after: extent - out - first)
        }
    }

    /// Gradient of <cotangent, out> by the input.
    ///
    /// - Parameters:
    ///   - cotangent: [batch, outputs, outNy, outNx]; `weights`: [outputs, inputs, kernelY, kernelX].
    ///   - bias: one number for each channel of the result, or none, and `activation` of the sums: for the transposed convolution, which this is.
    ///   - out: [batch, inputs, ny, nx].
    func inputGradient<Scalar: TensorScalar>(
        _ cotangent: [Scalar], weights: [Scalar], bias: [Scalar] = [], activation: Activation = .none, _ out: UnsafeMutablePointer<Scalar>
    ) {
        func table(_ taps: [Int]) -> WeightTable<Scalar> {
            WeightTable(
                scalars: weights, outputs: inputs, outputStride: self.taps, channels: outputs, channelStride: inputs * self.taps, taps: taps)
        }
        // On a ring, or with zeros outside, a convolution of the same kind: channels exchanged, taps reversed.
        if strideX == 1 && (padding != .replicate || taps == 1) {
            let adjoint = Correlation(
                batch: batch, inputs: outputs, outputs: inputs, ny: outNy, nx: outNx, kernelY: kernelY, kernelX: kernelX, dilation: dilation,
                borderY: Border(before: borderY.after, after: borderY.before), borderX: Border(before: borderX.after, after: borderX.before),
                padding: padding)
            adjoint.run(cotangent, weights: table((0..<taps).reversed()), bias: bias, activation: activation, out)
            return
        }
        let partsY = (0..<strideY).map {
            Part(remainder: $0, stride: strideY, kernel: kernelY, dilation: dilation, padded: ny + borderY.total, out: outNy)
        }
        let partsX = (0..<strideX).map {
            Part(remainder: $0, stride: strideX, kernel: kernelX, dilation: dilation, padded: nx + borderX.total, out: outNx)
        }
        let step = dilation / greatestCommonDivisor(dilation, strideX)
        // The parts one after the other: for each remainder of y and of x, that of x running faster, [batch * inputs, rows, columns].
        let sizes = partsY.flatMap { y in partsX.map { batch * inputs * y.extent * $0.extent } }
        let starts = sizes.indices.map { sizes[..<$0].reduce(0, +) }
        let woven = UnsafeMutablePointer<Scalar>.allocate(capacity: sizes.reduce(0, +))
        defer { woven.deallocate() }
        for (k, start) in starts.enumerated() {
            let (y, x) = (partsY[k / partsX.count], partsX[k % partsX.count])
            if y.taps.isEmpty || x.taps.isEmpty {
                fillKernel(woven + start, 0, sizes[k])
                continue
            }
            let part = Correlation(
                batch: batch, inputs: outputs, outputs: inputs, ny: outNy, nx: outNx, kernelY: y.taps.count, kernelX: x.taps.count,
                dilation: step, borderY: y.border, borderX: x.border, padding: .zero)
            let taps = y.taps.flatMap { ky in x.taps.map { ky * kernelX + $0 } }
            part.run(cotangent, weights: table(taps), woven + start)
        }
        weave(woven, starts: starts, rows: partsY.map(\.extent), columns: partsX.map(\.extent), bias, activation, out)
    }

    /// Sets every place of the padded field, which lies in one of the parts, to the cell that it shows, where those of the border are added.
    ///
    /// - Parameters:
    ///   - starts: of the parts; `partRows` and `partColumns`: their extents, for each remainder of y and of x.
    private func weave<Scalar: TensorScalar>(
        _ parts: UnsafePointer<Scalar>, starts: [Int], rows partRows: [Int], columns partColumns: [Int], _ bias: [Scalar], _ activation: Activation,
        _ out: UnsafeMutablePointer<Scalar>
    ) {
        let (rows, columns) = (padding.sources(extent: ny, border: borderY), padding.sources(extent: nx, border: borderX))
        nonisolated(unsafe) let (parts, out) = (parts, out)
        TensorThreads.forEach(batch * inputs, work: 8 * batch * inputs * ny * nx) { plane in
            let target = out + plane * ny * nx
            fillKernel(target, bias.isEmpty ? 0 : bias[plane % inputs], ny * nx)
            withUnsafeTemporaryAllocation(of: Scalar.self, capacity: columns.count + strideX) { row in
                for (y, shown) in rows.enumerated() where shown >= 0 {
                    let (remainder, k) = (y % strideY, plane * partRows[y % strideY] + y / strideY)
                    for x in 0..<min(strideX, columns.count) {
                        let source = parts + starts[remainder * strideX + x] + k * partColumns[x]
                        spreadKernel(source, row.baseAddress! + x, partColumns[x], stride: strideX)
                    }
                    foldRowKernel(row.baseAddress!, columns, count: columns.count, target + shown * nx, first: borderX.before, nx: nx)
                }
            }
            activation.apply(to: target, ny * nx)
        }
    }
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestCommonDivisor(b, a % b) }

/// out[stride k] = row[k]
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func spreadKernel<Scalar: TensorScalar>(
    _ row: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, _ count: Int, stride: Int
) {
    if stride == 2 {
        for k in 0..<count { out[2 &* k] = row[k] }
    } else {
        for k in 0..<count { out[k &* stride] = row[k] }
    }
}

/// Adds every place of a padded row to the cell that it shows.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func foldRowKernel<Scalar: TensorScalar>(
    _ row: UnsafePointer<Scalar>, _ columns: UnsafePointer<Int>, count: Int, _ out: UnsafeMutablePointer<Scalar>, first: Int, nx: Int
) {
    for x in 0..<nx { out[x] += row[first &+ x] }
    for edge in 0..<first where columns[edge] >= 0 { out[columns[edge]] += row[edge] }
    for edge in first &+ nx..<count where columns[edge] >= 0 { out[columns[edge]] += row[edge] }
}
