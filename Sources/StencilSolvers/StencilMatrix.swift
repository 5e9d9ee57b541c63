import Tensors

/// The matrix of a stencil on a grid of ny x nx cells, with one unknown or several coupled ones in each cell.
///
/// Row of field p in cell (j, i): (A y)_p = sum over directions d and fields q of a[d, p, q] y_q(j + dy, i + dx), with the
/// coefficients of that row. Coefficients that point out of a closed grid count as zero; in a periodic direction they reach round
/// to the other side. Land is part of the matrix: a dry cell's row is the identity and no row couples to it.
public struct StencilMatrix<Scalar: TensorScalar>: Equatable, Sendable {
    public let shape: StencilShape
    public let ny: Int
    public let nx: Int
    /// Whether the first and the last row are neighbours. A direction of one or two cells is closed: couplings round it are added to
    /// the direct ones between the same two cells.
    public let periodicY: Bool
    /// The same for the first and the last column.
    public let periodicX: Bool
    /// Coupled unknowns in a cell.
    public let fields: Int
    /// [points, ny, nx], or [points, fields, fields, ny, nx] with row field before column field; points in the order of `StencilDirection`.
    public let coefficients: [Scalar]

    /// Unknowns, the length of a vector [fields, ny, nx].
    public var unknowns: Int { fields * ny * nx }

    /// - Parameters:
    ///   - coefficients: [points, ny, nx] or [points, fields, fields, ny, nx]; entries that point out of the grid are set to zero.
    public init(
        _ shape: StencilShape = .fivePoint, ny: Int, nx: Int, periodicY: Bool = false, periodicX: Bool = false, fields: Int = 1,
        coefficients: [Scalar]
    ) {
        precondition(
            coefficients.count == shape.points * fields * fields * ny * nx,
            "\(coefficients.count) coefficients for a \(shape.points)-point stencil of \(fields) fields on \(ny) x \(nx) cells")
        var inside = coefficients
        for axis in [StencilAxis.y, .x] where shape != .threePoint || axis == .x {
            let isPeriodic = axis == .y ? periodicY : periodicX
            if !isPeriodic || (axis == .y ? ny : nx) < 3 {
                Self.close(&inside, shape, ny: ny, nx: nx, blocks: fields * fields, axis, folding: isPeriodic)
            }
        }
        self.shape = shape
        self.ny = ny
        self.nx = nx
        self.periodicY = periodicY && ny >= 3 && shape != .threePoint
        self.periodicX = periodicX && nx >= 3
        self.fields = fields
        self.coefficients = inside
    }

    private enum StencilAxis { case x, y }

    /// Sets to zero what points out of the grid along one axis; first added to the coupling of the same two cells within it where `folding`.
    private static func close(
        _ a: inout [Scalar], _ shape: StencilShape, ny: Int, nx: Int, blocks: Int, _ axis: StencilAxis, folding: Bool
    ) {
        let cells = ny * nx
        guard cells > 0 else { return }
        let (count, length, step, lineStep) = axis == .x ? (ny, nx, 1, nx) : (nx, ny, nx, 1)
        for d in shape.directions {
            let (along, across) = axis == .x ? (d.dx, d.dy) : (d.dy, d.dx)
            guard along != 0 else { continue }
            let position = along > 0 ? length - 1 : 0
            // Round a ring of one cell leads to the cell itself, round a ring of two to where the opposite direction leads.
            let inner = length == 1 ? 0 : -along
            let target = axis == .x ? StencilDirection(dy: across, dx: inner) : StencilDirection(dy: inner, dx: across)
            for block in 0..<blocks {
                for line in 0..<count {
                    let k = position * step + line * lineStep
                    if folding { a[(target.rawValue * blocks + block) * cells + k] += a[(d.rawValue * blocks + block) * cells + k] }
                    a[(d.rawValue * blocks + block) * cells + k] = 0
                }
            }
        }
    }

    /// The coefficients of one direction, row field p and column field q: [ny, nx].
    func plane(_ d: StencilDirection, _ p: Int = 0, _ q: Int = 0) -> Range<Int> {
        let first = ((d.rawValue * fields + p) * fields + q) * ny * nx
        return first..<first + ny * nx
    }

    /// `StencilDirection.forEachStretch` on this grid.
    func forEachStretch(_ d: StencilDirection, _ body: (_ cell: Int, _ neighbour: Int, _ count: Int) -> Void) {
        d.forEachStretch(ny: ny, nx: nx, periodicY: periodicY, periodicX: periodicX, body)
    }

    /// A y, for y of [fields, ny, nx].
    public func apply(_ y: [Scalar]) -> [Scalar] {
        precondition(y.count == unknowns, "\(y.count) values for \(unknowns) unknowns")
        var out = [Scalar](repeating: 0, count: unknowns)
        let cells = ny * nx
        out.withUnsafeMutableBufferPointer { out in
            y.withUnsafeBufferPointer { y in
                coefficients.withUnsafeBufferPointer { a in
                    guard let out = out.baseAddress, let y = y.baseAddress, let a = a.baseAddress else { return }
                    for d in shape.directions {
                        for p in 0..<fields {
                            for q in 0..<fields {
                                let plane = a + self.plane(d, p, q).lowerBound
                                forEachStretch(d) {
                                    addProducts(out + p * cells + $0, plane + $0, y + q * cells + $1, $2)
                                }
                            }
                        }
                    }
                }
            }
        }
        return out
    }

    /// The transposed matrix, itself a stencil: what a cell says of its neighbour becomes what the neighbour says of it.
    public func transposed() -> StencilMatrix {
        var result = [Scalar](repeating: 0, count: coefficients.count)
        result.withUnsafeMutableBufferPointer { result in
            coefficients.withUnsafeBufferPointer { a in
                guard let result = result.baseAddress, let a = a.baseAddress else { return }
                for d in shape.directions {
                    for p in 0..<fields {
                        for q in 0..<fields {
                            let (to, from) = (result + plane(d, p, q).lowerBound, a + plane(d.opposite, q, p).lowerBound)
                            forEachStretch(d) { copyScalars(from: from + $1, to: to + $0, $2) }
                        }
                    }
                }
            }
        }
        return StencilMatrix(
            shape, ny: ny, nx: nx, periodicY: periodicY, periodicX: periodicX, fields: fields, coefficients: result)
    }

    /// Whether A equals its transpose, coefficient by coefficient, exactly.
    public func isSymmetric() -> Bool { measures.isSymmetric }

    /// The largest sum of off-diagonal magnitudes over the diagonal's magnitude of any row:
    /// below 1 the matrix is strictly diagonally dominant, and this bounds the spectral radius of the Jacobi iteration.
    public func jacobiBound() -> Double { measures.jacobiBound }
}

/// out += a y, element by element.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func addProducts<Scalar: TensorScalar>(
    _ out: UnsafeMutablePointer<Scalar>, _ a: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>, _ count: Int
) {
    for k in 0..<max(count, 0) { out[k] += a[k] * y[k] }
}
