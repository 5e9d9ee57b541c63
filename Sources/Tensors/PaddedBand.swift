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
        let whole = UnsafeMutablePointer<Scalar>.allocate(capacity: columns.count)
        defer { whole.deallocate() }
        // Rows of which a part has none are read by no tap, but may lie between those that are.
        if strideY * strideX > 1 { fillKernel(base, 0, planeStride * count) }
        rows.withUnsafeBufferPointer { rows in
            copyRowsKernel(
                planes, count: count, planeStride: sourcePlane, rowStride: sourceRow, nx: nx, rows, columns, columnCount: columns.count,
                before: border.before, strideY: strideY, strideX: strideX, whole, base, outPlaneStride: planeStride, partStride: partStride,
                outRowStride: rowStride)
        }
    }

    /// Where in a plane the line begins that a tap reads which lies `row` and `column` cells after the first.
    func offset(row: Int, column: Int) -> Int {
        (row % strideY * strideX + column % strideX) * partStride + row / strideY * rowStride + column / strideX
    }

    deinit { base.deallocate() }
}

/// What `PaddedBand.init` copies, its parameters and strides; `whole` takes a row before it is sorted.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func copyRowsKernel<Scalar: TensorScalar>(
    _ planes: UnsafePointer<Scalar>, count: Int, planeStride: Int, rowStride: Int, nx: Int, _ rows: UnsafeBufferPointer<Int>,
    _ columns: UnsafePointer<Int>, columnCount: Int, before: Int, strideY: Int, strideX: Int, _ whole: UnsafeMutablePointer<Scalar>,
    _ out: UnsafeMutablePointer<Scalar>, outPlaneStride: Int, partStride: Int, outRowStride: Int
) {
    for plane in 0..<count {
        for k in 0..<rows.count {
            let part = strideY == 1 ? 0 : k % strideY
            let target = out + (plane &* outPlaneStride &+ part &* strideX &* partStride &+ (strideY == 1 ? k : k / strideY) &* outRowStride)
            if rows[k] < 0 {
                if strideX == 1 { for x in 0..<columnCount { target[x] = 0 } }
                continue
            }
            let row = planes + (plane &* planeStride &+ rows[k] &* rowStride)
            let filled = strideX > 1 ? whole : target
            for x in 0..<nx { filled[before &+ x] = row[x] }
            for edge in 0..<before { filled[edge] = columns[edge] < 0 ? 0 : row[columns[edge]] }
            for edge in before &+ nx..<columnCount { filled[edge] = columns[edge] < 0 ? 0 : row[columns[edge]] }
            if strideX == 2 {
                let half = columnCount / 2
                for x in 0..<half {
                    target[x] = whole[2 &* x]
                    target[partStride &+ x] = whole[2 &* x &+ 1]
                }
                if columnCount & 1 == 1 { target[half] = whole[columnCount &- 1] }
            } else if strideX > 2 {
                for x in 0..<columnCount { target[x % strideX &* partStride &+ x / strideX] = whole[x] }
            }
        }
    }
}
