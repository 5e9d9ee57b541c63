import StencilSolvers
import Tensors

/// A full square matrix with elimination: the slow, plain oracle that stencil solvers are measured against.
public struct DenseMatrix: Sendable {
    public let rows: [[Double]]

    public init(rows: [[Double]]) { self.rows = rows }

    /// The matrix of a stencil on ny x nx cells, from coefficients [points, fields, fields, ny, nx] in the order of `StencilDirection`.
    /// Round a short ring two directions can lead to one cell: their coefficients add up.
    public init(
        _ shape: StencilShape, ny: Int, nx: Int, periodicY: Bool, periodicX: Bool, fields: Int, coefficients: [Double]
    ) {
        let cells = ny * nx
        var rows = [[Double]](repeating: [Double](repeating: 0, count: fields * cells), count: fields * cells)
        for (d, direction) in shape.directions.enumerated() {
            for k in 0..<cells {
                var (j, i) = (k / nx + direction.dy, k % nx + direction.dx)
                // Three points are lines along x, whatever is said of y.
                if periodicY { j = (j + ny) % ny }
                if periodicX { i = (i + nx) % nx }
                guard (0..<ny).contains(j), (0..<nx).contains(i) else { continue }
                for p in 0..<fields {
                    for q in 0..<fields {
                        rows[p * cells + k][q * cells + j * nx + i] += coefficients[((d * fields + p) * fields + q) * cells + k]
                    }
                }
            }
        }
        self.rows = rows
    }

    public init<Scalar: TensorScalar>(_ matrix: StencilMatrix<Scalar>) {
        self.init(
            matrix.shape, ny: matrix.ny, nx: matrix.nx, periodicY: matrix.periodicY, periodicX: matrix.periodicX, fields: matrix.fields,
            coefficients: matrix.coefficients.map { Double($0) })
    }

    public var transposed: DenseMatrix { DenseMatrix(rows: rows.indices.map { k in rows.map { $0[k] } }) }

    public func times(_ y: [Double]) -> [Double] { rows.map { row in zip(row, y).reduce(0) { $0 + $1.0 * $1.1 } } }

    /// Gaussian elimination with row pivoting. Cells that no chain of couplings joins do not touch each other's digits.
    public func solve(_ b: [Double]) -> [Double] {
        var a = rows
        var x = b
        for column in a.indices {
            let pivot = (column..<a.count).max { abs(a[$0][column]) < abs(a[$1][column]) } ?? column
            a.swapAt(column, pivot)
            x.swapAt(column, pivot)
            for row in column + 1..<a.count where a[row][column] != 0 {
                let factor = a[row][column] / a[column][column]
                for k in column..<a.count where a[column][k] != 0 { a[row][k] -= factor * a[column][k] }
                x[row] -= factor * x[column]
            }
        }
        for row in a.indices.reversed() {
            for k in row + 1..<a.count where a[row][k] != 0 { x[row] -= a[row][k] * x[k] }
            x[row] /= a[row][row]
        }
        return x
    }
}

/// The oracle as a solver of implicit layers.
public struct DenseSolver: StencilSolver {
    public init() {}

    public func factor<Scalar: TensorScalar>(_ matrix: StencilMatrix<Scalar>) -> any StencilFactorization<Scalar> {
        DenseFactorization<Scalar>(matrix: DenseMatrix(matrix))
    }
}

private struct DenseFactorization<Scalar: TensorScalar>: StencilFactorization {
    let matrix: DenseMatrix

    func solve(_ b: [Scalar], startingFrom guess: [Scalar]?) -> (solution: [Scalar], report: SolveReport) {
        let y = matrix.solve(b.map { Double($0) })
        return (y.map { Scalar($0) }, SolveReport(status: .converged, iterations: 1, relativeResidual: 0, tolerance: 0))
    }

    func transposed() -> DenseFactorization { DenseFactorization(matrix: matrix.transposed) }
}
