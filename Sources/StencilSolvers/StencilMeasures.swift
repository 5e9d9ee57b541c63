import Basics
import Synchronization
import Tensors

/// What a matrix says of itself, measured from its coefficients: the ground on which solvers and their settings are chosen.
public struct StencilMeasures: Equatable, Sendable {
    /// Whether A equals its transpose, coefficient by coefficient, exactly.
    public var isSymmetric: Bool
    /// Whether every diagonal coefficient is above zero.
    public var hasPositiveDiagonal: Bool
    /// Whether no diagonal coefficient is zero.
    public var hasNonzeroDiagonal: Bool
    /// Whether every coefficient is finite.
    public var isFinite: Bool
    /// Largest of (sum of off-diagonal magnitudes) / (diagonal's magnitude) over the rows: a bound on the spectral radius of the
    /// Jacobi iteration. Its inverse is the factor by which the weakest row dominates.
    public var jacobiBound: Double
    /// The same over the columns: the bound of the transpose.
    public var transposedJacobiBound: Double
    /// Smallest of (diagonal's magnitude) - (sum of off-diagonal magnitudes) over the rows. Where it is positive, the largest
    /// row sum of |A^-1| is at most its inverse (Varah 1975).
    public var rowMargin: Double
    /// The same over the columns.
    public var columnMargin: Double

    /// By how much the weakest row dominates: above 1 the matrix is strictly diagonally dominant.
    public var rowDominance: Double { 1 / jacobiBound }

    /// The measures of the transpose.
    public var transposed: StencilMeasures {
        var result = self
        swap(&result.rowMargin, &result.columnMargin)
        swap(&result.jacobiBound, &result.transposedJacobiBound)
        return result
    }

    /// A bound on the Euclidean norm of A^-1, at most the root of (largest row sum times largest column sum); nil where rows or columns do not dominate.
    public var inverseBound: Double? {
        rowMargin > 0 && columnMargin > 0 ? 1 / (rowMargin * columnMargin).squareRoot() : nil
    }
}

extension StencilMatrix {
    /// Taken in one pass over the coefficients.
    public var measures: StencilMeasures { measured() }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    private func measured() -> StencilMeasures {
        var sums = RowSums<Scalar>()
        guard ny * nx > 0 else { return sums.measures }
        coefficients.withUnsafeBufferPointer { a in
            guard let a = a.baseAddress else { return }
            // Rows that have the same neighbours.
            let groups = shape == .threePoint || ny == 1 ? [0..<ny] : [0..<1, 1..<ny - 1, ny - 1..<ny].filter { !$0.isEmpty }
            for p in 0..<fields {
                for rows in groups {
                    let couplings = couplings(a, p, ofCellsIn: rows.lowerBound)
                    let diagonal = a + plane(.center, p, p).lowerBound
                    // Across the ends of closed rows couplings are zero, to the eye that reads on in the next row as well. The first and the
                    // last cell of a group would be read with what lies before and after a plane.
                    for block in periodicX ? rows.map({ $0..<$0 + 1 }) : [rows] {
                        let (first, last) = (block.lowerBound * nx, block.upperBound * nx - 1)
                        let inner = first + 1..<max(first + 1, last)
                        let parts = Mutex<[RowSums<Scalar>]>([])
                        concurrentRanges(inner.count, leastWork: 1 << 16) { cells, _ in
                            var part = RowSums<Scalar>()
                            part.add(couplings, diagonal, first + 1 + cells.lowerBound..<first + 1 + cells.upperBound)
                            parts.withLock { $0.append(part) }
                        }
                        for part in parts.withLock({ $0 }) { sums.add(part) }
                        for cell in first == last ? [first] : [first, last] {
                            sums.add(self.couplings(a, p, of: cell), diagonal, cell..<cell + 1)
                        }
                    }
                }
            }
        }
        return sums.measures
    }

    /// The couplings of cells in the middle of row j, and those back from their neighbours, to be read at the cell.
    private func couplings(_ a: UnsafePointer<Scalar>, _ p: Int, ofCellsIn j: Int) -> [Coupling<Scalar>] {
        couplings(a, p) { d in
            var row = j + d.dy
            if periodicY { row = (row + ny) % ny }
            return (0..<ny).contains(row) ? (row - j) * nx + d.dx : nil
        }
    }

    /// The same of one cell, wherever it lies.
    private func couplings(_ a: UnsafePointer<Scalar>, _ p: Int, of cell: Int) -> [Coupling<Scalar>] {
        couplings(a, p) { d in
            var (row, column) = (cell / nx + d.dy, cell % nx + d.dx)
            if periodicY { row = (row + ny) % ny }
            if periodicX { column = (column + nx) % nx }
            return (0..<ny).contains(row) && (0..<nx).contains(column) ? row * nx + column - cell : nil
        }
    }

    private func couplings(_ a: UnsafePointer<Scalar>, _ p: Int, _ shift: (StencilDirection) -> Int?) -> [Coupling<Scalar>] {
        var result: [Coupling<Scalar>] = []
        for d in shape.directions {
            guard let shift = shift(d) else { continue }
            for q in 0..<fields where d != .center || p != q {
                result.append(Coupling(there: a + plane(d, p, q).lowerBound, back: a + plane(d.opposite, q, p).lowerBound + shift))
            }
        }
        return result
    }
}

/// What cells say of a neighbour and it of them.
private struct Coupling<Scalar: TensorScalar> {
    let there: UnsafePointer<Scalar>
    let back: UnsafePointer<Scalar>
}

