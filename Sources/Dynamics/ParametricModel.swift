/// A coefficient of a model's equations, which observations may tell more about than is known.
public struct ModelParameter: Equatable, Sendable {
    /// The field's name for it, in lower case with underscores: it is used in keys of experiments and in files.
    public let name: String
    /// SI; "1" where it is dimensionless.
    public let unit: String
    /// Values that the model accepts, to infinity where there is no bound.
    public let range: ClosedRange<Double>
    /// What the model has.
    public let value: Double

    public init(name: String, unit: String, range: ClosedRange<Double>, value: Double) {
        (self.name, self.unit, self.range, self.value) = (name, unit, range, value)
    }
}

/// A model that can differentiate its step with respect to coefficients of its equations, beside the state: what estimating them needs.
///
/// With M(x, p) the step, J its Jacobian in x and P that in p:
public protocol ParametricModel<State>: TangentLinearModel, AdjointModel {
    /// p, always in the same order.
    var modelParameters: [ModelParameter] { get }

    /// The same model with other values of p, in the order of `modelParameters`.
    ///
    /// Throws `SeicheError` (invalidInput) for another number of values, or values that the model refuses.
    func withParameters(_ values: [Double]) throws -> Self

    /// J * perturbation + P * parameters: the change, to first order, of the step from state `number` of a run when state and parameters change.
    ///
    /// - Parameter parameters: one change for each of `modelParameters`, in their units.
    /// - Throws: as `step` does; `SeicheError` (invalidInput) for perturbations of another shape or with values that are not finite.
    func tangentStep(at state: State, number: Int, applying perturbation: State, parameters: [Double]) throws -> State

    /// J^T * cotangent and P^T * cotangent: the gradients of <cotangent, step> with respect to the state and to each of `modelParameters`, per its
    /// unit. Throws as `tangentStep` does.
    func parametricAdjointStep(at state: State, number: Int, applying cotangent: State) throws -> (state: State, parameters: [Double])
}
