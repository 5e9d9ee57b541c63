/// How a multigrid cycle walks through its grids.
public struct MultigridCycle: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        /// Each grid once on the way down and once on the way up.
        case v
        /// From each grid an F cycle and then a V cycle on the next coarser one.
        case f
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

    public init(
        _ kind: Kind = .v, presmoothing: Int = 1, postsmoothing: Int = 1, coarsestUnknowns: Int = 64, isSymmetric: Bool = false
    ) {
        self.kind = kind
        self.presmoothing = presmoothing
        self.postsmoothing = postsmoothing
        self.coarsestUnknowns = coarsestUnknowns
        self.isSymmetric = isSymmetric
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
