import Basics
import CReference
import Dynamics

/// The semi-implicit shallow-water model of Backhaus (1983) as coded in Fortran by K. Logemann.
///
/// Gravity waves and rotation are implicit, bottom drag and lateral friction explicit. Rotation, linear drag, wind and given
/// elevations are off unless asked for. There is no advection of momentum, no wetting and drying. The equations are in
/// `fortran/shallow_water.F90`.
///
/// With forcing that changes with time a step depends on its number: `step(_:number:)` and the like take it, and those
/// without a number refuse.
///
/// Velocities on closed faces of a given state are set to zero; the elevation of dry cells is neither read nor changed.
/// Steps of different states may run at the same time, and give the same bits as one after the other.
public struct ShallowWaterModel: DynamicalModel {
    public let grid: ShallowWaterGrid
    /// Time that one step covers, in s.
    public let timeStep: Double
    public let parameters: ShallowWaterParameters
    /// Wind and open boundary, if any.
    public let forcing: ShallowWaterForcing?
    /// Whether a step depends on its number.
    public let isTimeDependent: Bool

    /// Throws `SeicheError` (invalidInput) when the time step, a parameter or the forcing cannot be used.
    public init(
        grid: ShallowWaterGrid, timeStep: Double, parameters: ShallowWaterParameters = .init(), forcing: ShallowWaterForcing? = nil
    ) throws {
        self.grid = grid
        self.timeStep = timeStep
        self.parameters = parameters
        self.forcing = forcing
        isTimeDependent = !(forcing?.isConstant ?? true)
        guard grid.nx <= Int32.max, grid.ny <= Int32.max, (1...Int(Int32.max)).contains(parameters.maximumIterations) else {
            throw SeicheError(
                .invalidInput, "nx = \(grid.nx), ny = \(grid.ny) or maximumIterations = \(parameters.maximumIterations)"
                    + " is outside 1 ... \(Int32.max)")
        }
        try forcing?.checkShapes(on: grid)
        // A run of no steps makes the Fortran side check everything, so that the rules are written once.
        _ = try advance(ShallowWaterState(nx: grid.nx, ny: grid.ny), steps: 0)
    }

    /// The state one time step later. Throws as `advance` does, and `SeicheError` (invalidInput) when forcing changes with time.
    public func step(_ state: ShallowWaterState) throws -> ShallowWaterState {
        try checkAutonomous()
        return try step(state, number: 0)
    }

    /// State `number` + 1 of a run from its state `number`. Throws as `advance` does.
    public func step(_ state: ShallowWaterState, number: Int) throws -> ShallowWaterState {
        try advance(state, steps: 1, firstStep: number).state
    }

    /// The state `steps` time steps later, and what the elevation solves took.
    ///
    /// - Parameter firstStep: number of the given state in its run, which tells forcing the time; without forcing of no effect. A run in
    ///   two halves, the second with `firstStep` where the first ended, gives the same bits as a whole one.
    ///
    /// Throws `SeicheError`: invalidInput for a state of another shape or with values that are not finite,
    /// solver when an elevation solve does not converge, model when a face falls dry or a value overflows.
    public func advance(
        _ state: ShallowWaterState, steps: Int, firstStep: Int = 0
    ) throws -> (state: ShallowWaterState, statistics: SolveStatistics) {
        try checkShape(of: state, named: "state")
        try checkSteps(steps, from: firstStep)
        var next = state
        var report = seiche_sw_report()
        let cells = grid.cellCount
        let status = withLibrary(steps: steps, from: firstStep) { parameters, forcing, depth in
            next.vector.withUnsafeMutableBufferPointer { vector in
                // zeta, u and v lie one after the other (see `ShallowWaterState.vector`).
                let zeta = vector.baseAddress!
                return seiche_sw_run(
                    parameters, forcing, depth, zeta, zeta + cells, zeta + 2 * cells, Int32(firstStep), Int32(steps), &report)
            }
        }
        guard Int(status) == SEICHE_OK else { throw failure(status, report, during: steps, from: firstStep) }
        return (next, SolveStatistics(
            solves: Int(report.completed_steps), totalIterations: Int(report.total_iterations),
            mostIterations: Int(report.most_iterations), largestResidual: report.largest_residual))
    }

