import Basics
import Dynamics

/// F; the coefficients of two levels are held fixed.
extension Lorenz96Model: ParametricModel {
    public var modelParameters: [ModelParameter] {
        [ModelParameter(name: "forcing", unit: "1", range: -.infinity ... .infinity, value: parameters.forcing)]
    }

    public func withParameters(_ values: [Double]) throws -> Lorenz96Model {
        try checkParameterCount(values)
        var changed = parameters
        changed.forcing = values[0]
        return try Lorenz96Model(parameters: changed, timeStep: timeStep)
    }

    public func tangentStep(
        at state: Lorenz96State, number: Int, applying perturbation: Lorenz96State, parameters: [Double]
    ) throws -> Lorenz96State {
        try checkParameterCount(parameters)
        return try tangent(at: state, applying: perturbation, forcing: parameters[0], steps: 1)
    }

    public func parametricAdjointStep(
        at state: Lorenz96State, number: Int, applying cotangent: Lorenz96State
    ) throws -> (state: Lorenz96State, parameters: [Double]) {
        let gradient = try adjoint(at: state, applying: cotangent, steps: 1)
        return (gradient.state, [gradient.forcing])
    }
}

extension ParametricModel {
    /// Throws `SeicheError` (invalidInput) unless there is one value for each parameter.
    func checkParameterCount(_ values: [Double]) throws {
        let names = modelParameters.map(\.name)
        guard values.count == names.count else {
            throw SeicheError(
                .invalidInput, "there are \(values.count) values for the parameters \(names.joined(separator: ", "))", remedy: "give one for each")
        }
    }
}
