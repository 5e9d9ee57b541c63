import Tensors

/// The grids of a multigrid method with their matrices, smoothers and transfers, and a cycle through them as a preconditioner.
///
/// Coarse matrices are Galerkin products P^T A P with the transfers of A's symmetric part, so that the hierarchy of A^T is the
/// transpose of A's, grid by grid. The transposed cycle is the cycle of the transposed hierarchy with what comes before and after the
/// correction exchanged, the order of colours reversed, and for an F cycle its two parts exchanged.
struct MultigridHierarchy<Scalar: TensorScalar>: GridPreconditioner {
    let cycle: MultigridCycle
    private let sweeps: [ColourSweep<Scalar>]
    private let transfers: [Transfer<Scalar>]
    private let coarsest: LapackFactors<Scalar>
    private let isTransposed: Bool
    /// Whether the sweeps before and after the correction take the colours in reverse.
    private let reversesColours: (before: Bool, after: Bool)

    /// On symmetric matrices over-relaxation makes red-black and four-colour sweeps smooth better (Yavneh 1996). Measured on Poisson's equation from 63^2 to
    /// 511^2, with jumps and with islands: at 1.15 and 1.22 a V(1,1) cycle leaves 0.07 of the residual, without it 0.16.
    /// On others it does harm: with upwind advection and with learned couplings cycles that converge as preconditioners no longer do.
    private static func relaxation(_ shape: StencilShape) -> Double { shape == .ninePoint ? 1.22 : 1.15 }

    var grids: Int { sweeps.count }
    /// Whether the coarsest matrix is singular, so that it is smoothed instead of eliminated.
    var hasSingularCoarsest: Bool { coarsest.isSingular }

    /// - Parameter isSymmetric: whether A is symmetric.
    init(_ matrix: GridMatrix<Scalar>, _ cycle: MultigridCycle, isSymmetric: Bool) {
        self.cycle = cycle
        isTransposed = false
        reversesColours = (false, cycle.isSymmetric)
        var (matrices, transfers) = ([matrix], [Transfer<Scalar>]())
        while matrices[matrices.count - 1].unknowns > cycle.coarsestUnknowns, let next = Transfer(matrices[matrices.count - 1]) {
            matrices.append(next.galerkin(matrices[matrices.count - 1]))
            transfers.append(next)
        }
        self.transfers = transfers
        sweeps = matrices.map { ColourSweep($0, relaxation: isSymmetric && !cycle.isSymmetric ? Self.relaxation($0.shape) : 1) }
        coarsest = matrices[matrices.count - 1].eliminated()
    }

    /// The transpose of `other`, whose matrices' transposes `sweeps` has.
    private init(_ other: MultigridHierarchy, _ sweeps: [ColourSweep<Scalar>]) {
        var exchanged = other.cycle
        (exchanged.presmoothing, exchanged.postsmoothing) = (other.cycle.postsmoothing, other.cycle.presmoothing)
        cycle = exchanged
        self.sweeps = sweeps
        transfers = other.transfers
        isTransposed = !other.isTransposed
        reversesColours = (!other.reversesColours.after, !other.reversesColours.before)
        coarsest = sweeps[sweeps.count - 1].matrix.eliminated()
    }

    func transposed(_ matrix: GridMatrix<Scalar>) -> any GridPreconditioner<Scalar> { transposedHierarchy(matrix) }

    func transposedHierarchy(_ matrix: GridMatrix<Scalar>) -> MultigridHierarchy {
        MultigridHierarchy(self, sweeps.enumerated().map { $0.element.with($0.offset == 0 ? matrix : $0.element.matrix.transposed()) })
    }

    /// For each grid: solution and right-hand side (not on the finest), a row, and a vector where a cell has several fields.
    func scratch() -> [GridVector<Scalar>] {
        sweeps.flatMap { sweep in
            let matrix = sweep.matrix
            let row = GridVector<Scalar>(
                GridLayout(ny: 1, nx: matrix.layout.nx, periodicY: false, periodicX: false, lanes: Scalar.Vector.scalarCount), planes: 1)
            return [matrix.vector(), matrix.vector(), row, matrix.fields > 1 ? matrix.vector() : row]
        }
    }

    func apply(_ r: GridVector<Scalar>, into z: GridVector<Scalar>, _ scratch: [GridVector<Scalar>]) {
        z.clear()
        improve(z, r, scratch)
    }

    /// One cycle from y.
    func improve(_ y: GridVector<Scalar>, _ b: GridVector<Scalar>, _ scratch: [GridVector<Scalar>]) {
        improve(0, cycle.kind, y, b, scratch)
    }

    private func improve(
        _ grid: Int, _ kind: MultigridCycle.Kind, _ y: GridVector<Scalar>, _ b: GridVector<Scalar>, _ scratch: [GridVector<Scalar>]
    ) {
        let sweep = sweeps[grid]
        if grid == sweeps.count - 1 {
            if coarsest.isSingular {
                for reversed in [false, true, false, true] { sweep.relax(y, b, reversed: reversed, scratch: scratch[4 * grid + 3]) }
            } else {
                var values = b.unload()
                values.withUnsafeMutableBufferPointer { if let first = $0.baseAddress { coarsest.solve(first, transposed: false) } }
                y.load(values)
            }
            return
        }
        let (correction, right, spare) = (scratch[4 * (grid + 1)], scratch[4 * (grid + 1) + 1], scratch[4 * grid + 3])
        let transfer = transfers[grid]
        right.clear()
        let restrict = { transfer.restrictResidual(row: $0, sweep.matrix, y, b, into: right, scratch: scratch[4 * grid + 2]) }
        for step in 0..<cycle.presmoothing {
            sweep.relax(y, b, reversed: reversesColours.before, scratch: spare, finish: step == cycle.presmoothing - 1 ? restrict : nil)
        }
        if cycle.presmoothing == 0 {
            y.wrap()
            for j in 0..<sweep.matrix.layout.ny { restrict(j) }
        }
        correction.clear()
        switch kind {
        case .v: improve(grid + 1, .v, correction, right, scratch)
        case .f:
            improve(grid + 1, isTransposed ? .v : .f, correction, right, scratch)
            improve(grid + 1, isTransposed ? .f : .v, correction, right, scratch)
        }
        correction.wrap()
        let interpolate = { transfer.addInterpolated(row: $0, correction, to: y) }
        for step in 0..<cycle.postsmoothing {
            sweep.relax(y, b, reversed: reversesColours.after, scratch: spare, prepare: step == 0 ? interpolate : nil)
        }
        if cycle.postsmoothing == 0 { for j in 0..<sweep.matrix.layout.ny { interpolate(j) } }
    }
}

extension GridMatrix {
    /// The full matrix, factored. For few unknowns.
    func eliminated() -> LapackFactors<Scalar> {
        let (ny, nx) = (layout.ny, layout.nx)
        return LapackFactors(full: unknowns) { a in
            for d in shape.directions {
                for p in 0..<fields {
                    for q in 0..<fields {
                        let plane = self.plane(d, p, q)
                        for j in 0..<ny {
                            guard let row = coefficients.wrappedRow(j + d.dy) else { continue }
                            for i in 0..<nx {
                                guard let column = coefficients.wrappedColumn(i + d.dx) else { continue }
                                let (from, to) = ((p * ny + j) * nx + i, (q * ny + row) * nx + column)
                                a[from + to * unknowns] += plane[j * layout.rowStride + i]
                            }
                        }
                    }
                }
            }
        }
    }
}