    /// The coefficients of the elevation system that a step from elevation `zeta` (m, [y, x], `grid.cellCount` values) solves.
    ///
    /// Throws `SeicheError`: invalidInput for a wrong count or values that are not finite in wet cells,
    /// model when the surface lies below the bed on an open face.
    public func elevationStencil(zeta: [Double]) throws -> ElevationStencil {
        let cells = grid.cellCount
        guard zeta.count == cells else {
            throw SeicheError(.invalidInput, "the elevation has \(zeta.count) values, the grid \(grid.nx) x \(grid.ny) = \(cells)")
        }
        let zeros = [Double](repeating: 0, count: cells)
        var stencil = ElevationStencil(east: zeros, west: zeros, north: zeros, south: zeros)
        var report = seiche_sw_report()
        var c = cParameters
        let status = seiche_sw_stencil(
            &c, grid.depth, zeta, &stencil.east, &stencil.west, &stencil.north, &stencil.south, &report)
        guard Int(status) == SEICHE_OK else { throw failure(status, report, during: 1, from: 0) }
        return stencil
    }

    /// Throws `SeicheError` (invalidInput) unless a state, perturbation or cotangent fits the grid.
    func checkShape(of state: ShallowWaterState, named name: String) throws {
        guard state.nx == grid.nx, state.ny == grid.ny, state.vector.count == 3 * grid.cellCount else {
            throw SeicheError(
                .invalidInput,
                "the \(name) has \(state.nx) x \(state.ny) cells and \(state.vector.count) values, the model's grid \(grid.nx) x \(grid.ny) cells",
                remedy: "use states of the grid that the model was made with")
        }
    }

    /// Throws `SeicheError` (invalidInput) unless the steps can be counted.
    func checkSteps(_ steps: Int, from firstStep: Int) throws {
        guard (0...Int(Int32.max)).contains(steps) else {
            throw SeicheError(.invalidInput, "the number of steps is \(steps)", remedy: "give 0 or more")
        }
        guard (0...Int(Int32.max) - steps).contains(firstStep) else {
            throw SeicheError(
                .invalidInput, "the number of the given state is \(firstStep)",
                remedy: "states count from 0 at the start of the run, to \(Int32.max)")
        }
    }

    /// Throws `SeicheError` (invalidInput) when a step without its number has no meaning.
    func checkAutonomous() throws {
        guard isTimeDependent else { return }
        throw SeicheError(
            .invalidInput, "a step was asked for without its number", why: "this model's wind or open boundary changes with time",
            remedy: "use the call that takes the number of the state in its run")
    }

    /// Calls the Fortran library with parameters, forcing and depth; the pointers live as long as the call.
    func withLibrary<Result>(
        steps: Int, from firstStep: Int,
        _ body: (UnsafePointer<seiche_sw_parameters>, UnsafePointer<seiche_sw_forcing>?, UnsafePointer<Double>) throws -> Result
    ) rethrows -> Result {
        var c = cParameters
        return try grid.depth.withUnsafeBufferPointer { depth in
            guard let forcing else { return try body(&c, nil, depth.baseAddress!) }
            let (first, last) = (forcing.startTime + Double(firstStep) * timeStep, forcing.startTime + Double(firstStep + steps) * timeStep)
            // Of a run of no steps, which checks the forcing, and of times that are not numbers the library sees everything.
            let span = steps > 0 && first <= last ? first...last : nil
            return try forcing.withLibraryForcing(on: grid, span: span) { try body(&c, $0, depth.baseAddress!) }
        }
    }

    var cParameters: seiche_sw_parameters {
        seiche_sw_parameters(
            nx: Int32(grid.nx), ny: Int32(grid.ny), dx: grid.dx, dy: grid.dy, dt: timeStep, gravity: parameters.gravity,
            wimp: parameters.implicitness, cd: parameters.drag, ah: parameters.lateralFriction, tolerance: parameters.tolerance,
            max_iterations: Int32(parameters.maximumIterations), linear: parameters.isLinear ? 1 : 0,
            linear_drag: parameters.linearDrag, coriolis: parameters.coriolis, beta: parameters.beta, density: parameters.density,
            periodic_x: grid.periodicX ? 1 : 0, periodic_y: grid.periodicY ? 1 : 0)
    }
}
