import Basics
import CReference

extension Lorenz96Model {
    /// The error for a status of the Fortran library: value and place, the library's reason, and its remedy.
    ///
    /// `derivative` names what a derivative was applied to.
    func failure(_ status: Int32, _ report: seiche_l96_report, during steps: Int, derivative: String? = nil) -> SeicheError {
        let place = name(ofElement: Int(report.place))
        let (category, what): (SeicheError.Category, String) = switch Int(status) {
        case SEICHE_L96_BAD_SIZE:
            (.invalidInput, "the ring has \(parameters.sectors) sectors of \(parameters.fastPerSector) fast variables")
        case SEICHE_L96_BAD_TIME_STEP:
            (.invalidInput, "the time step is \(timeStep)")
        case SEICHE_L96_BAD_FORCING:
            (.invalidInput, "the forcing is \(parameters.forcing)")
        case SEICHE_L96_BAD_COUPLING:
            (.invalidInput, "h is \(parameters.coupling), c is \(parameters.timeScaleRatio) and b is \(parameters.amplitudeRatio)")
        case SEICHE_L96_STATE_NOT_FINITE:
            (.invalidInput, "\(place) of the given state is not finite")
        case SEICHE_PERTURBATION_NOT_FINITE:
            (.invalidInput, report.place < 0 ? "the perturbation of a coefficient is not finite"
                : "\(place) of the given \(derivative ?? "perturbation") is not finite")
        case SEICHE_L96_NOT_FINITE:
            (.model, steps > 0 ? "\(place)\(derivative == nil ? "" : " or its derivative") is not finite in step \(report.completed_steps + 1) of \(steps)"
                : "the tendency of \(place) is not finite")
        case SEICHE_OUT_OF_MEMORY:
            (.invalidInput, "there is no memory for \(parameters.sectors) sectors of \(parameters.fastPerSector) fast variables"
                + (derivative == nil ? "" : " and derivatives of \(steps) steps"))
        default:
            (.invalidInput, "the Lorenz '96 model failed with status \(status)")
        }
        return SeicheError(category, what, explaining: status)
    }

    /// X_k or Y_{j,k}, counted from 0 as in `Lorenz96State`.
    private func name(ofElement element: Int) -> String {
        guard element >= parameters.sectors else { return "X at k = \(element)" }
        let fast = element - parameters.sectors
        return "Y at j = \(fast % parameters.fastPerSector), k = \(fast / parameters.fastPerSector)"
    }
}
