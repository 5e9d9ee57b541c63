/// What a convolution sees beyond the edges of its field.
public enum Padding: String, CaseIterable, Sendable {
    /// Zeros.
    case zero
    /// The field again, as on a ring or a torus.
    case circular
    /// The nearest cell of the field.
    case replicate

    /// For every place of an axis of `extent` cells with `border` more on either side: the cell that it shows, or -1 for zero.
    func sources(extent: Int, border: Int) -> [Int] {
        (-border..<extent + border).map { place in
            switch self {
            case .zero: (0..<extent).contains(place) ? place : -1
            case .circular: (place % extent + extent) % extent
            case .replicate: min(max(place, 0), extent - 1)
            }
        }
    }

    /// The adjoint of filling a border: every place of the padded planes is added to the cell that it shows.
    ///
    /// - Parameters:
    ///   - padded: `count` planes of [ny + 2 borderY, nx + 2 borderX].
    ///   - out: `count` planes of [ny, nx], overwritten.
    func fold<Scalar: TensorScalar>(
        _ padded: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, count: Int, ny: Int, nx: Int, borderY: Int, borderX: Int
    ) {
        let rows = sources(extent: ny, border: borderY)
        let columns = sources(extent: nx, border: borderX)
        out.initialize(repeating: 0, count: count * ny * nx)
        for plane in 0..<count {
            for (y, target) in rows.enumerated() where target >= 0 {
                let row = padded + (plane * rows.count + y) * columns.count
                foldRowKernel(row, columns, out + (plane * ny + target) * nx, border: borderX, nx: nx)
            }
        }
    }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func foldRowKernel<Scalar: TensorScalar>(
    _ row: UnsafePointer<Scalar>, _ columns: UnsafePointer<Int>, _ out: UnsafeMutablePointer<Scalar>, border: Int, nx: Int
) {
    for x in 0..<nx { out[x] += row[border &+ x] }
    for edge in 0..<border {
        let left = columns[edge]
        let right = columns[border &+ nx &+ edge]
        if left >= 0 { out[left] += row[edge] }
        if right >= 0 { out[right] += row[border &+ nx &+ edge] }
    }
}
