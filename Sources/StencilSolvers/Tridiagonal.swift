import Tensors

/// Elimination of 3-point matrices of one field, line by line, without pivoting (Thomas), round a periodic line by the formula of
/// Sherman and Morrison; where a pivot is too small for that, banded elimination with pivoting.
public struct Tridiagonal: StencilSolver, Equatable {
    /// Largest |b - A y| / |b|, which steps of iterative refinement try to reach.
    public var tolerance: Double

    public init(tolerance: Double) { self.tolerance = tolerance }

    public func factor<Scalar: TensorScalar>(_ matrix: StencilMatrix<Scalar>) -> any StencilFactorization<Scalar> {
        let measures = matrix.measures
        return factor(GridMatrix(matrix, measures), measures)
    }

    func factor<Scalar: TensorScalar>(_ matrix: GridMatrix<Scalar>, _ measures: StencilMeasures) -> TridiagonalFactorization<Scalar> {
        let isTreated = matrix.shape == .threePoint && matrix.fields == 1 && measures.isFinite
        let lines = isTreated ? TridiagonalLines(matrix) : nil
        return TridiagonalFactorization(
            solver: self, matrix: matrix, measures: measures, lines: lines,
            banded: isTreated && lines == nil ? BandedDirect(tolerance: tolerance).factor(matrix, measures) : nil)
    }
}

/// A matrix made ready for `Tridiagonal`.
struct TridiagonalFactorization<Scalar: TensorScalar>: StencilFactorization {
    let solver: Tridiagonal
    let matrix: GridMatrix<Scalar>
    let measures: StencilMeasures
    let lines: TridiagonalLines<Scalar>?
    /// Where pivots are too small.
    let banded: BandedFactorization<Scalar>?

    func transposed() -> TridiagonalFactorization { solver.factor(matrix.transposed(), measures.transposed) }

    func solve(_ b: [Scalar], startingFrom guess: [Scalar]?) -> (solution: [Scalar], report: SolveReport) {
        if let banded {
            var (y, report) = banded.solve(b, startingFrom: guess)
            report.note = "a pivot of the elimination without pivoting is too small"
            return (y, report)
        }
        let frame = NormalisedSolve(
            method: "tridiagonal elimination", tolerance: solver.tolerance, matrix: matrix, measures: measures, needsDiagonal: false)
        return frame.run(b, guess) { y, b, start, _ in
            guard let lines else {
                return .init(
                    status: .notSupported, iterations: 0, residual: start,
                    note: "it treats 3-point matrices of one field, not \(matrix.shape.points) points and \(matrix.fields) fields")
            }
            let r = matrix.vector()
            var (residual, steps) = (matrix.residual(y, b, into: r), 0)
            while !(residual <= solver.tolerance), steps < 4 {
                lines.solve(r)
                y.add(1, r)
                let next = matrix.residual(y, b, into: r)
                steps += 1
                if !(next < 0.5 * residual) {
                    residual = next
                    break
                }
                residual = next
            }
            return .init(
                status: residual <= solver.tolerance ? .converged : residual.isFinite ? .stagnated : .notFinite, iterations: steps,
                residual: residual)
        }
    }
}

/// The factors of every line: A = L U with the unit diagonal in U.
final class TridiagonalLines<Scalar: TensorScalar>: @unchecked Sendable {
    private let layout: GridLayout
    /// Planes of lines, cell after cell: lower diagonal, inverse pivots, upper diagonal of U, and round periodic lines the correction A'^-1 u.
    private let planes: RowPlanes<Scalar>
    /// For each periodic line, what the correction is multiplied by, and the weight of its last element in that.
    private var corrections: [(scale: Scalar, last: Scalar)] = []

    /// Nil where a pivot is much smaller than the row that it comes from.
    init?(_ matrix: GridMatrix<Scalar>) {
        let (layout, isPeriodic) = (matrix.layout, matrix.layout.periodicX)
        self.layout = layout
        planes = RowPlanes(layout, isSplit: false, planes: 4)
        let n = layout.nx
        for j in 0..<layout.ny {
            let (lower, inverse, upper) = (planes.row(0, j), planes.row(1, j), planes.row(2, j))
            func elements(_ d: StencilDirection) -> [Scalar] { (0..<n).map { matrix.element(d, 0, 0, j, $0) } }
            let (diagonal, east, west) = (elements(.center), elements(.east), elements(.west))
            // Round a ring: A = A' + u v^T with u = (g, 0, ..., 0, e) and v = (1, 0, ..., 0, w / g), where e couples the last
            // cell to the first and w the first to the last.
            let (around, back) = isPeriodic ? (east[n - 1], west[0]) : (0, 0)
            let g = -diagonal[0]
            var previous = Scalar(0)
            for i in 0..<n {
                lower[i] = i == 0 ? 0 : west[i]
                var pivot = diagonal[i] - lower[i] * previous
                if isPeriodic && i == 0 { pivot -= g }
                if isPeriodic && i == n - 1 { pivot -= around * back / g }
                let size = max(abs(diagonal[i]), abs(lower[i]), abs(east[i]))
                guard abs(pivot) > size / 64, pivot.isFinite else { return nil }
                inverse[i] = 1 / pivot
                upper[i] = i == n - 1 ? 0 : east[i] * inverse[i]
                previous = upper[i]
            }
            guard isPeriodic else { continue }
            let u = planes.row(3, j)
            (u[0], u[n - 1]) = (g, around)
            eliminate(lower, inverse, upper, u, n)
            let (weight, divisor) = (back / g, 1 + u[0] + back / g * u[n - 1])
            guard abs(divisor) > Scalar(1) / 64 / (1 + abs(weight)), divisor.isFinite else { return nil }
            corrections.append((-1 / divisor, weight))
        }
    }

    /// Replaces b by the solution.
    func solve(_ b: GridVector<Scalar>) {
        var line = [Scalar](repeating: 0, count: layout.nx)
        for j in 0..<layout.ny {
            line.withUnsafeMutableBufferPointer { line in
                guard let y = line.baseAddress else { return }
                b.unloadRow(y, 0, j)
                eliminate(planes.row(0, j), planes.row(1, j), planes.row(2, j), y, layout.nx)
                if layout.periodicX {
                    let (scale, weight) = corrections[j]
                    addMultiple(y, scale * (y[0] + weight * y[layout.nx - 1]), planes.row(3, j), layout.nx)
                }
                b.loadRow(y, 0, j)
            }
        }
    }
}

/// Forward and back substitution of one line, in place.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func eliminate<Scalar: TensorScalar>(
    _ lower: UnsafePointer<Scalar>, _ inverse: UnsafePointer<Scalar>, _ upper: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>,
    _ count: Int
) {
    var previous = Scalar(0)
    for i in 0..<count {
        previous = (y[i] - lower[i] * previous) * inverse[i]
        y[i] = previous
    }
    for i in (0..<max(count &- 1, 0)).reversed() { y[i] -= upper[i] * y[i &+ 1] }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func addMultiple<Scalar: TensorScalar>(
    _ y: UnsafeMutablePointer<Scalar>, _ factor: Scalar, _ a: UnsafePointer<Scalar>, _ count: Int
) {
    for i in 0..<count { y[i] += factor * a[i] }
}
