import Tensors

/// A 5-point matrix made ready for `RedBlackGaussSeidel`.
public struct RedBlackFactorization<Scalar: TensorScalar>: StencilFactorization {
    public let solver: RedBlackGaussSeidel
    public let stencil: FivePointStencil<Scalar>
    /// The over-relaxation factor that is used.
    public let relaxation: Double

    /// Sweeps between two looks at the residual, which cost about a sweep each.
    private static var checkInterval: Int { 6 }
    /// Looks at the residual without a fall by a hundredth before the solve is called stagnated. What falls more slowly than that
    /// gains nothing within any sensible limit of sweeps. Over-relaxation near 2 lets the residual grow for some 1 / (2 - factor) sweeps first.
    private var patience: Int { 8 + Int(min(1000, 1 / max(2 - relaxation, 1e-3))) }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    init(solver: RedBlackGaussSeidel, stencil: FivePointStencil<Scalar>) {
        self.solver = solver
        self.stencil = stencil
        switch solver.relaxation {
        case .fixed(let factor): relaxation = factor
        case .automatic:
            let mu = stencil.jacobiBound()
            let isSuited = mu < 1 && stencil.plane(.center).allSatisfy { $0 > 0 } && stencil.isSymmetric()
            relaxation = isSuited ? 2 / (1 + (1 - mu * mu).squareRoot()) : 1
        }
    }

    /// The transposed matrix with the same settings. Symmetry and the optimal factor are the transpose's as well,
    /// but its rows, not this matrix's, decide dominance.
    public func transposed() -> RedBlackFactorization {
        stencil.isSymmetric() ? self : RedBlackFactorization(solver: solver, stencil: stencil.transposed())
    }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public func solve(_ b: [Scalar], startingFrom guess: [Scalar]?) -> (solution: [Scalar], report: SolveReport) {
        let (ny, nx) = (stencil.ny, stencil.nx)
        precondition(b.count == ny * nx && (guess == nil || guess?.count == b.count), "the right-hand side does not fit the matrix")
        func report(_ status: SolveReport.Status, _ sweeps: Int, _ residual: Double) -> SolveReport {
            SolveReport(status: status, iterations: sweeps, relativeResidual: residual, tolerance: solver.tolerance)
        }
        let largest = b.reduce(0.0) { max($0, abs(Double($1))) }
        let scale = largest * b.reduce(0.0) { $0 + Double($1) / largest * (Double($1) / largest) }.squareRoot()
        if largest == 0 && b.allSatisfy({ $0 == 0 }) { return ([Scalar](repeating: 0, count: b.count), report(.converged, 0, 0)) }
        guard scale.isFinite else { return (guess ?? b, report(.notFinite, 0, .nan)) }

        // A cotangent can be as small as 1e-30, or in double precision 1e-200: divided by its norm, which is taken in units of its
        // largest element, its squares neither underflow nor lose the stopping test.
        let normalised = b.map { Scalar(Double($0) / scale) }
        let planes = PaddedPlanes<Scalar>(count: 7, ny: ny, nx: nx)
        let center = stencil.plane(.center)
        guard !center.contains(0) else { return (guess ?? b, report(.zeroDiagonal, 0, .nan)) }
        planes.load(0, center)
        for (plane, direction) in zip(1...4, [FivePointStencil<Scalar>.Plane.east, .west, .north, .south]) {
            planes.load(plane, Self.quotients(stencil.plane(direction), center))
        }
        planes.load(5, Self.quotients(normalised[...], center))
        if let guess { planes.load(6, guess.map { Scalar(Double($0) / scale) }[...]) }
        let system = ScaledSystem<Scalar>(
            diagonal: planes.origin(0), east: planes.origin(1), west: planes.origin(2), north: planes.origin(3),
            south: planes.origin(4), b: planes.origin(5), rowStride: planes.rowStride, ny: ny, nx: nx)
        let y = planes.origin(6)

        var residual = squaredResidual(system, y).squareRoot()
        if guess != nil, !(residual <= 1) {
            // A guess that is worse than zero is no help; one that is far too large would not even have a square in Float.
            planes.load(6, [Scalar](repeating: 0, count: b.count)[...])
            residual = squaredResidual(system, y).squareRoot()
        }
        var lastProgress = residual
        var looksWithoutProgress = 0
        var sweeps = 0
        var status = SolveReport.Status.converged
        while !(residual <= solver.tolerance) {
            if !residual.isFinite { status = .notFinite; break }
            if sweeps >= solver.maximumSweeps { status = .iterationLimit; break }
            if looksWithoutProgress >= patience { status = .stagnated; break }
            for _ in 0..<min(Self.checkInterval, solver.maximumSweeps - sweeps) {
                relaxColour(system, y, colour: 0, relaxation: Scalar(relaxation))
                relaxColour(system, y, colour: 1, relaxation: Scalar(relaxation))
                sweeps += 1
            }
            residual = squaredResidual(system, y).squareRoot()
            looksWithoutProgress += 1
            if residual < 0.99 * lastProgress { (lastProgress, looksWithoutProgress) = (residual, 0) }
        }
        let solution = planes.unload(6).map { Scalar(Double($0) * scale) }
        return (solution, report(status, sweeps, residual))
    }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    private static func quotients(_ values: ArraySlice<Scalar>, _ divisors: ArraySlice<Scalar>) -> ArraySlice<Scalar> {
        zip(values, divisors).map { $0 / $1 }[...]
    }
}
