import Basics
import Dynamics

/// A state and, behind it, parameters that steps leave as they are: what 4D-Var estimates jointly is one vector to it (Navon 1998).
public struct AugmentedState<State: DynamicalState>: DynamicalState {
    public var state: State
    /// Each in the variable of its `ParameterTransform`.
    public var parameters: [Double]

    public init(_ state: State, parameters: [Double]) { (self.state, self.parameters) = (state, parameters) }

    /// The state's vector, then the parameters.
    public var vector: [Double] {
        get { state.vector + parameters }
        set {
            let size = newValue.count - parameters.count
            state.vector = Array(newValue[..<size])
            parameters = Array(newValue[size...])
        }
    }
}

/// (x, t) -> (M(x, p(t)), t): a model beside some of its parameters. All of the room's methods then estimate both.
///
/// - I. M. Navon (1998): Practical and theoretical aspects of adjoint parameter estimation and identifiability in meteorology and oceanography.
///   Dyn. Atmos. Oceans 27, 55-79.
public struct AugmentedModel<Model: ParametricModel>: TangentLinearModel, AdjointModel {
    /// Gives the parameters that are not estimated.
    public let model: Model
    /// The estimated ones.
    public let estimated: [ModelParameter]
    public let transforms: [ParameterTransform]
    private let places: [Int]

    /// - Parameter names: of the parameters to estimate.
    /// - Throws: `SeicheError` (invalidInput) for a name that the model does not have, or one given twice.
    public init(_ model: Model, estimating names: [String]) throws {
        let all = model.modelParameters
        places = try names.enumerated().map { index, name in
            guard let place = all.firstIndex(where: { $0.name == name }), !names[..<index].contains(name) else {
                throw SeicheError(
                    .invalidInput, "the parameter '\(name)' cannot be estimated" + (names[..<index].contains(name) ? " twice" : ""),
                    remedy: "this model's parameters are \(all.map(\.name).joined(separator: ", "))")
            }
            return place
        }
        self.model = model
        estimated = places.map { all[$0] }
        transforms = estimated.map { ParameterTransform($0.range) }
    }

    public var timeStep: Double { model.timeStep }

    /// A state beside values of the estimated parameters, in their own units. Throws `SeicheError` (invalidInput) for values out of bounds.
    public func augmented(_ state: Model.State, values: [Double]) throws -> AugmentedState<Model.State> {
        try checkCount(values.count, transforms.count, "values of parameters", "the model's estimated ones")
        return AugmentedState(state, parameters: try zip(transforms, values).map { try $0.unbounded($1) })
    }

    /// p(t) of the estimated parameters.
    public func values(_ parameters: [Double]) -> [Double] { zip(transforms, parameters).map { $0.value($1) } }

    /// The model with p(t). Throws `SeicheError` (model) where p overflows, so that a minimiser's trial counts as too far.
    public func model(with parameters: [Double]) throws -> Model {
        try checkCount(parameters.count, places.count, "parameters of a state", "the model's estimated ones")
        var all = model.modelParameters.map(\.value)
        for (place, value) in zip(places, values(parameters)) {
            guard value.isFinite else { throw SeicheError(.model, "the parameter \(model.modelParameters[place].name) has become \(value)") }
            all[place] = value
        }
        return try model.withParameters(all)
    }

    public func step(_ state: AugmentedState<Model.State>) throws -> AugmentedState<Model.State> {
        AugmentedState(try model(with: state.parameters).step(state.state), parameters: state.parameters)
    }

    public func step(_ state: AugmentedState<Model.State>, number: Int) throws -> AugmentedState<Model.State> {
        AugmentedState(try model(with: state.parameters).step(state.state, number: number), parameters: state.parameters)
    }

    public func tangentStep(
        at state: AugmentedState<Model.State>, applying perturbation: AugmentedState<Model.State>
    ) throws -> AugmentedState<Model.State> {
        try tangentStep(at: state, number: 0, applying: perturbation)
    }

    public func tangentStep(
        at state: AugmentedState<Model.State>, number: Int, applying perturbation: AugmentedState<Model.State>
    ) throws -> AugmentedState<Model.State> {
        var changes = [Double](repeating: 0, count: model.modelParameters.count)
        for (k, place) in places.enumerated() { changes[place] = transforms[k].slope(state.parameters[k]) * perturbation.parameters[k] }
        let changed = try model(with: state.parameters).tangentStep(
            at: state.state, number: number, applying: perturbation.state, parameters: changes)
        return AugmentedState(changed, parameters: perturbation.parameters)
    }

    public func adjointStep(
        at state: AugmentedState<Model.State>, applying cotangent: AugmentedState<Model.State>
    ) throws -> AugmentedState<Model.State> {
        try adjointStep(at: state, number: 0, applying: cotangent)
    }

    public func adjointStep(
        at state: AugmentedState<Model.State>, number: Int, applying cotangent: AugmentedState<Model.State>
    ) throws -> AugmentedState<Model.State> {
        let gradient = try model(with: state.parameters).parametricAdjointStep(at: state.state, number: number, applying: cotangent.state)
        let parameters = places.enumerated().map { k, place in
            cotangent.parameters[k] + transforms[k].slope(state.parameters[k]) * gradient.parameters[place]
        }
        return AugmentedState(gradient.state, parameters: parameters)
    }
}

/// Observations of the state, taken of an augmented one: parameters are not seen directly.
public struct AugmentedObservations: ObservationOperator {
    public let ofState: any ObservationOperator
    public let parameterCount: Int

    public init(_ ofState: any ObservationOperator, parameterCount: Int) { (self.ofState, self.parameterCount) = (ofState, parameterCount) }

    public var stateSize: Int { ofState.stateSize + parameterCount }
    public var count: Int { ofState.count }

    public func apply(_ state: [Double]) throws -> [Double] { try ofState.apply(state.dropLast(parameterCount)) }

    public func tangent(at state: [Double], applying perturbation: [Double]) throws -> [Double] {
        try ofState.tangent(at: state.dropLast(parameterCount), applying: perturbation.dropLast(parameterCount))
    }

    public func adjoint(at state: [Double], applying cotangent: [Double]) throws -> [Double] {
        try ofState.adjoint(at: state.dropLast(parameterCount), applying: cotangent) + [Double](repeating: 0, count: parameterCount)
    }
}

extension ObservationWindow {
    /// The same observations of states with so many parameters behind them.
    public func augmented(parameterCount: Int) throws -> ObservationWindow {
        try ObservationWindow(
            firstStep: firstStep, steps: steps,
            batches: batches.map {
                try ObservationBatch(
                    step: $0.step, AugmentedObservations($0.observationOperator, parameterCount: parameterCount), values: $0.values,
                    variances: $0.variances)
            })
    }
}

/// The covariance of a state without errors: it has no control at all.
public struct KnownValues: ErrorCovariance, Equatable {
    public let stateSize: Int

    public init(count: Int) { stateSize = max(0, count) }

    public var controlSize: Int { 0 }
    public var variances: [Double] { [Double](repeating: 0, count: stateSize) }

    public func root(times control: [Double]) throws -> [Double] {
        try checkCount(control.count, 0, "values of a control", "values that are known")
        return variances
    }

    public func rootTransposed(times state: [Double]) throws -> [Double] {
        try checkCount(state.count, stateSize, "values of a state", "values that are known")
        return []
    }
}
