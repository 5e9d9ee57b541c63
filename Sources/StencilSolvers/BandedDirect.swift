import Tensors

/// Elimination of a banded matrix through LAPACK, with row pivoting: for any regular matrix that fits in memory.
///
/// Cells are numbered along the shorter side, fields of a cell together. Round a periodic short side couplings stay in the band;
/// a periodic long side is numbered from both ends in turn (0, n - 1, 1, n - 2, ...), which doubles the band and keeps it one.
/// The transposed system is solved from the same factors.
public struct BandedDirect: StencilSolver, Equatable {
    /// Largest |b - A y| / |b|, which steps of iterative refinement try to reach.
    public var tolerance: Double
    /// Bytes that the factors may take.
    public var memoryLimit: Int

    public init(tolerance: Double, memoryLimit: Int = 1 << 30) {
        self.tolerance = tolerance
        self.memoryLimit = memoryLimit
    }

    public func factor<Scalar: TensorScalar>(_ matrix: StencilMatrix<Scalar>) -> any StencilFactorization<Scalar> {
        let measures = matrix.measures
        return factor(GridMatrix(matrix, measures), measures)
    }

    func factor<Scalar: TensorScalar>(_ matrix: GridMatrix<Scalar>, _ measures: StencilMeasures) -> BandedFactorization<Scalar> {
        BandedFactorization(
            solver: self, matrix: matrix, measures: measures, transpose: nil,
            factors: measures.isFinite ? BandedNumbering(matrix).factor(matrix, within: memoryLimit) : nil)
    }
}

/// A matrix made ready for `BandedDirect`.
struct BandedFactorization<Scalar: TensorScalar>: StencilFactorization {
    let solver: BandedDirect
    let matrix: GridMatrix<Scalar>
    let measures: StencilMeasures
    /// The matrix whose factors these are, where this is its transpose.
    let transpose: GridMatrix<Scalar>?
    /// Nil where they do not fit, or a coefficient is not finite.
    let factors: LapackFactors<Scalar>?

    func transposed() -> BandedFactorization {
        BandedFactorization(
            solver: solver, matrix: transpose ?? matrix.transposed(), measures: measures.transposed,
            transpose: transpose == nil ? matrix : nil, factors: factors)
    }

    func solve(_ b: [Scalar], startingFrom guess: [Scalar]?) -> (solution: [Scalar], report: SolveReport) {
        let numbering = BandedNumbering(matrix)
        let frame = NormalisedSolve(
            method: "banded elimination", tolerance: solver.tolerance, matrix: matrix, measures: measures, needsDiagonal: false)
        return frame.run(b, guess) { y, b, start, _ in
            guard let factors else {
                let bytes = LapackFactors<Scalar>.bytes(banded: matrix.unknowns, below: numbering.width, above: numbering.width)
                return .init(
                    status: .doesNotFit, iterations: 0, residual: start,
                    note: "the band takes \(bytes >> 20) MiB, allowed are \(solver.memoryLimit >> 20) MiB")
            }
            guard !factors.isSingular else { return .init(status: .singular, iterations: 0, residual: start) }
            let (r, change) = (matrix.vector(), matrix.vector())
            var (residual, steps) = (matrix.residual(y, b, into: r), 0)
            while !(residual <= solver.tolerance), steps < 4 {
                change.load(numbering.solved(r.unload(), factors, transposed: transpose != nil))
                y.add(1, change)
                let next = matrix.residual(y, b, into: r)
                steps += 1
                if !(next < residual) {
                    if steps > 1 { y.add(-1, change) } else { residual = next }
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

/// The order of unknowns that keeps the band narrow.
struct BandedNumbering {
    private let fields: Int
    private let ny: Int
    private let nx: Int
    /// Whether numbers run along x first.
    private let alongX: Bool
    private let isFolded: Bool
    /// Diagonals on each side of the main one.
    let width: Int

    init<Scalar: TensorScalar>(_ matrix: GridMatrix<Scalar>) {
        fields = matrix.fields
        ny = matrix.layout.ny
        nx = matrix.layout.nx
        if matrix.shape == .threePoint {
            // Lines along x do not couple: one after the other, each folded where it is periodic.
            alongX = false
            isFolded = matrix.layout.periodicX
            width = min(max(0, fields * ny * nx - 1), (isFolded ? 2 : 1) * fields + fields - 1)
            lineLength = nx
        } else {
            alongX = nx <= ny
            isFolded = alongX ? matrix.layout.periodicY : matrix.layout.periodicX
            let (short, isRing) = alongX ? (nx, matrix.layout.periodicX) : (ny, matrix.layout.periodicY)
            // From one line to the next, and on by the diagonal neighbour, round a ring by all of a line.
            let across = matrix.shape == .ninePoint ? (isRing ? short - 1 : 1) : 0
            let reach = max((isFolded ? 2 : 1) * short + across, isRing ? short - 1 : 1)
            width = min(max(0, fields * ny * nx - 1), reach * fields + fields - 1)
            lineLength = 0
        }
    }

    /// Length of the lines of a 3-point matrix; 0 otherwise.
    private let lineLength: Int

    private func folded(_ k: Int, _ count: Int) -> Int { !isFolded ? k : k < (count + 1) / 2 ? 2 * k : 2 * (count - 1 - k) + 1 }

    /// The number of field p of cell (j, i).
    func number(_ p: Int, _ j: Int, _ i: Int) -> Int {
        if lineLength > 0 { return (j * nx + folded(i, nx)) * fields + p }
        return (alongX ? folded(j, ny) * nx + i : folded(i, nx) * ny + j) * fields + p
    }

    /// Nil where the factors do not fit.
    func factor<Scalar: TensorScalar>(_ matrix: GridMatrix<Scalar>, within limit: Int) -> LapackFactors<Scalar>? {
        LapackFactors<Scalar>.bytes(banded: matrix.unknowns, below: width, above: width) <= limit ? factor(matrix) : nil
    }

    func factor<Scalar: TensorScalar>(_ matrix: GridMatrix<Scalar>) -> LapackFactors<Scalar> {
        LapackFactors(banded: matrix.unknowns, below: width, above: width) { a in
            for d in matrix.shape.directions {
                for p in 0..<fields {
                    for q in 0..<fields {
                        for j in 0..<ny {
                            guard let row = matrix.layout.wrappedRow(j + d.dy) else { continue }
                            for i in 0..<nx {
                                guard let column = matrix.layout.wrappedColumn(i + d.dx) else { continue }
                                let (from, to) = (number(p, j, i), number(q, row, column))
                                a[2 * width + from - to + to * (3 * width + 1)] += matrix.element(d, p, q, j, i)
                            }
                        }
                    }
                }
            }
        }
    }

    /// The solution of one system, both of [fields, ny, nx].
    func solved<Scalar: TensorScalar>(_ b: [Scalar], _ factors: LapackFactors<Scalar>, transposed: Bool) -> [Scalar] {
        var (ordered, result) = (b, b)
        func forEach(_ body: (_ natural: Int, _ number: Int) -> Void) {
            for p in 0..<fields {
                for j in 0..<ny {
                    for i in 0..<nx { body((p * ny + j) * nx + i, number(p, j, i)) }
                }
            }
        }
        forEach { ordered[$1] = b[$0] }
        ordered.withUnsafeMutableBufferPointer { if let first = $0.baseAddress { factors.solve(first, transposed: transposed) } }
        forEach { result[$0] = ordered[$1] }
        return result
    }
}
