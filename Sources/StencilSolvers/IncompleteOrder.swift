import Basics
import Tensors

/// The order of the cells of incomplete factors: rows from the southern and the northern edge towards the middle; columns one way in the
/// south and in the middle row, the other way in the north. So either half, seen from its edge, goes the same way about, and neither waits
/// for the other.
struct IncompleteOrder {
    enum Part { case south, middle, north }

    /// A row, and the part of the grid that it is in.
    struct Row {
        let j: Int
        let part: Part
    }

    let ny: Int
    let nx: Int
    /// Whether columns in the south are taken from west to east.
    let isEastward: Bool

    /// From one column to the next.
    func step(_ part: Part) -> Int { isEastward == (part != .north) ? 1 : -1 }

    /// Calls `body` with every row, each after those before it; with a row of either half where one thread takes both.
    func inwards(_ body: (_ row: Row, _ other: Row?) -> Void) {
        forHalves(isOutwards: false, body)
        body(Row(j: middle, part: .middle), nil)
    }

    /// The same in reverse.
    func outwards(_ body: (_ row: Row, _ other: Row?) -> Void) {
        body(Row(j: middle, part: .middle), nil)
        forHalves(isOutwards: true, body)
    }

    private var middle: Int { ny / 2 }

    private func forHalves(isOutwards: Bool, _ body: (_ row: Row, _ other: Row?) -> Void) {
        let counts = (south: middle, north: ny - 1 - middle)
        func south(_ k: Int) -> Row? {
            k < counts.south ? Row(j: isOutwards ? counts.south - 1 - k : k, part: .south) : nil
        }
        func north(_ k: Int) -> Row? {
            k < counts.north ? Row(j: ny - 1 - (isOutwards ? counts.north - 1 - k : k), part: .north) : nil
        }
        // Substitution in so many cells takes as long as starting a thread.
        concurrentRanges(2, leastWork: middle * nx < 1 << 14 ? 2 : 1) { halves, _ in
            // The southern half has as many rows as the northern one, or one more.
            for k in 0..<counts.south {
                if halves.count == 2, let row = south(k) {
                    body(row, north(k))
                } else if let row = halves.lowerBound == 0 ? south(k) : north(k) {
                    body(row, nil)
                }
            }
        }
    }
}

/// The couplings of a row to the rows before and after it.
final class NeighbourRows<Scalar: TensorScalar>: @unchecked Sendable {
    enum Side: Int { case south, north, both, none }

    /// For each side and half of a row.
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
        _ side: Side, _ y: GridVector<Scalar>, _ b: UnsafePointer<Scalar>, row j: Int, into line: UnsafeMutablePointer<Scalar>,
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

extension IncompleteOrder.Part {
    /// The rows before one of this part, and those after it.
    func side<Scalar: TensorScalar>(before: Bool, _: Scalar.Type = Scalar.self) -> NeighbourRows<Scalar>.Side {
        switch self {
        case .south: before ? .south : .north
        case .north: before ? .north : .south
        case .middle: before ? .both : .none
        }
    }
}
