import Tensors

/// An approximation M of A^-1 that Krylov methods lean on: linear, with an exact transpose.
public enum Preconditioner: Equatable, Sendable {
    /// None: M = I.
    case identity
    /// The inverse of the diagonal, or of the block of each cell's fields.
    case diagonal
    /// So many Gauss-Seidel sweeps from zero; not symmetric.
    case gaussSeidel(sweeps: Int = 1)
    /// So many pairs of a sweep and its reverse: symmetric where A is, as conjugate gradients need.
    case symmetricGaussSeidel(pairs: Int = 1)
    /// Incomplete factors with the matrix's row sums: for winds and for strong couplings along an axis. Symmetric where A is. For several fields,
    /// a Gauss-Seidel sweep and its reverse.
    case incompleteFactors
    /// One multigrid cycle from zero.
    case multigrid(MultigridCycle = MultigridCycle())

    /// What can be prepared from the matrix alone.
    public func prepare<Scalar: TensorScalar>(_ matrix: StencilMatrix<Scalar>) -> PreparedPreconditioner<Scalar> {
        let grid = GridMatrix(matrix, matrix.measures)
        return PreparedPreconditioner(matrix: grid, operation: operation(grid))
    }

    func operation<Scalar: TensorScalar>(_ matrix: GridMatrix<Scalar>) -> any GridPreconditioner<Scalar> {
        switch self {
        case .identity: IdentityPreconditioner<Scalar>()
        case .diagonal: DiagonalPreconditioner(matrix: matrix)
        case .gaussSeidel(let sweeps):
            SweepPreconditioner(sweep: ColourSweep(matrix, relaxation: 1), order: [Bool](repeating: false, count: max(1, sweeps)))
        case .symmetricGaussSeidel(let pairs):
            SweepPreconditioner(
                sweep: ColourSweep(matrix, relaxation: 1), order: (0..<2 * max(1, pairs)).map { $0 % 2 == 1 })
        case .incompleteFactors:
            IncompleteFactors(matrix)
                ?? SweepPreconditioner(sweep: ColourSweep(matrix, relaxation: 1), order: [false, true]) as any GridPreconditioner<Scalar>
        case .multigrid(let cycle): MultigridPreconditioner(matrix, cycle)
        }
    }

    /// The form that is symmetric where A is.
    var symmetric: Preconditioner {
        switch self {
        case .gaussSeidel(let sweeps): .symmetricGaussSeidel(pairs: sweeps)
        case .multigrid(let cycle): .multigrid(cycle.symmetric)
        default: self
        }
    }

    var needsDiagonal: Bool { self != .identity }

    var name: String {
        switch self {
        case .identity: "no"
        case .diagonal: "diagonal"
        case .gaussSeidel, .symmetricGaussSeidel: "Gauss-Seidel"
        case .incompleteFactors: "incomplete LU"
        case .multigrid: "multigrid"
        }
    }
}

/// A preconditioner of one matrix, as a map of vectors [fields, ny, nx].
public struct PreparedPreconditioner<Scalar: TensorScalar>: Sendable {
    let matrix: GridMatrix<Scalar>
    let operation: any GridPreconditioner<Scalar>

    /// M r.
    public func apply(_ r: [Scalar]) -> [Scalar] {
        precondition(r.count == matrix.unknowns, "\(r.count) values for \(matrix.unknowns) unknowns")
        let (from, to) = (matrix.vector(), matrix.vector())
        from.load(r)
        operation.application()(from, to)
        return to.unload()
    }

    /// M^T: that of the transposed matrix, in the opposite order.
    public func transposed() -> PreparedPreconditioner {
        let transpose = matrix.transposed()
        return PreparedPreconditioner(matrix: transpose, operation: operation.transposed(transpose))
    }
}

/// A preconditioner of padded vectors.
protocol GridPreconditioner<Scalar>: Sendable {
    associatedtype Scalar: TensorScalar

    /// The map z = M r with memory of its own, so that solves with one preparation can run side by side. The border of r is zero; that of z is
    /// left as it comes.
    func application() -> (_ r: GridVector<Scalar>, _ z: GridVector<Scalar>) -> Void
    /// The vectors of conjugate gradients with it, in the precision that it computes in.
    func searchDirection(_ matrix: GridMatrix<Scalar>) -> any SearchDirections<Scalar>
    /// M^T, given A^T.
    func transposed(_ matrix: GridMatrix<Scalar>) -> any GridPreconditioner<Scalar>
}

extension GridPreconditioner {
    func searchDirection(_ matrix: GridMatrix<Scalar>) -> any SearchDirections<Scalar> {
        SearchDirection<Scalar, Scalar>(matrix, matrix.layout, application())
    }
}

struct IdentityPreconditioner<Scalar: TensorScalar>: GridPreconditioner {
    func application() -> (_ r: GridVector<Scalar>, _ z: GridVector<Scalar>) -> Void { { $1.copy($0) } }
    func transposed(_ matrix: GridMatrix<Scalar>) -> any GridPreconditioner<Scalar> { self }
}

struct DiagonalPreconditioner<Scalar: TensorScalar>: GridPreconditioner {
    let matrix: GridMatrix<Scalar>

    func application() -> (_ r: GridVector<Scalar>, _ z: GridVector<Scalar>) -> Void { { apply($0, into: $1) } }

    private func apply(_ r: GridVector<Scalar>, into z: GridVector<Scalar>) {
        let layout = matrix.layout
        z.clear()
        for p in 0..<matrix.fields {
            for q in 0..<matrix.fields {
                addRowProducts(
                    z.origin(p), matrix.inverseDiagonal.origin(p * matrix.fields + q), r.origin(q), layout)
            }
        }
    }

    func transposed(_ matrix: GridMatrix<Scalar>) -> any GridPreconditioner<Scalar> { DiagonalPreconditioner(matrix: matrix) }
}

/// z += a r, element by element.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func addRowProducts<Scalar: TensorScalar>(
    _ z: UnsafeMutablePointer<Scalar>, _ a: UnsafePointer<Scalar>, _ r: UnsafePointer<Scalar>, _ layout: GridLayout
) {
    for j in 0..<layout.ny {
        var k = j &* layout.rowStride
        let end = k &+ layout.rowStride
        while k < end {
            store(Scalar.multiplyAdd(load(UnsafePointer(z), k), load(a, k), load(r, k)), z, k)
            k &+= Scalar.Vector.scalarCount
        }
    }
}

/// Gauss-Seidel sweeps from zero, each in the given or the reversed order of colours.
struct SweepPreconditioner<Scalar: TensorScalar>: GridPreconditioner {
    let sweep: ColourSweep<Scalar>
    /// Whether each sweep takes the colours in reverse.
    let order: [Bool]

    func application() -> (_ r: GridVector<Scalar>, _ z: GridVector<Scalar>) -> Void {
        let scratch = sweep.matrix.fields > 1 ? sweep.matrix.vector() : nil
        return { r, z in
            for (index, reversed) in order.enumerated() {
                sweep.relax(z, r, reversed: reversed, scratch: scratch, prepare: index == 0 ? { z.clear(row: $0) } : nil)
            }
        }
    }

    /// (S_1 then S_2)^T = S_2^T then S_1^T, each with its colours reversed.
    func transposed(_ matrix: GridMatrix<Scalar>) -> any GridPreconditioner<Scalar> {
        SweepPreconditioner(sweep: sweep.with(matrix), order: order.reversed().map { !$0 })
    }
}
