import Basics
import Synchronization
import Tensors

/// A stencil matrix laid out for the kernels, with the inverses of its diagonal (of its diagonal blocks where a cell has several fields).
/// Not changed once it is made, so that solves may share it.
///
/// Of a symmetric matrix on a closed grid only the diagonal and one of each pair of opposite couplings are held: what a cell says of its
/// western neighbour is what that says of its eastern one. Sweeps are bound by memory, and this is two fifths less of it.
final class GridMatrix<Scalar: TensorScalar>: @unchecked Sendable {
    let shape: StencilShape
    let layout: GridLayout
    let fields: Int
    /// Whether A is its own transpose, exactly.
    let isSymmetric: Bool
    /// Planes [held directions, fields, fields], zero where a coupling would leave a closed grid.
    let coefficients: GridVector<Scalar>
    /// Planes [fields, fields]; zero in cells whose diagonal block is singular.
    let inverseDiagonal: GridVector<Scalar>
    /// Whether a diagonal block is singular: then nothing that divides by it may be used.
    private(set) var hasSingularDiagonal = false
    /// [halves of a row][fields][terms of the row], those of the row's own cell first.
    private let allTerms: UnsafeMutablePointer<StencilTerm<Scalar>>
    private let holdsPairs: Bool

    var termsPerField: Int { shape.points * fields }
    var unknowns: Int { fields * layout.ny * layout.nx }

