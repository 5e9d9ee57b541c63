import Tensors

/// Multigrid cycles from zero as an approximation of A^-1, in the precision of the matrix or in `Float`.
struct MultigridPreconditioner<Scalar: TensorScalar>: GridPreconditioner {
    private enum Form {
        case own(MultigridHierarchy<Scalar>)
        /// Of A times the scale, a power of two that keeps coefficients within the range of `Float`.
        case single(MultigridHierarchy<Float>, scale: Double)
    }

    private let form: Form

    init(_ matrix: GridMatrix<Scalar>, _ cycle: MultigridCycle) {
        if Scalar.self == Float.self || cycle.precision == .matrix {
            form = .own(MultigridHierarchy(matrix, cycle))
        } else {
            let largest = Double(matrix.largestDiagonal)
            let scale = largest > 0 && largest.isFinite ? 1 / max(largest.binade, 0x1p-1000) : 1
            form = .single(MultigridHierarchy(matrix.single(times: scale), cycle), scale: scale)
        }
    }

    private init(_ form: Form) { self.form = form }

    var hasSingularCoarsest: Bool {
        switch form {
        case .own(let hierarchy): hierarchy.hasSingularCoarsest
        case .single(let hierarchy, _): hierarchy.hasSingularCoarsest
        }
    }

    func transposed(_ matrix: GridMatrix<Scalar>) -> any GridPreconditioner<Scalar> { transposedCycles(matrix) }

    func transposedCycles(_ matrix: GridMatrix<Scalar>) -> MultigridPreconditioner {
        switch form {
        case .own(let hierarchy): MultigridPreconditioner(.own(hierarchy.transposed(matrix)))
        case .single(let hierarchy, let scale): MultigridPreconditioner(.single(hierarchy.transposed(matrix.single(times: scale)), scale: scale))
        }
    }

    func application() -> (_ r: GridVector<Scalar>, _ z: GridVector<Scalar>) -> Void {
        switch form {
        case .own(let hierarchy):
            let run = MultigridRun(hierarchy)
            return { run.improve($1, $0, fromZero: true) }
        case .single(let hierarchy, let scale):
            let run = MultigridRun(hierarchy)
            let matrix = hierarchy.sweeps[0].matrix
            let (right, correction) = (matrix.vector(), matrix.vector())
            return { r, z in
                r.convert(to: right)
                run.improve(correction, right, fromZero: true)
                correction.convert(to: z, times: scale)
            }
        }
    }

    func searchDirection(_ matrix: GridMatrix<Scalar>) -> any SearchDirections<Scalar> {
        guard case .single(let hierarchy, _) = form, matrix.fields == 1 else {
            return SearchDirection<Scalar, Scalar>(matrix, matrix.layout, application())
        }
        let run = MultigridRun(hierarchy)
        return SearchDirection<Scalar, Float>(matrix, hierarchy.sweeps[0].matrix.layout) { run.improve($1, $0, fromZero: true) }
    }

    /// Cycles on the residual of `matrix`.
    func corrections(_ matrix: GridMatrix<Scalar>) -> any MultigridCorrections<Scalar> {
        switch form {
        case .own(let hierarchy): CyclesOnResidual(matrix, hierarchy, scale: 1)
        case .single(let hierarchy, let scale): CyclesOnResidual(matrix, hierarchy, scale: scale)
        }
    }
}

extension GridMatrix {
    /// The largest magnitude on the diagonal.
    var largestDiagonal: Scalar {
        (0..<fields).map { p in
            largestMagnitude(UnsafeBufferPointer(start: coefficients.origin(p * fields + p), count: layout.rowStride * layout.ny))
        }.max() ?? 0
    }

    /// The matrix times `scale` in `Float`.
    func single(times scale: Double) -> GridMatrix<Float> {
        let single = GridLayout(ny: layout.ny, nx: layout.nx, periodicY: layout.periodicY, periodicX: layout.periodicX, lanes: Float.Vector.scalarCount)
        return GridMatrix<Float>(shape, single, fields: fields, isSymmetric: isSymmetric, rowsAreLoaded: true) { target, _ in
            coefficients.convert(to: target, times: scale)
        }
    }
}
