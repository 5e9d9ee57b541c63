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
    /// One pass over the coefficients.
    public var measures: StencilMeasures {
        coefficients.withUnsafeBufferPointer { a in
            var result = StencilMeasures(
                isSymmetric: true, hasPositiveDiagonal: true, hasNonzeroDiagonal: true, isFinite: true, jacobiBound: 0, transposedJacobiBound: 0,
                rowMargin: .infinity, columnMargin: .infinity)
            guard let a = a.baseAddress, ny * nx > 0 else { return result }
            let rows = UnsafeMutablePointer<Scalar>.allocate(capacity: 2 * unknowns)
            defer { rows.deallocate() }
            UnsafeMutableRawPointer(rows).initializeMemory(
                as: UInt8.self, repeating: 0, count: 2 * unknowns * MemoryLayout<Scalar>.stride)
            let columns = rows + unknowns
            let cells = ny * nx
            for d in shape.directions {
                for p in 0..<fields {
                    for q in 0..<fields where d != .center || p != q {
                        let (there, back) = (a + plane(d, p, q).lowerBound, a + plane(d.opposite, q, p).lowerBound)
                        forEachStretch(d) { cell, neighbour, count in
                            let isSame = addMagnitudes(
                                there + cell, back + neighbour, rows + p * cells + cell, columns + p * cells + cell, count)
                            if !isSame { result.isSymmetric = false }
                        }
                    }
                }
            }
            for p in 0..<fields {
                rowMeasures(a + plane(.center, p, p).lowerBound, rows + p * cells, columns + p * cells, cells, &result)
            }
            return result
        }
    }
}

/// rows += |there|, columns += |back|; whether there = back throughout.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func addMagnitudes<Scalar: TensorScalar>(
    _ there: UnsafePointer<Scalar>, _ back: UnsafePointer<Scalar>, _ rows: UnsafeMutablePointer<Scalar>,
    _ columns: UnsafeMutablePointer<Scalar>, _ count: Int
) -> Bool {
    var differences = 0
    for k in 0..<max(count, 0) {
        rows[k] += abs(there[k])
        columns[k] += abs(back[k])
        differences &+= there[k] == back[k] ? 0 : 1
    }
    return differences == 0
}

/// What the sums of magnitudes say beside the diagonal.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func rowMeasures<Scalar: TensorScalar>(
    _ diagonal: UnsafePointer<Scalar>, _ rows: UnsafePointer<Scalar>, _ columns: UnsafePointer<Scalar>, _ count: Int,
    _ result: inout StencilMeasures
) {
    var (bound, columnBound, rowMargin, columnMargin) = (Scalar(0), Scalar(0), Scalar.infinity, Scalar.infinity)
    var (positive, nonzero, finite) = (true, true, true)
    for k in 0..<count {
        let size = abs(diagonal[k])
        // A zero row is as far from dominance as can be, and 0 / 0 would pass unseen by a comparison.
        bound = max(bound, size == 0 ? .infinity : rows[k] / size)
        columnBound = max(columnBound, size == 0 ? .infinity : columns[k] / size)
        rowMargin = min(rowMargin, size - rows[k])
        columnMargin = min(columnMargin, size - columns[k])
        positive = positive && diagonal[k] > 0
        nonzero = nonzero && size != 0
        finite = finite && (rows[k] + size).isFinite
    }
    result.jacobiBound = max(result.jacobiBound, Double(bound))
    result.transposedJacobiBound = max(result.transposedJacobiBound, Double(columnBound))
    result.rowMargin = min(result.rowMargin, Double(rowMargin))
    result.columnMargin = min(result.columnMargin, Double(columnMargin))
    result.hasPositiveDiagonal = result.hasPositiveDiagonal && positive
    result.hasNonzeroDiagonal = result.hasNonzeroDiagonal && nonzero
    result.isFinite = result.isFinite && finite
}
