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

/// The factors of every line, as if no other were there, eliminated from both ends towards the middle: two chains of products, each of
/// which waits for the one before it, run side by side and are half as long as one.
final class TridiagonalLines<Scalar: TensorScalar>: @unchecked Sendable {
    private let layout: GridLayout
    /// Planes of lines, cell after cell: inverse pivots; the coupling towards the end over the pivot; that towards the middle over the pivot
    /// (of the middle cell: to the west and to the east); and round periodic lines the correction A'^-1 u.
    private let planes: RowPlanes<Scalar>
    /// For each periodic line, what the correction is multiplied by, and the weight of its last element in that.
    private var corrections: [(scale: Scalar, last: Scalar)] = []

    /// Nil where a pivot is much smaller than the row that it comes from.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    init?(_ matrix: GridMatrix<Scalar>) {
        let (layout, isPeriodic) = (matrix.layout, matrix.layout.periodicX)
        self.layout = layout
        planes = RowPlanes(layout, isSplit: false, planes: 4)
        let (n, middle) = (layout.nx, layout.nx / 2)
        for j in 0..<layout.ny {
            let (inverse, outer, inner) = (planes.row(0, j), planes.row(1, j), planes.row(2, j))
            var (diagonal, east, west) = (matrix.row(.center, j), matrix.row(.east, j), matrix.row(.west, j))
            // Round a ring: A = A' + u v^T with u = (g, 0, ..., 0, e) and v = (1, 0, ..., 0, w / g), where e couples the last
            // cell to the first and w the first to the last.
            let (around, back) = isPeriodic ? (east[n - 1], west[0]) : (0, 0)
            let g = -diagonal[0]
            (west[0], east[n - 1]) = (0, 0)
            if isPeriodic {
                diagonal[0] -= g
                diagonal[n - 1] -= around * back / g
            }
            func isRegular(_ i: Int, _ pivot: Scalar) -> Bool {
                abs(pivot) > max(abs(diagonal[i]), abs(west[i]), abs(east[i])) / 64 && pivot.isFinite
            }
            for i in 0..<middle {
                let pivot = diagonal[i] - (i == 0 ? 0 : west[i] * inner[i - 1])
                guard isRegular(i, pivot) else { return nil }
                (inverse[i], outer[i], inner[i]) = (1 / pivot, west[i] / pivot, east[i] / pivot)
            }
            for i in stride(from: n - 1, to: middle, by: -1) {
                let pivot = diagonal[i] - (i == n - 1 ? 0 : east[i] * inner[i + 1])
                guard isRegular(i, pivot) else { return nil }
                (inverse[i], outer[i], inner[i]) = (1 / pivot, east[i] / pivot, west[i] / pivot)
            }
            var pivot = diagonal[middle]
            if middle > 0 { pivot -= west[middle] * inner[middle - 1] }
            if middle < n - 1 { pivot -= east[middle] * inner[middle + 1] }
            guard isRegular(middle, pivot) else { return nil }
            (inverse[middle], outer[middle], inner[middle]) = (1 / pivot, west[middle] / pivot, east[middle] / pivot)
            guard isPeriodic else { continue }
            let u = planes.row(3, j)
            (u[0], u[n - 1]) = (g, around)
            eliminate(inverse, outer, inner, u, n)
            let (weight, divisor) = (back / g, 1 + u[0] + back / g * u[n - 1])
            guard abs(divisor) > Scalar(1) / 64 / (1 + abs(weight)), divisor.isFinite else { return nil }
            corrections.append((-1 / divisor, weight))
        }
    }

    /// Replaces b by the solution.
    func solve(_ b: GridVector<Scalar>) {
        let line = RowPlanes<Scalar>(layout.row, isSplit: false, planes: 1)
        for j in 0..<layout.ny {
            b.unloadRow(line.origin(), 0, j)
            solve(row: j, line.origin())
            b.loadRow(line.origin(), 0, j)
        }
    }

    /// The same for one line, cell after cell.
    func solve(row j: Int, _ y: UnsafeMutablePointer<Scalar>) {
        eliminate(planes.row(0, j), planes.row(1, j), planes.row(2, j), y, layout.nx)
        guard layout.periodicX else { return }
        let (scale, weight) = corrections[j]
        addMultiple(y, scale * (y[0] + weight * y[layout.nx - 1]), planes.row(3, j), layout.nx)
    }
}

/// Substitution from both ends of a line to its middle and back, in place.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func eliminate<Scalar: TensorScalar>(
    _ inverse: UnsafePointer<Scalar>, _ outer: UnsafePointer<Scalar>, _ inner: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>,
    _ count: Int
) {
    for i in 0..<count { y[i] *= inverse[i] }
    let (middle, last) = (count / 2, count &- 1)
    var (west, east) = (Scalar(0), Scalar(0))
    // The eastern half is as long as the western one or one cell shorter.
    for k in 0..<last &- middle {
        west = y[k].addingProduct(-outer[k], west)
        east = y[last &- k].addingProduct(-outer[last &- k], east)
        (y[k], y[last &- k]) = (west, east)
    }
    for k in last &- middle..<middle {
        west = y[k].addingProduct(-outer[k], west)
        y[k] = west
    }
    y[middle] = y[middle].addingProduct(-outer[middle], west).addingProduct(-inner[middle], east)
    (west, east) = (y[middle], y[middle])
    for k in 1..<max(1, last &- middle &+ 1) {
        west = y[middle &- k].addingProduct(-inner[middle &- k], west)
        east = y[middle &+ k].addingProduct(-inner[middle &+ k], east)
        (y[middle &- k], y[middle &+ k]) = (west, east)
    }
    for k in last &- middle &+ 1..<middle &+ 1 {
        west = y[middle &- k].addingProduct(-inner[middle &- k], west)
        y[middle &- k] = west
    }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func addMultiple<Scalar: TensorScalar>(
    _ y: UnsafeMutablePointer<Scalar>, _ factor: Scalar, _ a: UnsafePointer<Scalar>, _ count: Int
) {
    for i in 0..<count { y[i] += factor * a[i] }
}
