/// Some rows of one sample's planes with the border that a convolution reads, copied so that its kernels know no edges.
///
/// Rows follow each other without gaps, so that a kernel may walk over a whole plane as over one line. Where a convolution strides, rows and columns of a
/// plane lie sorted by their remainders: then what one tap reads for neighbouring outputs are neighbours here, and its kernels know no strides either.
struct PaddedBand<Scalar: TensorScalar>: ~Copyable {
    let base: UnsafeMutablePointer<Scalar>
    /// Elements from the row that one output reads to that of the output below.
    let rowStride: Int
    /// Elements from one plane to the next.
    let planeStride: Int
    private let partStride: Int
    private let strideY: Int
    private let strideX: Int

    /// What a kernel may read past the end.
    static var slack: Int { 2 * Scalar.Vector.scalarCount }

    /// - Parameters:
    ///   - planes: `count` planes `planeStride` apart, of rows of `nx` that are `rowStride` apart.
    ///   - rows: for each row of the band, the row of the field that it shows, or -1 for zeros.
    ///   - columns: the same for the columns of the band, of which those from `border.before` on are the field's own.
    init(
        planes: UnsafePointer<Scalar>, count: Int, planeStride sourcePlane: Int, rowStride sourceRow: Int, nx: Int, rows: ArraySlice<Int>,
        columns: [Int], border: Correlation.Border, strideY: Int, strideX: Int
    ) {
        rowStride = (columns.count + strideX - 1) / strideX
        partStride = rowStride * ((rows.count + strideY - 1) / strideY)
        planeStride = partStride * strideY * strideX
        (self.strideY, self.strideX) = (strideY, strideX)
        base = .allocate(capacity: planeStride * count + Self.slack)
        fillKernel(base + planeStride * count, 0, Self.slack)
        // Rows of which a part has none are read by no tap, but may lie between those that are.
        if strideY * strideX > 1 { fillKernel(base, 0, planeStride * count) }
        let whole = UnsafeMutablePointer<Scalar>.allocate(capacity: strideX > 1 ? columns.count : 0)
        defer { whole.deallocate() }
        for plane in 0..<count {
            for (k, source) in rows.enumerated() {
                let target = base + plane * planeStride + k % strideY * strideX * partStride + k / strideY * rowStride
                if source < 0 {
                    if strideX == 1 { fillKernel(target, 0, rowStride) }
                    continue
                }
                let row = planes + plane * sourcePlane + source * sourceRow
                let filled = strideX > 1 ? whole : target
                (filled + border.before).initialize(from: row, count: nx)
                for edge in 0..<border.before { filled[edge] = columns[edge] < 0 ? 0 : row[columns[edge]] }
                for edge in border.before + nx..<columns.count { filled[edge] = columns[edge] < 0 ? 0 : row[columns[edge]] }
                for part in 0..<min(strideX, columns.count) where strideX > 1 {
                    gatherEvery(strideX, whole + part, target + part * partStride, (columns.count - part + strideX - 1) / strideX)
                }
            }
        }
    }

    /// Where in a plane the line begins that a tap reads which lies `row` and `column` cells after the first.
    func offset(row: Int, column: Int) -> Int {
        (row % strideY * strideX + column % strideX) * partStride + row / strideY * rowStride + column / strideX
    }

    deinit { base.deallocate() }
}

/// out[k] = row[stride k]
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func gatherEvery<Scalar: TensorScalar>(
    _ stride: Int, _ row: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, _ count: Int
) {
    if stride == 2 {
        for k in 0..<count { out[k] = row[2 &* k] }
    } else {
        for k in 0..<count { out[k] = row[stride &* k] }
    }
}
