import Tensors

/// The rows beside a row.
enum NeighbourSide: Int { case south, north, both, none }

/// The couplings of a row to the rows before and after it.
final class NeighbourRows<Scalar: TensorScalar>: @unchecked Sendable {
    /// For each side and half of a row: pointers into the coefficients.
    private var terms: [UnsafeMutableBufferPointer<StencilTerm<Scalar>>] = []
    private let layout: GridLayout
    /// Keeps the coefficients.
    private let matrix: GridMatrix<Scalar>

    init(_ matrix: GridMatrix<Scalar>) {
        self.matrix = matrix
        layout = matrix.layout
        for rows in [[-1], [1], [-1, 1], []] {
            for half in 0...1 {
                let list = matrix.shape.directions.filter { rows.contains($0.dy) }.map {
                    StencilTerm(coefficient: UnsafePointer(matrix.coefficient($0, half: half)), shift: layout.shift($0, half: half))
                }
                let buffer = UnsafeMutableBufferPointer<StencilTerm<Scalar>>.allocate(capacity: list.count)
                _ = buffer.initialize(from: list)
                terms.append(buffer)
            }
        }
    }

    deinit { for list in terms { list.deallocate() } }

    /// b less the couplings to one side times y, in row j, cell after cell; `split` has room for a row.
    func residual(
        _ side: NeighbourSide, _ y: GridVector<Scalar>, _ b: UnsafePointer<Scalar>, row j: Int, into line: UnsafeMutablePointer<Scalar>,
        _ split: GridVector<Scalar>
    ) {
        let first = j * layout.rowStride
        for half in 0...1 {
            let list = terms[2 * side.rawValue + half]
            guard let base = list.baseAddress else { continue }
            _ = residualRow(
                base, list.count, y.origin(), b, split.origin() - first, from: first + half * layout.halfStride, columns: layout.columns(half))
        }
        split.unloadRow(line, 0, 0)
    }
}
