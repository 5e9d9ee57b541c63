import Basics
import Dynamics
import Optimisation

/// The cost of 4D-Var over a window, in the control variable v (Le Dimet and Talagrand 1986; Courtier et al. 1994):
///
///     J(v) = |v|^2 / 2 + sum over observation times of (y - H(x_k))^T R^-1 (y - H(x_k)) / 2,
///     x_0 = x_b + B^(1/2) v_0,   x_{k+1} = M_k(x_k) + Q^(1/2) v_{k+1}.
///
/// With strong constraint the model is perfect: Q = 0 and v = v_0. With weak constraint every step has an error of its own with covariance Q, and
/// v = (v_0, v_1 ... v_n) (Tremolet 2006, in the formulation with forcing).
///
/// - F.-X. Le Dimet, O. Talagrand (1986): Variational algorithms for analysis and assimilation of meteorological observations: theoretical aspects.
///   Tellus 38A, 97-110.
/// - P. Courtier, J.-N. Thepaut, A. Hollingsworth (1994): A strategy for operational implementation of 4D-Var, using an incremental approach.
///   Q. J. R. Meteorol. Soc. 120, 1367-1387.
/// - Y. Tremolet (2006): Accounting for an imperfect model in 4D-Var. Q. J. R. Meteorol. Soc. 132, 2483-2504.
public struct WindowCost<Model: AdjointModel>: Sendable {
    public let model: Model
    /// x_b, at the beginning of the window.
    public let background: Model.State
    public let window: ObservationWindow
    /// B
    public let covariance: any ErrorCovariance
    /// Q; nil for strong constraint.
    public let modelErrorCovariance: (any ErrorCovariance)?
    public let memory: TrajectoryMemory
    let batchesByState: [[Int]]

    /// The two terms of J.
    public struct Terms: Equatable, Sendable {
        /// |v|^2 / 2
        public var background: Double
        public var observations: Double
        /// J
        public var total: Double { background + observations }
    }

    /// Throws `SeicheError` (invalidInput) where background, covariances and observations are of states of different sizes.
    public init(
        model: Model, background: Model.State, window: ObservationWindow, covariance: any ErrorCovariance,
        modelErrorCovariance: (any ErrorCovariance)? = nil, memory: TrajectoryMemory = .stored
    ) throws {
        let size = background.vector.count
        try checkCount(covariance.stateSize, size, "values of a state in the background covariance", "the background's state")
        if let modelErrorCovariance {
            try checkCount(modelErrorCovariance.stateSize, size, "values of a state in the model error covariance", "the background's state")
        }
        for batch in window.batches {
            try checkCount(
                batch.observationOperator.stateSize, size, "values of a state in the observations of step \(batch.step)", "the background's state")
        }
        (self.model, self.background, self.window, self.covariance) = (model, background, window, covariance)
        (self.modelErrorCovariance, self.memory, batchesByState) = (modelErrorCovariance, memory, window.batchesByState)
    }

    /// Values of v.
    public var controlSize: Int { covariance.controlSize + window.steps * (modelErrorCovariance?.controlSize ?? 0) }

    /// x_0 for a control.
    public func initialState(_ control: [Double]) throws -> Model.State {
        try checkCount(control.count, controlSize, "values of a control", "the window's covariances")
        var state = background
        let increment = try covariance.root(times: Array(control[..<covariance.controlSize]))
        for k in increment.indices { state.vector[k] += increment[k] }
        return state
    }

    /// The states of the window for a control. Throws what the model throws.
    func trajectory(_ control: [Double], memory: TrajectoryMemory) throws -> WindowTrajectory<Model> {
        let forcing = modelErrorCovariance == nil ? [] : try (0..<window.steps).map { try self.forcing($0, of: control) }
        return try WindowTrajectory(
            model, from: initialState(control), firstStep: window.firstStep, steps: window.steps, forcing: forcing, memory: memory)
    }

    /// Q^(1/2) v_{step + 1}, of strong constraint nothing.
    func forcing(_ step: Int, of control: [Double]) throws -> [Double] {
        guard let modelErrorCovariance else { return [] }
        return try modelErrorCovariance.root(times: Array(control[forcingRange(step)]))
    }

    /// Where v_{step + 1} lies in v.
    func forcingRange(_ step: Int) -> Range<Int> {
        let size = modelErrorCovariance?.controlSize ?? 0
        let first = covariance.controlSize + step * size
        return first..<first + size
    }

    /// J, its terms and its gradient, by one run of the model and one of its adjoint.
    ///
    /// Throws what model, operators and covariances throw.
    public func evaluate(_ control: [Double]) throws -> (evaluation: Evaluation, terms: Terms) {
        let trajectory = try trajectory(control, memory: memory)
        var terms = Terms(background: 0.5 * inner(control, control), observations: 0)
        var gradient = try adjointSweep(trajectory) { batch, state in
            let departures = try window.batches[batch].departures(from: state)
            terms.observations += window.batches[batch].cost(departures)
            return window.batches[batch].weighted(departures).map { -$0 }
        }
        add(1, control, to: &gradient)
        return (Evaluation(value: terms.total, gradient: gradient), terms)
    }

    /// The gradient with respect to v of the sum over batches of <cotangent, H(x_k)>: B^(T/2), and Q^(T/2), times what the adjoint model carries
    /// back.
    ///
    /// - Parameter cotangent: of a batch, by its index and the state it observes.
    func adjointSweep(
        _ trajectory: WindowTrajectory<Model>, cotangent: (_ batch: Int, _ state: [Double]) throws -> [Double]
    ) throws -> [Double] {
        var gradient = [Double](repeating: 0, count: controlSize)
        // Nil behind the last observation, where it is zero.
        var adjoint: Model.State?
        try trajectory.backward { k, state in
            if k < window.steps, let later = adjoint {
                if let modelErrorCovariance {
                    gradient.replaceSubrange(forcingRange(k), with: try modelErrorCovariance.rootTransposed(times: later.vector))
                }
                adjoint = try model.adjointStep(at: state, number: window.firstStep + k, applying: later)
            }
            let vector = state.vector
            for batch in batchesByState[k] {
                let share = try window.batches[batch].observationOperator.adjoint(at: vector, applying: cotangent(batch, vector))
                var sum = adjoint?.vector ?? [Double](repeating: 0, count: vector.count)
                add(1, share, to: &sum)
                var state = state
                state.vector = sum
                adjoint = state
            }
        }
        if let adjoint { gradient.replaceSubrange(0..<covariance.controlSize, with: try covariance.rootTransposed(times: adjoint.vector)) }
        return gradient
    }

    /// y - H(x_k) of every batch for a control, and the last state of the window.
    public func departures(_ control: [Double]) throws -> (departures: [[Double]], final: Model.State) {
        var found: [[Double]] = []
        var final = background
        // One look at each state needs none of them held.
        try trajectory(control, memory: .checkpointed(states: 1)).forward { k, state in
            let vector = state.vector
            for batch in batchesByState[k] { found.append(try window.batches[batch].departures(from: vector)) }
            if k == window.steps { final = state }
        }
        return (found, final)
    }
}
