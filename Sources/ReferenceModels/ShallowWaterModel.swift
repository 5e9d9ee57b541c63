import Basics
import CReference
import Dynamics

/// The semi-implicit shallow-water model of Backhaus (1983) as coded in Fortran by K. Logemann.
///
/// Gravity waves are implicit, bottom drag and lateral friction explicit. There is no advection of momentum, no wetting
/// and drying, no rotation and no forcing. The equations are in `fortran/shallow_water.f90`.
///
/// Velocities on closed faces of a given state are set to zero; the elevation of dry cells is neither read nor changed.
/// Steps of different states may run at the same time, and give the same bits as one after the other.
public struct ShallowWaterModel: DynamicalModel {
    public let grid: ShallowWaterGrid
    /// Time that one step covers, in s.
    public let timeStep: Double
    public let parameters: ShallowWaterParameters

    /// Throws `SeicheError` (invalidInput) when the time step or a parameter cannot be used.
    public init(grid: ShallowWaterGrid, timeStep: Double, parameters: ShallowWaterParameters = .init()) throws {
        self.grid = grid
        self.timeStep = timeStep
        self.parameters = parameters
        guard grid.nx <= Int32.max, grid.ny <= Int32.max, (1...Int(Int32.max)).contains(parameters.maximumIterations) else {
            throw SeicheError(
                .invalidInput, "nx = \(grid.nx), ny = \(grid.ny) or maximumIterations = \(parameters.maximumIterations)"
                    + " is outside 1 ... \(Int32.max)")
        }
        // A run of no steps makes the Fortran side check everything, so that the rules are written once.
        _ = try advance(ShallowWaterState(nx: grid.nx, ny: grid.ny), steps: 0)
    }

    /// The state one time step later. Throws as `advance` does.
    public func step(_ state: ShallowWaterState) throws -> ShallowWaterState {
        try advance(state, steps: 1).state
    }

    /// The state `steps` time steps later, and what the elevation solves took.
    ///
    /// Throws `SeicheError`: invalidInput for a state of another shape or with values that are not finite,
    /// solver when an elevation solve does not converge, model when a face falls dry or a value overflows.
    public func advance(
        _ state: ShallowWaterState, steps: Int
    ) throws -> (state: ShallowWaterState, statistics: SolveStatistics) {
        try checkShape(of: state, named: "state")
        guard (0...Int(Int32.max)).contains(steps) else {
            throw SeicheError(.invalidInput, "the number of steps is \(steps)", remedy: "give 0 or more")
        }
        var next = state
        var report = seiche_sw_report()
        var c = cParameters
        let cells = grid.cellCount
        let status = grid.depth.withUnsafeBufferPointer { depth in
            next.vector.withUnsafeMutableBufferPointer { vector in
                // zeta, u and v lie one after the other (see `ShallowWaterState.vector`).
                let zeta = vector.baseAddress!
                return seiche_sw_run(&c, nil, depth.baseAddress!, zeta, zeta + cells, zeta + 2 * cells, 0, Int32(steps), &report)
            }
        }
        guard Int(status) == SEICHE_OK else { throw failure(status, report, during: steps) }
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
        guard Int(status) == SEICHE_OK else { throw failure(status, report, during: 1) }
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

    var cParameters: seiche_sw_parameters {
        seiche_sw_parameters(
            nx: Int32(grid.nx), ny: Int32(grid.ny), dx: grid.dx, dy: grid.dy, dt: timeStep, gravity: parameters.gravity,
            wimp: parameters.implicitness, cd: parameters.drag, ah: parameters.lateralFriction, tolerance: parameters.tolerance,
            max_iterations: Int32(parameters.maximumIterations), linear: parameters.isLinear ? 1 : 0, linear_drag: 0, coriolis: 0, beta: 0,
            density: 1025, periodic_x: 0, periodic_y: 0)
    }
}
