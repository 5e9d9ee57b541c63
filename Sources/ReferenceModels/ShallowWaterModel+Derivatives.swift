import CReference
import Dynamics

/// The hand-written derivatives of one step, exact to the solver's tolerance (`fortran/shallow_water_derivatives.f90`).
///
/// Depth is held fixed, and so are the parameters but for those of `modelParameters` where changes of them are given. The elevation system is differentiated by the implicit function theorem, u|u| as 2|u|.
/// Each call takes the step itself too, so that it costs two elevation solves.
extension ShallowWaterModel: TangentLinearModel, AdjointModel {
    /// J(state) * perturbation: how a small change of `state`, zeta in m, u and v in m/s, changes the state one step later.
    ///
    /// Velocities of `perturbation` on closed faces count as zero and are returned as zero; its elevation in dry cells is
    /// neither read nor changed, as in a step. The sum of zeta over wet cells stays.
    ///
    /// Throws as `step` does, and `SeicheError` (invalidInput) for a perturbation of another shape or with values that are not finite.
    public func tangentStep(at state: ShallowWaterState, applying perturbation: ShallowWaterState) throws -> ShallowWaterState {
        try checkAutonomous()
        return try tangentStep(at: state, number: 0, applying: perturbation)
    }

    /// The same for the step from state `number` of a run.
    public func tangentStep(
        at state: ShallowWaterState, number: Int, applying perturbation: ShallowWaterState
    ) throws -> ShallowWaterState {
        try tangent(at: state, number: number, applying: perturbation, nil)
    }

    /// J(state)^T * cotangent: the gradient with respect to `state` of a number whose gradient with respect to the state one
    /// step later is `cotangent`, both per m for zeta and per m/s for u and v.
    ///
    /// Closed faces and dry cells are treated as in `tangentStep`, whose transpose this is.
    ///
    /// Throws as `step` does, and `SeicheError` (invalidInput) for a cotangent of another shape or with values that are not finite.
    public func adjointStep(at state: ShallowWaterState, applying cotangent: ShallowWaterState) throws -> ShallowWaterState {
        try checkAutonomous()
        return try adjointStep(at: state, number: 0, applying: cotangent)
    }

    /// The same for the step from state `number` of a run.
    public func adjointStep(at state: ShallowWaterState, number: Int, applying cotangent: ShallowWaterState) throws -> ShallowWaterState {
        try adjoint(at: state, number: number, applying: cotangent, nil)
    }

    /// `seiche_sw_tangent`, or `seiche_sw_adjoint`.
    private typealias Derivative = (
        UnsafePointer<seiche_sw_parameters>, UnsafePointer<seiche_sw_forcing>?, _ depth: UnsafePointer<Double>, _ zeta: UnsafePointer<Double>,
        _ u: UnsafePointer<Double>, _ v: UnsafePointer<Double>, _ changedZeta: UnsafeMutablePointer<Double>,
        _ changedU: UnsafeMutablePointer<Double>, _ changedV: UnsafeMutablePointer<Double>, UnsafeMutablePointer<seiche_sw_report>
    ) -> Int32

    private func applying(
        at state: ShallowWaterState, number: Int, to vector: ShallowWaterState, named name: String, _ derivative: Derivative
    ) throws -> ShallowWaterState {
        try checkShape(of: state, named: "state")
        try checkShape(of: vector, named: name)
        try checkSteps(1, from: number)
        var result = vector
        var report = seiche_sw_report()
        let cells = grid.cellCount
        let status = withLibrary(steps: 1, from: number) { parameters, forcing, depth in
            state.vector.withUnsafeBufferPointer { state in
                result.vector.withUnsafeMutableBufferPointer { result in
                    // zeta, u and v lie one after the other (see `ShallowWaterState.vector`).
                    let (zeta, changed) = (state.baseAddress!, result.baseAddress!)
                    return derivative(
                        parameters, forcing, depth, zeta, zeta + cells, zeta + 2 * cells, changed, changed + cells, changed + 2 * cells, &report)
                }
            }
        }
        guard Int(status) == SEICHE_OK else { throw failure(status, report, during: 1, from: number) }
        return result
    }

    /// - Parameter change: of the coefficients; nil for none.
    func tangent(
        at state: ShallowWaterState, number: Int, applying perturbation: ShallowWaterState, _ change: seiche_sw_coefficients?
    ) throws -> ShallowWaterState {
        try applying(at: state, number: number, to: perturbation, named: "perturbation") { p, forcing, depth, zeta, u, v, dzeta, du, dv, report in
            guard var change else { return seiche_sw_tangent(p, forcing, depth, zeta, u, v, Int32(number), dzeta, du, dv, nil, report) }
            return seiche_sw_tangent(p, forcing, depth, zeta, u, v, Int32(number), dzeta, du, dv, &change, report)
        }
    }

    /// - Parameter gradient: with respect to the coefficients; nil where it is not wanted.
    func adjoint(
        at state: ShallowWaterState, number: Int, applying cotangent: ShallowWaterState, _ gradient: UnsafeMutablePointer<seiche_sw_coefficients>?
    ) throws -> ShallowWaterState {
        try applying(at: state, number: number, to: cotangent, named: "cotangent") { p, forcing, depth, zeta, u, v, azeta, au, av, report in
            seiche_sw_adjoint(p, forcing, depth, zeta, u, v, Int32(number), azeta, au, av, gradient, report)
        }
    }
}
