import Basics
import CReference
import Dynamics

/// The models of Lorenz (1996) on a ring, of one and of two levels, in Fortran (`fortran/lorenz96.F90`).
///
/// One level (`fastPerSector` = 0):
///
///     dX_k/dt = -X_{k-1} (X_{k-2} - X_{k+1}) - X_k + F
///
/// Two levels, with the coupling scaled as by Rasp (2020):
///
///     dX_k/dt           = -X_{k-1} (X_{k-2} - X_{k+1}) - X_k + F - h c mean_j(Y_{j,k})
///     (1/c) dY_{j,k}/dt = -b Y_{j+1,k} (Y_{j+2,k} - Y_{j-1,k}) - Y_{j,k} + (h/J) X_k
///
/// X closes a ring of K, and Y one ring of K * J: Y_{J+1,k} = Y_{1,k+1}. Time is stepped by the classical Runge-Kutta scheme
/// of fourth order. Everything is dimensionless; Lorenz takes the time unit for five days.
///
/// Steps of different states may run at the same time, and give the same bits as one after the other. Rotating a state by
/// whole sectors rotates the result, bit for bit.
///
/// - E. N. Lorenz (1996): Predictability: a problem partly solved. Proc. Seminar on Predictability, ECMWF, vol. 1, 1-18.
/// - S. Rasp (2020): Coupled online learning as a way to tackle instabilities and biases in neural network parameterizations.
///   Geosci. Model Dev. 13, 2185-2196, doi:10.5194/gmd-13-2185-2020.
public struct Lorenz96Model: DynamicalModel {
    public let parameters: Lorenz96Parameters
    /// Time that one step covers, in the model's own unit.
    public let timeStep: Double

    /// Throws `SeicheError` (invalidInput) when the time step or a parameter cannot be used.
    public init(parameters: Lorenz96Parameters = .oneLevel, timeStep: Double = 0.05) throws {
        self.parameters = parameters
        self.timeStep = timeStep
        // Sizes that Int32 cannot count; the Fortran side knows the other rules.
        let (fast, overflow) = parameters.sectors.multipliedReportingOverflow(by: parameters.fastPerSector)
        guard parameters.sectors > 0, parameters.fastPerSector >= 0, !overflow, fast < Int32.max - 4,
            parameters.sectors < Int(Int32.max) - 4 - fast
        else {
            throw failure(Int32(SEICHE_L96_BAD_SIZE), seiche_l96_report(completed_steps: 0, place: -1), during: 0)
        }
        // A run of no steps makes the Fortran side check everything, so that the rules are written once.
        _ = try advance(Lorenz96State(sectors: parameters.sectors, fastPerSector: parameters.fastPerSector), steps: 0)
    }

    /// A state to start from: X_k = F and Y_{j,k} = 0 but for normal deviates times `perturbation`; on the attractor after some
    /// 20 time units. The same seed and index give the same state.
    public func initialState(seed: UInt64, index: Int = 0, perturbation: Double = 0.01) -> Lorenz96State {
        var stream = RandomStream(seed: seed, purpose: "initial state of Lorenz '96", index: index)
        var state = Lorenz96State(sectors: parameters.sectors, fastPerSector: parameters.fastPerSector)
        let deviates = stream.normals(state.vector.count)
        for element in state.vector.indices {
            state.vector[element] = (element < parameters.sectors ? parameters.forcing : 0) + perturbation * deviates[element]
        }
        return state
    }

    /// The state one time step later. Throws as `advance` does.
    public func step(_ state: Lorenz96State) throws -> Lorenz96State {
        try advance(state, steps: 1)
    }

    /// The state `steps` time steps later.
    ///
    /// Throws `SeicheError`: invalidInput for a state of another shape or with values that are not finite,
    /// model when a value overflows.
    public func advance(_ state: Lorenz96State, steps: Int) throws -> Lorenz96State {
        try check(state, named: "state")
        try check(steps: steps)
        var next = state
        var report = seiche_l96_report()
        var c = cParameters
        let status = next.vector.withUnsafeMutableBufferPointer {
            seiche_l96_run(&c, $0.baseAddress!, Int32(steps), &report)
        }
        guard Int(status) == SEICHE_OK else { throw failure(status, report, during: steps) }
        return next
    }

    /// The right-hand side of the equations, d(state)/dt.
    ///
    /// Throws `SeicheError`: invalidInput for a state of another shape or with values that are not finite,
    /// model when a value overflows.
    public func tendency(at state: Lorenz96State) throws -> Lorenz96State {
        try check(state, named: "state")
        var tendency = state
        var report = seiche_l96_report()
        var c = cParameters
        let status = state.vector.withUnsafeBufferPointer { values in
            tendency.vector.withUnsafeMutableBufferPointer {
                seiche_l96_tendency(&c, values.baseAddress!, $0.baseAddress!, &report)
            }
        }
        guard Int(status) == SEICHE_OK else { throw failure(status, report, during: 0) }
        return tendency
    }

    func check(steps: Int) throws {
        guard (0...Int(Int32.max)).contains(steps) else {
            throw SeicheError(.invalidInput, "the number of steps is \(steps)", remedy: "give 0 ... \(Int32.max)")
        }
    }

    /// Throws `SeicheError` (invalidInput) unless a state, perturbation or cotangent has the model's shape.
    func check(_ state: Lorenz96State, named name: String) throws {
        let (sectors, fast) = (parameters.sectors, parameters.fastPerSector)
        guard state.sectors == sectors, state.fastPerSector == fast, state.vector.count == sectors + sectors * fast else {
            throw SeicheError(
                .invalidInput,
                "the \(name) has \(state.sectors) sectors of \(state.fastPerSector) fast variables and \(state.vector.count) values,"
                    + " the model \(sectors) sectors of \(fast)",
                remedy: "use states of the parameters that the model was made with")
        }
    }

    var cParameters: seiche_l96_parameters {
        seiche_l96_parameters(
            k: Int32(parameters.sectors), j: Int32(parameters.fastPerSector), forcing: parameters.forcing, h: parameters.coupling,
            c: parameters.timeScaleRatio, b: parameters.amplitudeRatio, dt: timeStep)
    }
}
