/// What a reference model and an emulator have in common: they step a state.
///
/// Rollout, comparison, derivative checks, assimilation and output are written once, against this protocol.
public protocol DynamicalModel<State>: Sendable {
    associatedtype State: DynamicalState

    /// Time that one `step` covers, in s; in the model's own unit where the model is dimensionless.
    var timeStep: Double { get }

    /// The state one time step later. Throws `SeicheError` when a solve fails or the model leaves its range of validity, and where
    /// the step depends on time: then its number must be given.
    func step(_ state: State) throws -> State

    /// State `number` + 1 of a run from its state `number`, counted from 0: what forcing that changes with time needs to know.
    /// An autonomous model, the default, steps alike at every number.
    func step(_ state: State, number: Int) throws -> State
}

extension DynamicalModel {
    public func step(_ state: State, number: Int) throws -> State { try step(state) }
}

/// A model whose one-step Jacobian can be applied to a perturbation, by a hand-written tangent-linear in the Fortran models.
public protocol TangentLinearModel<State>: DynamicalModel {
    /// J(state) * perturbation, in the units of `State.vector`: the change, to first order, of step(state) when the state changes.
    func tangentStep(at state: State, applying perturbation: State) throws -> State

    /// The same for the step from state `number` of a run; an autonomous model ignores the number.
    func tangentStep(at state: State, number: Int, applying perturbation: State) throws -> State

    /// J(state) * each of the perturbations, for models to which many at once cost less than one after the other, the default.
    func tangentSteps(at state: State, applying perturbations: [State]) throws -> [State]
}

extension TangentLinearModel {
    public func tangentStep(at state: State, number: Int, applying perturbation: State) throws -> State {
        try tangentStep(at: state, applying: perturbation)
    }

    public func tangentSteps(at state: State, applying perturbations: [State]) throws -> [State] {
        try perturbations.map { try tangentStep(at: state, applying: $0) }
    }
}

/// A model whose one-step Jacobian can be applied from the left: by reverse-mode differentiation in emulators,
/// by a hand-written adjoint in the Fortran models.
public protocol AdjointModel<State>: DynamicalModel {
    /// J(state)^T * cotangent, in the units of `State.vector`: the gradient of <cotangent, step(state)> with respect to the state.
    func adjointStep(at state: State, applying cotangent: State) throws -> State

    /// The same for the step from state `number` of a run; an autonomous model ignores the number.
    func adjointStep(at state: State, number: Int, applying cotangent: State) throws -> State
}

extension AdjointModel {
    public func adjointStep(at state: State, number: Int, applying cotangent: State) throws -> State {
        try adjointStep(at: state, applying: cotangent)
    }
}

/// A model state that is also a flat vector in SI units, or dimensionless where its model is.
public protocol DynamicalState: Equatable, Sendable {
    /// All degrees of freedom, in the state's own documented order.
    var vector: [Double] { get set }
}
