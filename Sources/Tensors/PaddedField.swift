/// A copy of one sample's planes with a border of zeros, laid out so that the convolution kernels need no special cases:
/// rows have room for whole vectors past the right edge, and everything outside the field is zero.
struct PaddedField<Scalar: TensorScalar>: ~Copyable {
    let base: UnsafeMutablePointer<Scalar>
    let border: Int
    /// Elements from one row to the next.
    let rowStride: Int
    /// Elements from one plane to the next.
    let planeStride: Int

    /// x extents are walked in blocks of this many elements.
    static var block: Int { 2 * Scalar.Vector.scalarCount }

    static func blocks(_ nx: Int) -> Int { (nx + block - 1) / block }

    /// - Parameters:
    ///   - planes: `count` planes of [ny, nx].
    ///   - border: width of the zero border on every side.
    init(planes: UnsafePointer<Scalar>, count: Int, ny: Int, nx: Int, border: Int) {
        self.border = border
        rowStride = Self.blocks(nx) * Self.block + 2 * border
        planeStride = rowStride * (ny + 2 * border)
        let total = planeStride * count
        base = .allocate(capacity: total)
        base.initialize(repeating: 0, count: total)
        for plane in 0..<count {
            for y in 0..<ny {
                (base + plane * planeStride + (y + border) * rowStride + border).update(
                    from: planes + (plane * ny + y) * nx, count: nx)
            }
        }
    }

    deinit { base.deallocate() }
}
