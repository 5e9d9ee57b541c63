/// How a multigrid cycle walks through its grids.
public struct MultigridCycle: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        /// Each grid once on the way down and once on the way up.
        case v
        /// From each grid an F cycle and then a V cycle on the next coarser one.
        case f
    }

    public enum Precision: Equatable, Sendable {
        /// That of the matrix.
        case matrix
        /// `Float`: half the memory traffic. A cycle removes nine tenths of an error or so, for which that is more than enough; the residual is
        /// that of the matrix all the same. The transposed cycle is then exact to the rounding of `Float`.
        case single
    }

    public var kind: Kind
    /// Gauss-Seidel sweeps before the coarser grid's correction.
    public var presmoothing: Int
    /// Sweeps after it.
    public var postsmoothing: Int
    /// Grids are made coarser until they have no more unknowns than this, and those are eliminated.
    public var coarsestUnknowns: Int
    /// Whether the sweeps after the correction mirror those before it, without over-relaxation, so that a V cycle with as many of
    /// either is symmetric for a symmetric matrix, as conjugate gradients need. By itself such a cycle is slower.
    public var isSymmetric: Bool
    /// The precision in which a cycle computes.
    public var precision: Precision

    public init(
        _ kind: Kind = .v, presmoothing: Int = 1, postsmoothing: Int = 1, coarsestUnknowns: Int = 64, isSymmetric: Bool = false,
        precision: Precision = .matrix
    ) {
        self.kind = kind
        self.presmoothing = max(0, presmoothing)
        self.postsmoothing = max(0, postsmoothing)
        self.coarsestUnknowns = coarsestUnknowns
        self.isSymmetric = isSymmetric
        self.precision = precision
    }

    /// The form that conjugate gradients need.
    var symmetric: MultigridCycle {
        var result = self
        result.kind = .v
        result.isSymmetric = true
        result.presmoothing = max(presmoothing, postsmoothing, 1)
        result.postsmoothing = result.presmoothing
        return result
    }
}