    /// - Parameters:
    ///   - rowsAreLoaded: whether `fill` loads every row; otherwise it finds zeros.
    ///   - fill: writes the coefficients of `held`, before their diagonal is inverted.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    init(
        _ shape: StencilShape, _ layout: GridLayout, fields: Int, isSymmetric: Bool, rowsAreLoaded: Bool,
        fill: (_ target: GridVector<Scalar>, _ held: [(direction: StencilDirection, plane: Int)]) -> Void
    ) {
        self.shape = shape
        self.layout = layout
        self.fields = fields
        self.isSymmetric = isSymmetric
        let (fields, layout) = (fields, layout)
        let holdsPairs = !(isSymmetric && fields == 1 && !layout.periodicX && !layout.periodicY)
        self.holdsPairs = holdsPairs
        let held = shape.directions.filter { holdsPairs || $0.isFirstOfPair }
        let coefficients = GridVector<Scalar>(layout, planes: held.count * fields * fields, rowsAreLoaded: rowsAreLoaded)
        self.coefficients = coefficients
        fill(coefficients, held.enumerated().map { ($0.element, $0.offset * fields * fields) })
        inverseDiagonal = GridVector(layout, planes: fields * fields)
        let count = shape.points * fields * fields
        allTerms = .allocate(capacity: 2 * count)
        for half in 0...1 {
            for p in 0..<fields {
                for d in shape.directions {
                    for q in 0..<fields {
                        let term = StencilTerm(
                            coefficient: UnsafePointer(coefficient(d, p, q, half: half)),
                            shift: (q - p) * layout.planeStride + layout.shift(d, half: half))
                        (allTerms + half * count + (p * shape.points + d.rawValue) * fields + q).initialize(to: term)
                    }
                }
            }
        }
        let singularRows = Atomic(0)
        concurrentRanges(layout.ny, leastWork: layout.rowsWorthAThread) { rows, _ in
            for j in rows where !(fields == 1 ? invertRow(j) : invertBlocks(j)) { singularRows.add(1, ordering: .relaxed) }
        }
        hasSingularDiagonal = singularRows.load(ordering: .relaxed) > 0
    }

    convenience init(_ matrix: StencilMatrix<Scalar>, _ measures: StencilMeasures) {
        let layout = GridLayout(
            ny: matrix.ny, nx: matrix.nx, periodicY: matrix.periodicY, periodicX: matrix.periodicX, lanes: Scalar.Vector.scalarCount)
        self.init(matrix.shape, layout, fields: matrix.fields, isSymmetric: measures.isSymmetric, rowsAreLoaded: true) { target, held in
            let blocks = matrix.fields * matrix.fields
            matrix.coefficients.withUnsafeBufferPointer { a in
                guard let a = a.baseAddress else { return }
                for (direction, plane) in held {
                    for block in 0..<blocks {
                        let source = a + (direction.rawValue * blocks + block) * layout.ny * layout.nx
                        concurrentRanges(layout.ny, leastWork: layout.rowsWorthAThread) { rows, _ in
                            for j in rows { target.loadRow(source + j * layout.nx, plane + block, j) }
                        }
                    }
                }
            }
        }
    }

    deinit { allTerms.deallocate() }

    /// The coefficients of one direction for the cells of one half of a row, to be read at the place of the cell.
    func coefficient(_ d: StencilDirection, _ p: Int = 0, _ q: Int = 0, half: Int) -> UnsafeMutablePointer<Scalar> {
        if holdsPairs { return coefficients.origin((d.rawValue * fields + p) * fields + q) }
        // Pairs lie behind the diagonal: of pair (2 n - 1, 2 n) plane n is held.
        let plane = coefficients.origin((d.rawValue + 1) / 2)
        return d.isFirstOfPair ? plane : plane + layout.shift(d, half: half)
    }

    /// The coefficient of cell (j, i).
    func element(_ d: StencilDirection, _ p: Int, _ q: Int, _ j: Int, _ i: Int) -> Scalar {
        coefficient(d, p, q, half: i & 1)[j * layout.rowStride + layout.position(i)]
    }

    /// The coefficients of row j of a matrix of one field, cell after cell.
    func row(_ d: StencilDirection, _ j: Int) -> [Scalar] {
        [Scalar](unsafeUninitializedCapacity: layout.nx) { row, count in
            count = layout.nx
            if let first = row.baseAddress { copy(d, row: j, into: first) }
        }
    }

    func copy(_ d: StencilDirection, row j: Int, into row: UnsafeMutablePointer<Scalar>) {
        let at = j * layout.rowStride
        joinRow(coefficient(d, half: 0) + at, coefficient(d, half: 1) + at + layout.halfStride, row, layout.nx, 1)
    }

    /// The terms of the rows of one field in one half of a row.
    func terms(_ field: Int, half: Int) -> UnsafePointer<StencilTerm<Scalar>> {
        UnsafePointer(allTerms + (half * fields + field) * termsPerField)
    }

    func vector() -> GridVector<Scalar> { GridVector(layout, planes: fields) }

    /// The transposed matrix: rows of coefficients change places, nothing is computed but the inverse diagonal.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func transposed() -> GridMatrix {
        if isSymmetric { return self }
        return GridMatrix(shape, layout, fields: fields, isSymmetric: false, rowsAreLoaded: false) { target, held in
            for (d, plane) in held {
                for p in 0..<fields {
                    for q in 0..<fields {
                        let (to, from) = (target.origin(plane + p * fields + q), coefficients.origin((d.opposite.rawValue * fields + q) * fields + p))
                        for j in 0..<layout.ny {
                            guard let source = layout.wrappedRow(j + d.dy) else { continue }
                            for half in 0...1 {
                                let cell = j * layout.rowStride + half * layout.halfStride
                                let neighbour = source * layout.rowStride + layout.position(half + d.dx)
                                copyScalars(from: from + neighbour, to: to + cell, layout.columns(half))
                            }
                            // What was read beyond an edge.
                            if d.dx != 0 {
                                let edge = d.dx > 0 ? layout.nx - 1 : 0
                                let other = layout.wrappedColumn(edge + d.dx).map { from[source * layout.rowStride + layout.position($0)] }
                                to[j * layout.rowStride + layout.position(edge)] = other ?? 0
                            }
                        }
                    }
                }
            }
        }
    }

    // MARK: Products

    /// Rows whose products take as long as starting a thread.
    var rowsWorthAThread: Int { max(1, (1 << 19) / max(1, layout.nx * termsPerField * fields)) }

    /// The sum over all rows of what `row` says of one half of a row; it gets the field, the terms, the first cell and the number of cells.
    @inline(__always)
    private func sum(_ row: (Int, UnsafePointer<StencilTerm<Scalar>>, Int, Int) -> Double) -> Double {
        layout.sumOfRows(leastWork: rowsWorthAThread) { rows, sums in
            for j in rows { sums[j] = sum(row: j, row) }
        }
    }

    @inline(__always)
    func sum(row j: Int, _ row: (Int, UnsafePointer<StencilTerm<Scalar>>, Int, Int) -> Double) -> Double {
        var total = 0.0
        for field in 0..<fields {
            for half in 0...1 {
                total += row(field, terms(field, half: half), j * layout.rowStride + half * layout.halfStride, layout.columns(half))
            }
        }
        return total
    }

    /// q = A y; the inner product of q with w. Wraps y.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    @discardableResult
    func multiply(_ y: GridVector<Scalar>, into q: GridVector<Scalar>, dot w: GridVector<Scalar>) -> Double {
        y.wrap()
        return sum { multiplyRow($1, termsPerField, y.origin($0), q.origin($0), dot: w.origin($0), from: $2, columns: $3) }
    }

    /// r = b - A y; the Euclidean norm of r. Wraps y.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    @discardableResult
    func residual(_ y: GridVector<Scalar>, _ b: GridVector<Scalar>, into r: GridVector<Scalar>) -> Double {
        y.wrap()
        return sum { residualRow($1, termsPerField, y.origin($0), b.origin($0), r.origin($0), from: $2, columns: $3) }.squareRoot()
    }

    /// The Euclidean norm of b - A y. Wraps y.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func residualNorm(_ y: GridVector<Scalar>, _ b: GridVector<Scalar>) -> Double {
        y.wrap()
        return sum { residualRow($1, termsPerField, y.origin($0), b.origin($0), nil, from: $2, columns: $3) }.squareRoot()
    }

    /// The square of the same for row j alone, whose neighbours are wrapped.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func squaredResidual(row j: Int, _ y: GridVector<Scalar>, _ b: GridVector<Scalar>) -> Double {
        sum(row: j) { residualRow($1, termsPerField, y.origin($0), b.origin($0), nil, from: $2, columns: $3) }
    }

    // MARK: The diagonal

    /// Inverses of the diagonal of row j; whether none is zero.
    private func invertRow(_ j: Int) -> Bool {
        var isRegular = true
        for half in 0...1 {
            let first = j * layout.rowStride + half * layout.halfStride
            if !invertElements(coefficients.origin() + first, inverseDiagonal.origin() + first, layout.columns(half)) { isRegular = false }
        }
        return isRegular
    }

    /// Gauss-Jordan elimination with row pivoting on the block of each cell of row j; whether all blocks are regular.
    private func invertBlocks(_ j: Int) -> Bool {
        var isRegular = true
        for i in 0..<layout.nx {
            let k = j * layout.rowStride + layout.position(i)
            var a = (0..<fields).map { p in
                (0..<fields).map { coefficients.origin(p * fields + $0)[k] } + (0..<fields).map { $0 == p ? Scalar(1) : 0 }
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

/// Inverses of elements, zero of zero; whether none was zero.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func invertElements<Scalar: TensorScalar>(
    _ diagonal: UnsafePointer<Scalar>, _ inverse: UnsafeMutablePointer<Scalar>, _ count: Int
) -> Bool {
    var zeros = 0
    for i in 0..<count {
        zeros &+= diagonal[i] == 0 ? 1 : 0
        inverse[i] = diagonal[i] == 0 ? 0 : 1 / diagonal[i]
    }
    return zeros == 0
}
