import Basics
import CReference

extension ShallowWaterModel {
    /// The error for a status of the Fortran library: value and place, the library's reason, and its remedy.
    func failure(_ status: Int32, _ report: seiche_sw_report, during steps: Int, from firstStep: Int) -> SeicheError {
        let place = report.i >= 0 ? " at (x, y) = (\(report.i), \(report.j))" : ""
        let time = Double(firstStep + Int(report.completed_steps)) * timeStep
        let step = " in step \(report.completed_steps + 1) of \(steps)" + (firstStep > 0 ? " from state \(firstStep)" : "")
            + ", \(time) s after state 0"
        let (category, what): (SeicheError.Category, String) = switch Int(status) {
        case SEICHE_BAD_SPACING:
            (.invalidInput, "the grid spacing is \(grid.dx) x \(grid.dy) m and the time step \(timeStep) s")
        case SEICHE_BAD_IMPLICITNESS:
            (.invalidInput, "the implicitness is \(parameters.implicitness)")
        case SEICHE_BAD_GRAVITY:
            (.invalidInput, "gravity is \(parameters.gravity) m/s2")
        case SEICHE_BAD_FRICTION:
            (.invalidInput, "the drag is \(parameters.drag), the linear drag \(parameters.linearDrag) 1/s and the lateral friction"
                + " \(parameters.lateralFriction) m2/s")
        case SEICHE_BAD_SOLVER_SETTINGS:
            (.invalidInput, "the solver's tolerance is \(parameters.tolerance) and its maximum \(parameters.maximumIterations) iterations")
        case SEICHE_ZETA_NOT_FINITE:
            (.invalidInput, "the elevation\(place) of the given state is not finite")
        case SEICHE_VELOCITY_NOT_FINITE:
            (.invalidInput, "a velocity\(place) of the given state is not finite")
        case SEICHE_FACE_FELL_DRY:
            (.model, "the total depth on the east or north face\(place) is not positive\(step)")
        case SEICHE_NOT_CONVERGED:
            (.solver, "the elevation solve did not reach \(parameters.tolerance) in \(parameters.maximumIterations) iterations\(step);"
                + " largest relative residual \(report.largest_residual), worst cell\(place)")
        case SEICHE_NOT_FINITE:
            (.model, "the elevation\(place) is not finite\(step)")
        case SEICHE_PERTURBATION_NOT_FINITE:
            (.invalidInput, "a value\(place) of the given perturbation or cotangent is not finite")
        case SEICHE_BAD_ROTATION:
            (.invalidInput, "the Coriolis parameter is \(parameters.coriolis) 1/s in the middle of the grid and its increase beta"
                + " \(parameters.beta) 1/(m s), with an implicitness of \(parameters.implicitness) and a time step of \(timeStep) s")
        case SEICHE_BAD_DENSITY:
            (.invalidInput, "the density of the water is \(parameters.density) kg/m3")
        case SEICHE_BAD_WIND:
            (.invalidInput, forcing?.flawOfWind(on: grid) ?? "the wind cannot be used")
        case SEICHE_BAD_BOUNDARY:
            (.invalidInput, "the open boundary has a cell\(place) that cannot be one")
        case SEICHE_BAD_BOUNDARY_VALUES:
            (.invalidInput, forcing?.flawOfBoundaryValues(on: grid) ?? "the open boundary cannot be used")
        default:
            (.invalidInput, "the shallow-water model failed with status \(status)\(place)")
        }
        return SeicheError(category, what, explaining: status)
    }
}
