/// Some rows of one sample's planes with the border that a convolution reads, copied so that its kernels know no edges.
///
/// Rows follow each other without gaps, so that a kernel may walk over a whole plane as over one line.
struct PaddedBand<Scalar: TensorScalar>: ~Copyable {
    let base: UnsafeMutablePointer<Scalar>
    /// Elements from one row to the next.
    let rowStride: Int
    /// Elements from one plane to the next.
    let planeStride: Int

    /// What a kernel may read past the end.
    static var slack: Int { 2 * Scalar.Vector.scalarCount }

    /// - Parameters:
    ///   - planes: `count` planes `planeStride` apart, of rows of `nx` that are `rowStride` apart.
    ///   - rows: for each row of the band, the row of the field that it shows, or -1 for zeros.
    ///   - columns: the same for the columns of the band, of which those from `border` on are the field's own.
    init(
        planes: UnsafePointer<Scalar>, count: Int, planeStride sourcePlane: Int, rowStride sourceRow: Int, nx: Int, rows: ArraySlice<Int>,
        columns: [Int], border: Int
    ) {
        rowStride = columns.count
        planeStride = rowStride * rows.count
        base = .allocate(capacity: planeStride * count + Self.slack)
        (base + planeStride * count).initialize(repeating: 0, count: Self.slack)
        var target = base
        for plane in 0..<count {
            for source in rows {
                if source < 0 {
                    target.initialize(repeating: 0, count: rowStride)
                } else {
                    let row = planes + plane * sourcePlane + source * sourceRow
                    (target + border).initialize(from: row, count: nx)
                    for edge in 0..<border {
                        let (left, right) = (columns[edge], columns[border + nx + edge])
                        target[edge] = left < 0 ? 0 : row[left]
                        target[border + nx + edge] = right < 0 ? 0 : row[right]
                    }
                }
                target += rowStride
            }
        }
    }

    deinit { base.deallocate() }
}
