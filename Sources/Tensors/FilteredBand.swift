/// Some rows of one sample's planes, padded along x and filtered along y: B^T d of every tile of `MinimalFilter`.
///
/// For each product there is a band, [plane][tile][column], in which kernels move along x as in a `PaddedBand`.
struct FilteredBand<Scalar: TensorScalar>: ~Copyable {
    let base: UnsafeMutablePointer<Scalar>
    let tiles: Int
    /// Elements from one tile to the next.
    let rowStride: Int
    let planeStride: Int
    /// Elements from the band of one product to that of the next.
    let productStride: Int

    /// - Parameters:
    ///   - planes: `count` planes of rows of `nx`, at least a vector, that lie as `layout` says.
    ///   - rows: for the rows of whole tiles, and the two that the last one sees besides, the row of the field that they show, or -1 for zeros.
    ///   - columns: the same for the columns of the band, of which those from `border.before` on are the field's own.
    init(
        planes: UnsafePointer<Scalar>, count: Int, _ layout: Correlation.Layout, nx: Int, rows: [Int], columns: [Int], border: Correlation.Border
    ) {
        tiles = rows.count / MinimalFilter<Scalar>.tile
        rowStride = columns.count
        planeStride = tiles * rowStride
        productStride = count * planeStride
        base = .allocate(capacity: MinimalFilter<Scalar>.products * productStride + nx)
        let zeros = base + MinimalFilter<Scalar>.products * productStride
        fillKernel(zeros, 0, nx)
        filterCellsKernel(
            planes, count: count, planeStride: layout.planeStride, rowStride: layout.rowStride, nx: nx, rows, tiles: tiles, zeros, columns,
            columnCount: columns.count, before: border.before, base, outPlaneStride: planeStride, productStride: productStride)
    }

    deinit { base.deallocate() }
}
