import Basics

/// Physical and numerical parameters of the semi-implicit shallow-water scheme; the defaults are K. Logemann's.
public struct ShallowWaterParameters: Equatable, Sendable {
    /// Acceleration of gravity in m/s2, positive.
    public var gravity: Double
    /// Weight of the new time level in gravity waves: 0.5 conserves energy, 1 damps most.
    /// Below 0.5 the scheme is unstable and is refused.
    public var implicitness: Double
    /// Coefficient of quadratic bottom drag, per velocity component (u * |u|), dimensionless, not negative.
    public var drag: Double
    /// Lateral friction in m2/s, not negative; no slip at closed faces. It is stepped explicitly:
    /// keep `timeStep * lateralFriction` well below a quarter of the squared grid spacing.
    public var lateralFriction: Double
    /// The elevation solve stops at ||residual|| <= tolerance * ||right-hand side||.
    public var tolerance: Double
    /// Iterations that one elevation solve may take before the step fails.
    public var maximumIterations: Int
    /// Whether the total depth on faces is the undisturbed depth, which makes the waves linear.
    /// Drag stays quadratic: set `drag` to 0 for a linear model, and `linearDrag` in its place.
    public var isLinear: Bool
    /// Linear bottom drag in 1/s, beside the quadratic one; not negative.
    public var linearDrag: Double
    /// Coriolis parameter in the middle of the grid, in 1/s; 0 switches rotation off. implicitness * timeStep * f may be 0.9 at most.
    public var coriolis: Double
    /// Its increase along y, df/dy in 1/(m s); 0 on a grid that is periodic along y.
    public var beta: Double
    /// Of the water, in kg/m3, positive: what the wind has to move.
    public var density: Double

    public init(
        gravity: Double = 9.81, implicitness: Double = 0.5, drag: Double = 1e-3, lateralFriction: Double = 1000,
        tolerance: Double = 1e-12, maximumIterations: Int = 10_000, isLinear: Bool = false, linearDrag: Double = 0, coriolis: Double = 0,
        beta: Double = 0, density: Double = 1025
    ) {
        self.gravity = gravity
        self.implicitness = implicitness
        self.drag = drag
        self.lateralFriction = lateralFriction
        self.tolerance = tolerance
        self.maximumIterations = maximumIterations
        self.isLinear = isLinear
        self.linearDrag = linearDrag
        self.coriolis = coriolis
        self.beta = beta
        self.density = density
    }
}

/// What the elevation solves of a run cost and reached.
public struct SolveStatistics: Equatable, Sendable {
    /// Number of elevation solves: the time steps taken.
    public var solves: Int
    /// Iterations of all solves together.
    public var totalIterations: Int
    /// Iterations of the longest solve.
    public var mostIterations: Int
    /// Largest ||residual|| / ||right-hand side|| of all solves.
    public var largestResidual: Double

    public init(solves: Int = 0, totalIterations: Int = 0, mostIterations: Int = 0, largestResidual: Double = 0) {
        self.solves = solves
        self.totalIterations = totalIterations
        self.mostIterations = mostIterations
        self.largestResidual = largestResidual
    }
}

/// Coefficients of the elevation system of one step, each [y, x], dimensionless, 0 across closed faces:
///
///     (1 + east + west + north + south) * z - east * z(i+1) - west * z(i-1) - north * z(j+1) - south * z(j-1) = b
public struct ElevationStencil: Equatable, Sendable {
    public var east: [Double]
    public var west: [Double]
    public var north: [Double]
    public var south: [Double]
}
