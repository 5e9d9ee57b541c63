import Tensors

/// The vectors of conjugate gradients that need not be as precise as the solution.
///
/// The residual and its updates keep the matrix's precision; the preconditioner's correction and the search direction p have that in which the
/// preconditioner computes. As y and r are moved along the same p, r remains the residual of y to the last digit, and p's own rounding is
/// no more than another slightly different preconditioner. At sizes where memory is the bound, a step takes a third less of it.
protocol SearchDirections<Scalar> {
    associatedtype Scalar: TensorScalar
    /// Takes b - A y; its Euclidean norm.
    func start(_ y: GridVector<Scalar>, _ b: GridVector<Scalar>) -> Double
    /// z = M r, but for a constant factor; <r, z>.
    func precondition() -> Double
    /// p = z + beta p.
    func turn(_ beta: Double)
    /// q = A p; <p, q>.
    func curvature() -> Double
    /// y += alpha p, r -= alpha q; the Euclidean norm of r.
    func advance(_ y: GridVector<Scalar>, _ alpha: Double) -> Double
}

/// With a preconditioner that computes in `Precision`; in another one than the matrix's for one field a cell only.
final class SearchDirection<Scalar: TensorScalar, Precision: TensorScalar>: SearchDirections {
    private let matrix: GridMatrix<Scalar>
    private let preconditioner: (_ r: GridVector<Precision>, _ z: GridVector<Precision>) -> Void
    private let r: GridVector<Scalar>
    private let q: GridVector<Scalar>
    private let z: GridVector<Precision>
    private let p: GridVector<Precision>
    /// The residual as the preconditioner takes it: r itself where that is of its precision.
    private let residual: GridVector<Precision>

    init(
        _ matrix: GridMatrix<Scalar>, _ layout: GridLayout,
        _ preconditioner: @escaping (_ r: GridVector<Precision>, _ z: GridVector<Precision>) -> Void
    ) {
        self.matrix = matrix
        self.preconditioner = preconditioner
        (r, q) = (matrix.vector(), matrix.vector())
        z = GridVector(layout, planes: matrix.fields)
        p = GridVector(layout, planes: matrix.fields)
        residual = r as? GridVector<Precision> ?? GridVector(layout, planes: matrix.fields)
    }

    private var isOnePrecision: Bool { residual === r }

    func start(_ y: GridVector<Scalar>, _ b: GridVector<Scalar>) -> Double {
        let size = matrix.residual(y, b, into: r)
        if !isOnePrecision { r.convert(to: residual) }
        return size
    }

    func precondition() -> Double {
        preconditioner(residual, z)
        return residual.dot(z)
    }

    func turn(_ beta: Double) { p.scaleAndAdd(beta, z) }

    func curvature() -> Double {
        if let p = p as? GridVector<Scalar> { return matrix.multiply(p, into: q, dot: p) }
        return matrix.multiply(converted: p, into: q)
    }

    func advance(_ y: GridVector<Scalar>, _ alpha: Double) -> Double {
        if let p = p as? GridVector<Scalar> {
            y.add(alpha, p)
            return r.add(-alpha, q).squareRoot()
        }
        return advanced(y, Scalar(alpha))
    }

    /// The same with all of it in one pass, and the residual made narrow on the way.
    private func advanced(_ y: GridVector<Scalar>, _ alpha: Scalar) -> Double {
        let (layout, narrow) = (matrix.layout, p.layout)
        return layout.sumOfRows(leastWork: layout.rowsWorthAThread) { rows, sums in
            for j in rows {
                for half in 0...1 {
                    let k = j &* layout.rowStride &+ half &* layout.halfStride
                    let other = j &* narrow.rowStride &+ half &* narrow.halfStride
                    sums[j] += advanceRow(
                        y.origin() + k, p.origin() + other, r.origin() + k, q.origin() + k, residual.origin() + other, alpha,
                        layout.columns(half))
                }
            }
        }.squareRoot()
    }
}

/// y += alpha p, r -= alpha q and a copy of r, on `count` cells; the sum of the squares of r.
@_specialize(where Scalar == Double, Precision == Float)
private func advanceRow<Scalar: TensorScalar, Precision: TensorScalar>(
    _ y: UnsafeMutablePointer<Scalar>, _ p: UnsafePointer<Precision>, _ r: UnsafeMutablePointer<Scalar>, _ q: UnsafePointer<Scalar>,
    _ copy: UnsafeMutablePointer<Precision>, _ alpha: Scalar, _ count: Int
) -> Double {
    let factors = Scalar.Vector(repeating: -alpha)
    var squares = Scalar.Vector(repeating: 0)
    var k = 0
    // Behind the last column q and r are zero.
    while k < count {
        let value = Scalar.multiplyAdd(load(UnsafePointer(r), k), factors, load(q, k))
        store(value, r, k)
        squares = Scalar.multiplyAdd(squares, value, value)
        k &+= Scalar.Vector.scalarCount
    }
    for k in 0..<count {
        y[k] += alpha * Scalar(p[k])
        copy[k] = Precision(r[k])
    }
    return Double(squares.sum())
}

extension GridMatrix {
    /// q = A p with p in another precision, for one field a cell; the inner product of the two. Wraps p.
    @_specialize(where Scalar == Double, Other == Float)
    func multiply<Other: TensorScalar>(converted p: GridVector<Other>, into q: GridVector<Scalar>) -> Double {
        p.wrap()
        // Rows and their neighbours, as many as stay in the cache from being converted to being used.
        let stretch = max(1, min(layout.ny, 1 << 14 / layout.nx))
        return layout.sumOfRows(leastWork: rowsWorthAThread) { rows, sums in
            let window = GridVector<Scalar>(layout.with(rows: stretch), planes: 1)
            for first in stride(from: rows.lowerBound, to: rows.upperBound, by: stretch) {
                let end = min(first + stretch, rows.upperBound)
                for j in first - 1...end { p.convert(row: j, to: window, j - first) }
                let own = window.origin() - first * layout.rowStride
                for j in first..<end {
                    sums[j] = sum(row: j) { multiplyRow($1, termsPerField, own, q.origin(), dot: own, from: $2, columns: $3) }
                }
            }
        }
    }
}
