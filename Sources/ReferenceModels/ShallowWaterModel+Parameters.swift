import CReference
import Dynamics

/// Drag, lateral friction and implicitness, by the hand-written derivatives (`fortran/shallow_water_coefficients.f90`).
extension ShallowWaterModel: ParametricModel {
    public var modelParameters: [ModelParameter] {
        [
            ModelParameter(name: "drag", unit: "1", range: 0 ... .infinity, value: parameters.drag),
            ModelParameter(name: "lateral_friction", unit: "m2 s-1", range: 0 ... .infinity, value: parameters.lateralFriction),
            ModelParameter(name: "implicitness", unit: "1", range: 0.5...1, value: parameters.implicitness),
        ]
    }

    public func withParameters(_ values: [Double]) throws -> ShallowWaterModel {
        try checkParameterCount(values)
        var changed = parameters
        (changed.drag, changed.lateralFriction, changed.implicitness) = (values[0], values[1], values[2])
        return try ShallowWaterModel(grid: grid, timeStep: timeStep, parameters: changed, forcing: forcing)
    }

    public func tangentStep(
        at state: ShallowWaterState, number: Int, applying perturbation: ShallowWaterState, parameters: [Double]
    ) throws -> ShallowWaterState {
        try checkParameterCount(parameters)
        return try tangent(
            at: state, number: number, applying: perturbation,
            seiche_sw_coefficients(cd: parameters[0], ah: parameters[1], wimp: parameters[2]))
    }

    public func parametricAdjointStep(
        at state: ShallowWaterState, number: Int, applying cotangent: ShallowWaterState
    ) throws -> (state: ShallowWaterState, parameters: [Double]) {
        var gradient = seiche_sw_coefficients()
        let changed = try adjoint(at: state, number: number, applying: cotangent, &gradient)
        return (changed, [gradient.cd, gradient.ah, gradient.wimp])
    }
}
