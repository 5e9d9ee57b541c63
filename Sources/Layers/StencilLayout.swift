import StencilSolvers
import Tensors

/// How the coefficients of stencil matrices lie in a tensor, and which cells are neighbours.
///
/// A stencil tensor is [batch, points * fields * fields, y, x]. Channel (d * fields + p) * fields + q of cell (j, i) holds the
/// coefficient by which the row of field p in that cell multiplies field q of its neighbour in direction d, in the order of
/// `StencilDirection`; with one field, channel d. Right-hand sides and solutions are [batch, fields, y, x].
public struct StencilLayout: Equatable, Sendable {
    public var shape: StencilShape
    /// Whether the first and the last row are neighbours.
    public var periodicY: Bool
    /// The same for the first and the last column.
    public var periodicX: Bool
    /// Coupled unknowns in a cell.
    public var fields: Int

    /// Five points on a closed grid with one field, where nothing else is said.
    public init(_ shape: StencilShape = .fivePoint, periodicY: Bool = false, periodicX: Bool = false, fields: Int = 1) {
        self.shape = shape
        self.periodicY = periodicY
        self.periodicX = periodicX
        self.fields = fields
    }

    /// Channels of a stencil tensor.
    public var channels: Int { shape.points * fields * fields }

    /// The channel of a direction, row field p and column field q.
    public func channel(_ d: StencilDirection, _ p: Int = 0, _ q: Int = 0) -> Int { (d.rawValue * fields + p) * fields + q }

    /// The matrix of one sample of a stencil tensor.
    public func matrix<Scalar: TensorScalar>(_ stencil: Tensor<Scalar>, sample: Int = 0) -> StencilMatrix<Scalar> {
        let (ny, nx) = (stencil.shape[2], stencil.shape[3])
        return StencilMatrix(
            shape, ny: ny, nx: nx, periodicY: periodicY, periodicX: periodicX, fields: fields, coefficients: stencil.sample(sample))
    }

    /// Calls `body` for every direction with the stretches of neighbours of `StencilDirection.forEachStretch`.
    func forEachStretch(ny: Int, nx: Int, _ body: (_ d: StencilDirection, _ cell: Int, _ neighbour: Int, _ count: Int) -> Void) {
        for d in shape.directions {
            d.forEachStretch(ny: ny, nx: nx, periodicY: periodicY, periodicX: periodicX) { body(d, $0, $1, $2) }
        }
    }

    func check<Scalar: TensorScalar>(stencil: Tensor<Scalar>, b: Tensor<Scalar>) {
        precondition(
            b.shape.count == 4 && b.shape[1] == fields && stencil.shape == [b.shape[0], channels, b.shape[2], b.shape[3]],
            "stencil \(stencil.shape) and right-hand side \(b.shape) do not fit a \(shape.points)-point stencil of \(fields) fields")
    }
}

extension Tensor {
    /// The values of one sample of [batch, channels, y, x].
    func sample(_ k: Int) -> [Scalar] {
        let size = count / shape[0]
        return Array(scalars[k * size..<(k + 1) * size])
    }

    /// Runs `body` on the values of one sample.
    func withSample<Result>(_ k: Int, _ body: (UnsafeBufferPointer<Scalar>) -> Result) -> Result {
        let size = count / shape[0]
        return scalars.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[k * size..<(k + 1) * size])) }
    }
}
