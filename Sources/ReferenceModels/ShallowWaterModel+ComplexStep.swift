import Basics
import CReference
import Dynamics

extension ShallowWaterModel {
    /// The derivative of `steps` steps along a perturbation of the state, and of the depth, by a complex step through the model's own
    /// source (`fortran/shallow_water_complex_step.f90`): exact to rounding, for the cost of some ten runs.
    ///
    /// It is what the hand-written `tangentStep` is tested against, and takes what that one does not: many steps, and the depth.
    ///
    /// - Parameters:
    ///   - state: state number `firstStep` of its run.
    ///   - perturbation: of that state, m and m/s; what it holds on closed faces and in dry cells is as in `tangentStep`.
    ///   - depth: perturbation of the depth, m, [y, x]; nil for none. Which cells are wet stays.
    ///
    /// Throws as `advance` does, and `SeicheError` (invalidInput) for a perturbation of another shape or with values that are not finite.
    public func complexStep(
        from state: ShallowWaterState, steps: Int = 1, firstStep: Int = 0, applying perturbation: ShallowWaterState, depth: [Double]? = nil
    ) throws -> ShallowWaterState {
        try checkShape(of: state, named: "state")
        try checkShape(of: perturbation, named: "perturbation")
        try checkSteps(steps, from: firstStep)
        let cells = grid.cellCount
        let ddepth = depth ?? [Double](repeating: 0, count: cells)
        guard ddepth.count == cells else {
            throw SeicheError(
                .invalidInput, "the perturbation of the depth has \(ddepth.count) values, the grid \(grid.nx) x \(grid.ny) = \(cells)")
        }
        var result = perturbation
        var report = seiche_sw_report()
        let status = withLibrary(steps: steps, from: firstStep) { parameters, forcing, depth in
            state.vector.withUnsafeBufferPointer { state in
                ddepth.withUnsafeBufferPointer { ddepth in
                    result.vector.withUnsafeMutableBufferPointer { result in
                        let (zeta, changed) = (state.baseAddress!, result.baseAddress!)
                        return seiche_sw_complex_step(
                            parameters, forcing, depth, zeta, zeta + cells, zeta + 2 * cells, Int32(firstStep), Int32(steps),
                            changed, changed + cells, changed + 2 * cells, ddepth.baseAddress!, &report)
                    }
                }
            }
        }
        guard Int(status) == SEICHE_OK else { throw failure(status, report, during: steps, from: firstStep) }
        return result
    }
}
