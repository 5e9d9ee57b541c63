import Tensors

/// The grids of a multigrid method with their matrices, smoothers and transfers, and a cycle through them as a preconditioner.
///
/// Coarse matrices are Galerkin products P^T A P with the transfers of A's symmetric part, so that the hierarchy of A^T is the
/// transpose of A's, grid by grid. The transposed cycle is the cycle of the transposed hierarchy with what comes before and after the
/// correction exchanged, the order of colours reversed, and for an F cycle its two parts exchanged.
struct MultigridHierarchy<Scalar: TensorScalar>: Sendable {
    let cycle: MultigridCycle
    let sweeps: [ColourSweep<Scalar>]
    let transfers: [Transfer<Scalar>]
    /// Factors of the coarsest matrix, of which a transposed hierarchy solves with the transpose: of its band, as the lines of a 3-point matrix,
    /// which do not couple, may be many.
    private let coarsest: LapackFactors<Scalar>
    private let numbering: BandedNumbering
    let isTransposed: Bool
    /// Whether the sweeps before and after the correction take the colours in reverse.
    let reversesColours: (before: Bool, after: Bool)

    /// On symmetric matrices over-relaxation makes red-black and four-colour sweeps smooth better (Yavneh 1996). Measured on Poisson's equation from 63^2 to
    /// 511^2, with jumps and with islands: at 1.15 and 1.22 a V(1,1) cycle leaves 0.07 of the residual, without it 0.16.
    /// On others it does harm: with upwind advection and with learned couplings cycles that converge as preconditioners no longer do.
    private static func relaxation(_ shape: StencilShape) -> Double { shape == .ninePoint ? 1.22 : 1.15 }

    var grids: Int { sweeps.count }
    /// Whether the coarsest matrix is singular, so that it is smoothed instead of eliminated.
    var hasSingularCoarsest: Bool { coarsest.isSingular }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    init(_ matrix: GridMatrix<Scalar>, _ cycle: MultigridCycle) {
        self.cycle = cycle
        isTransposed = false
        reversesColours = (false, cycle.isSymmetric)
        var (matrices, transfers) = ([matrix], [Transfer<Scalar>]())
        while matrices[matrices.count - 1].unknowns > cycle.coarsestUnknowns, let next = Transfer(matrices[matrices.count - 1]) {
            matrices.append(next.galerkin(matrices[matrices.count - 1]))
            transfers.append(next)
        }
        self.transfers = transfers
        sweeps = matrices.map { ColourSweep($0, relaxation: matrix.isSymmetric && !cycle.isSymmetric ? Self.relaxation($0.shape) : 1) }
        numbering = BandedNumbering(matrices[matrices.count - 1])
        coarsest = numbering.factor(matrices[matrices.count - 1])
    }

    /// The solution on the coarsest grid, where its matrix is regular.
    func solvedOnCoarsest(_ b: [Scalar]) -> [Scalar] { numbering.solved(b, coarsest, transposed: isTransposed) }

    /// The transpose of `other`, whose matrices' transposes `sweeps` has.
    private init(_ other: MultigridHierarchy, _ sweeps: [ColourSweep<Scalar>]) {
        var exchanged = other.cycle
        (exchanged.presmoothing, exchanged.postsmoothing) = (other.cycle.postsmoothing, other.cycle.presmoothing)
        cycle = exchanged
        self.sweeps = sweeps
        transfers = other.transfers
        isTransposed = !other.isTransposed
        reversesColours = (!other.reversesColours.after, !other.reversesColours.before)
        coarsest = other.coarsest
        numbering = other.numbering
    }

    /// The hierarchy of the transpose, which is `matrix`.
    func transposed(_ matrix: GridMatrix<Scalar>) -> MultigridHierarchy {
        MultigridHierarchy(self, sweeps.enumerated().map { $0.element.with($0.offset == 0 ? matrix : $0.element.matrix.transposed()) })
    }
}