/// What the sums of magnitudes along rows and columns say beside the diagonal, of the cells seen so far.
private struct RowSums<Scalar: TensorScalar>: Sendable {
    private var ratio = Scalar.Vector(repeating: 0)
    private var columnRatio = Scalar.Vector(repeating: 0)
    private var margin = Scalar.Vector(repeating: .infinity)
    private var columnMargin = Scalar.Vector(repeating: .infinity)
    private var smallestDiagonal = Scalar.Vector(repeating: .infinity)
    private var smallestSize = Scalar.Vector(repeating: .infinity)
    /// The sum of zero times everything: NaN as soon as something is not finite.
    private var zero = Scalar.Vector(repeating: 0)
    /// The largest difference of a coupling and the one back.
    private var asymmetry = Scalar.Vector(repeating: 0)

    /// Adds the cells that others have seen; in any order.
    mutating func add(_ other: RowSums) {
        ratio = Scalar.larger(ratio, other.ratio)
        columnRatio = Scalar.larger(columnRatio, other.columnRatio)
        margin = Scalar.smaller(margin, other.margin)
        columnMargin = Scalar.smaller(columnMargin, other.columnMargin)
        smallestDiagonal = Scalar.smaller(smallestDiagonal, other.smallestDiagonal)
        smallestSize = Scalar.smaller(smallestSize, other.smallestSize)
        zero += other.zero
        asymmetry = Scalar.larger(asymmetry, other.asymmetry)
    }

    /// Adds the cells of a range.
    mutating func add(_ couplings: [Coupling<Scalar>], _ diagonal: UnsafePointer<Scalar>, _ cells: Range<Int>) {
        let lanes = Scalar.Vector.scalarCount
        if cells.count >= lanes { return addVectors(couplings, diagonal, cells) }
        // Fewer cells than a vector has lanes: each as often as there are lanes. Cells seen twice change nothing.
        let copies = UnsafeMutablePointer<Scalar>.allocate(capacity: (2 * couplings.count + 1) * lanes)
        defer { copies.deallocate() }
        for cell in cells {
            let values = couplings.flatMap { [$0.there[cell], $0.back[cell]] } + [diagonal[cell]]
            for (k, value) in values.enumerated() { (copies + k * lanes).initialize(repeating: value, count: lanes) }
            addVectors(
                couplings.indices.map { Coupling(there: UnsafePointer(copies + 2 * $0 * lanes), back: UnsafePointer(copies + (2 * $0 + 1) * lanes)) },
                UnsafePointer(copies + (values.count - 1) * lanes), 0..<lanes)
        }
    }

    /// The same of at least as many cells as a vector has lanes.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    private mutating func addVectors(_ couplings: [Coupling<Scalar>], _ diagonal: UnsafePointer<Scalar>, _ cells: Range<Int>) {
        let lanes = Scalar.Vector.scalarCount
        let (none, one, unbounded) = (Scalar.Vector(repeating: 0), Scalar.Vector(repeating: 1), Scalar.Vector(repeating: .infinity))
        // Copies that stay in registers.
        var (ratio, columnRatio, margin, columnMargin) = (ratio, columnRatio, margin, columnMargin)
        var (smallestDiagonal, smallestSize, zero, asymmetry) = (smallestDiagonal, smallestSize, zero, asymmetry)
        couplings.withUnsafeBufferPointer { couplings in
            var k = cells.lowerBound
            while k < cells.upperBound {
                // The last vector ends with the last cell.
                let at = min(k, cells.upperBound &- lanes)
                let center = load(diagonal, at)
                let size = Scalar.magnitude(center)
                var (row, column) = (none, none)
                for coupling in couplings {
                    let (there, back) = (load(coupling.there, at), load(coupling.back, at))
                    row += Scalar.magnitude(there)
                    column += Scalar.magnitude(back)
                    asymmetry = Scalar.larger(asymmetry, Scalar.magnitude(there - back))
                }
                // A zero row is as far from dominance as can be, and 0 / 0 would pass unseen by a comparison.
                let inverse = one / size
                ratio = Scalar.larger(ratio, Scalar.select(where: none, isBelow: size, row * inverse, otherwise: unbounded))
                columnRatio = Scalar.larger(columnRatio, Scalar.select(where: none, isBelow: size, column * inverse, otherwise: unbounded))
                margin = Scalar.smaller(margin, size - row)
                columnMargin = Scalar.smaller(columnMargin, size - column)
                smallestDiagonal = Scalar.smaller(smallestDiagonal, center)
                smallestSize = Scalar.smaller(smallestSize, size)
                zero += (size + row + column) * none
                k &+= lanes
            }
        }
        (self.ratio, self.columnRatio, self.margin, self.columnMargin) = (ratio, columnRatio, margin, columnMargin)
        (self.smallestDiagonal, self.smallestSize, self.zero, self.asymmetry) = (smallestDiagonal, smallestSize, zero, asymmetry)
    }

    var measures: StencilMeasures {
        StencilMeasures(
            isSymmetric: asymmetry.max() == 0 && zero.sum() == 0, hasPositiveDiagonal: smallestDiagonal.min() > 0, hasNonzeroDiagonal: smallestSize.min() > 0,
            isFinite: zero.sum() == 0, jacobiBound: Double(ratio.max()), transposedJacobiBound: Double(columnRatio.max()),
            rowMargin: Double(margin.min()), columnMargin: Double(columnMargin.min()))
    }
}
