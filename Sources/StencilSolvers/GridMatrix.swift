import Tensors

/// A stencil matrix laid out for the kernels, with the inverses of its diagonal (of its diagonal blocks where a cell has several fields).
/// Not changed once it is made, so that solves may share it.
final class GridMatrix<Scalar: TensorScalar>: @unchecked Sendable {
    let shape: StencilShape
    let layout: GridLayout
    let fields: Int
    /// Planes [points, fields, fields], zero where a coupling would leave a closed grid.
    let coefficients: GridVector<Scalar>
    /// Planes [fields, fields]; zero in cells whose diagonal block is singular.
    let inverseDiagonal: GridVector<Scalar>
    /// Whether a diagonal block is singular: then nothing that divides by it may be used.
    private(set) var hasSingularDiagonal = false
    /// [fields][terms of the row], those of the row's own cell first.
    let terms: UnsafeMutablePointer<StencilTerm<Scalar>>

    var termsPerField: Int { shape.points * fields }
    var unknowns: Int { fields * layout.ny * layout.nx }

    /// - Parameter fill: writes the coefficients, before their diagonal is inverted.
    init(_ shape: StencilShape, _ layout: GridLayout, fields: Int, fill: (GridVector<Scalar>) -> Void) {
        self.shape = shape
        self.layout = layout
        self.fields = fields
        coefficients = GridVector(layout, planes: shape.points * fields * fields)
        fill(coefficients)
        inverseDiagonal = GridVector(layout, planes: fields * fields)
        terms = .allocate(capacity: shape.points * fields * fields)
        for p in 0..<fields {
            for d in shape.directions {
                for q in 0..<fields {
                    let shift = (q - p) * layout.planeStride + d.dy * layout.rowStride + d.dx
                    (terms + (p * shape.points + d.rawValue) * fields + q).initialize(
                        to: StencilTerm(
                            coefficient: UnsafePointer(coefficients.origin((d.rawValue * fields + p) * fields + q)), shift: shift))
                }
            }
        }
        for j in 0..<layout.ny {
            let isRegular = fields == 1
                ? invertRow(coefficients.origin() + j * layout.rowStride, inverseDiagonal.origin() + j * layout.rowStride, layout.nx)
                : invertBlocks(j)
            if !isRegular { hasSingularDiagonal = true }
        }
    }

    convenience init(_ matrix: StencilMatrix<Scalar>) {
        let layout = GridLayout(
            ny: matrix.ny, nx: matrix.nx, periodicY: matrix.periodicY, periodicX: matrix.periodicX, lanes: Scalar.Vector.scalarCount)
        self.init(matrix.shape, layout, fields: matrix.fields) { $0.load(matrix.coefficients) }
    }

    deinit { terms.deallocate() }

    func plane(_ d: StencilDirection, _ p: Int = 0, _ q: Int = 0) -> UnsafeMutablePointer<Scalar> {
        coefficients.origin((d.rawValue * fields + p) * fields + q)
    }

    func vector() -> GridVector<Scalar> { GridVector(layout, planes: fields) }

    /// The transposed matrix: rows of coefficients change places, nothing is computed but the inverse diagonal.
    func transposed() -> GridMatrix {
        GridMatrix(shape, layout, fields: fields) { target in
            for d in shape.directions {
                for p in 0..<fields {
                    for q in 0..<fields {
                        let to = target.origin((d.rawValue * fields + p) * fields + q)
                        let from = plane(d.opposite, q, p)
                        for j in 0..<layout.ny {
                            guard let source = target.wrappedRow(j + d.dy) else { continue }
                            let (row, other) = (to + j * layout.rowStride, from + source * layout.rowStride)
                            let first = max(0, -d.dx)
                            copyScalars(from: other + first + d.dx, to: row + first, layout.nx - abs(d.dx))
                            if layout.periodicX && d.dx > 0 { row[layout.nx - 1] = other[0] }
                            if layout.periodicX && d.dx < 0 { row[0] = other[layout.nx - 1] }
                        }
                    }
                }
            }
        }
    }

    // MARK: Products

    /// The sum of `row` over all fields and rows, which gets the field, its terms and the first cell of the row.
    private func sum(_ row: (Int, UnsafePointer<StencilTerm<Scalar>>, Int) -> Double) -> Double {
        var total = 0.0
        for field in 0..<fields {
            for j in 0..<layout.ny { total += row(field, UnsafePointer(terms + field * termsPerField), j * layout.rowStride) }
        }
        return total
    }

    /// q = A y; the inner product of q with w. Wraps y.
    @discardableResult
    func multiply(_ y: GridVector<Scalar>, into q: GridVector<Scalar>, dot w: GridVector<Scalar>) -> Double {
        y.wrap()
        return sum { multiplyRow($1, termsPerField, y.origin($0), q.origin($0), dot: w.origin($0), from: $2, columns: layout.nx) }
    }

    /// r = b - A y; the Euclidean norm of r. Wraps y.
    @discardableResult
    func residual(_ y: GridVector<Scalar>, _ b: GridVector<Scalar>, into r: GridVector<Scalar>) -> Double {
        y.wrap()
        return sum { residualRow($1, termsPerField, y.origin($0), b.origin($0), r.origin($0), from: $2, columns: layout.nx) }.squareRoot()
    }

    /// The Euclidean norm of b - A y. Wraps y.
    func residualNorm(_ y: GridVector<Scalar>, _ b: GridVector<Scalar>) -> Double {
        y.wrap()
        return sum { squaredResidualRow($1, termsPerField, y.origin($0), b.origin($0), from: $2, columns: layout.nx) }.squareRoot()
    }

    // MARK: The diagonal

    /// Gauss-Jordan elimination with row pivoting on the block of each cell of row j; whether all blocks are regular.
    private func invertBlocks(_ j: Int) -> Bool {
        var isRegular = true
        for i in 0..<layout.nx {
            let k = j * layout.rowStride + i
            var a = (0..<fields).map { p in
                (0..<fields).map { plane(.center, p, $0)[k] } + (0..<fields).map { $0 == p ? Scalar(1) : 0 }
            }
            for column in 0..<fields {
                let pivot = (column..<fields).max { abs(a[$0][column]) < abs(a[$1][column]) } ?? column
                a.swapAt(column, pivot)
                guard a[column][column] != 0 else {
                    isRegular = false
                    break
                }
                let scale = a[column][column]
                for q in 0..<2 * fields { a[column][q] /= scale }
                for p in 0..<fields where p != column {
                    let factor = a[p][column]
                    for q in 0..<2 * fields { a[p][q] -= factor * a[column][q] }
                }
            }
            for p in 0..<fields {
                for q in 0..<fields { inverseDiagonal.origin(p * fields + q)[k] = a[p][fields + q] }
            }
        }
        return isRegular
    }
}

/// Inverses of the elements of a row, zero of zero; whether none was zero.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func invertRow<Scalar: TensorScalar>(
    _ diagonal: UnsafePointer<Scalar>, _ inverse: UnsafeMutablePointer<Scalar>, _ count: Int
) -> Bool {
    var zeros = 0
    for i in 0..<count {
        zeros &+= diagonal[i] == 0 ? 1 : 0
        inverse[i] = diagonal[i] == 0 ? 0 : 1 / diagonal[i]
    }
    return zeros == 0
}
