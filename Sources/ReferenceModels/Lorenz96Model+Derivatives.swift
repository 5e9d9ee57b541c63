import Basics
import CReference
import Dynamics

/// Derivatives exact to rounding: the hand-written tangent-linear and adjoint (`fortran/lorenz96_derivatives.f90`), and the complex
/// step (`fortran/lorenz96_complex_step.f90`), which is the model's own source compiled for complex numbers.
///
/// All throw as `advance` does, and `SeicheError` (invalidInput) for a perturbation or cotangent of another shape or with values that
/// are not finite, (model) when a derivative overflows.
extension Lorenz96Model: TangentLinearModel, AdjointModel {
    /// J(state) * perturbation: how a small change of `state` changes the state one step later.
    public func tangentStep(at state: Lorenz96State, applying perturbation: Lorenz96State) throws -> Lorenz96State {
        try tangent(at: state, applying: perturbation, steps: 1)
    }

    /// J(state)^T * cotangent: the gradient with respect to `state` of a number whose gradient with respect to the state one step
    /// later is `cotangent`.
    public func adjointStep(at state: Lorenz96State, applying cotangent: Lorenz96State) throws -> Lorenz96State {
        try adjoint(at: state, applying: cotangent, steps: 1).state
    }

    /// How a small change of `state`, and of F by `forcing` in all steps, changes the state `steps` steps later; at some two
    /// times the cost of those steps.
    public func tangent(
        at state: Lorenz96State, applying perturbation: Lorenz96State, forcing: Double = 0, steps: Int
    ) throws -> Lorenz96State {
        try applying(to: perturbation, named: "perturbation", at: state, steps: steps) {
            seiche_l96_tangent($0, $1, $2, $3, forcing, $4)
        }
    }

    /// The gradients, with respect to `state` and to F in all steps, of a number whose gradient with respect to the state `steps`
    /// steps later is `cotangent`; at some four times the cost of those steps, three for a single one, and with memory for `steps` states.
    public func adjoint(
        at state: Lorenz96State, applying cotangent: Lorenz96State, steps: Int
    ) throws -> (state: Lorenz96State, forcing: Double) {
        var forcing = 0.0
        let gradient = try applying(to: cotangent, named: "cotangent", at: state, steps: steps) {
            seiche_l96_adjoint($0, $1, $2, $3, &forcing, $4)
        }
        return (gradient, forcing)
    }

    /// What `tangent` gives, and along any of the coefficients, by complex step: independent of the hand-written derivatives.
    public func complexStep(
        at state: Lorenz96State, applying perturbation: Lorenz96State, along direction: Lorenz96Direction = .init(), steps: Int
    ) throws -> Lorenz96State {
        var c = seiche_l96_direction(
            forcing: direction.forcing, h: direction.coupling, c: direction.timeScaleRatio, b: direction.amplitudeRatio)
        return try applying(to: perturbation, named: "perturbation", at: state, steps: steps) {
            seiche_l96_complex_step($0, $1, $2, $3, &c, $4)
        }
    }

    private func applying(
        to vector: Lorenz96State, named name: String, at state: Lorenz96State, steps: Int,
        _ derivative: (
            UnsafePointer<seiche_l96_parameters>, UnsafePointer<Double>, Int32, UnsafeMutablePointer<Double>,
            UnsafeMutablePointer<seiche_l96_report>
        ) -> Int32
    ) throws -> Lorenz96State {
        try check(state, named: "state")
        try check(vector, named: name)
        try check(steps: steps)
        var result = vector
        var report = seiche_l96_report()
        var c = cParameters
        let status = state.vector.withUnsafeBufferPointer { values in
            result.vector.withUnsafeMutableBufferPointer { derivative(&c, values.baseAddress!, Int32(steps), $0.baseAddress!, &report) }
        }
        guard Int(status) == SEICHE_OK else { throw failure(status, report, during: steps, derivative: name) }
        return result
    }
}

/// A direction in the coefficients of a Lorenz '96 model, beside a perturbation of its state; one level has the forcing only.
public struct Lorenz96Direction: Equatable, Sendable {
    /// In F.
    public var forcing: Double
    /// In h.
    public var coupling: Double
    /// In c.
    public var timeScaleRatio: Double
    /// In b.
    public var amplitudeRatio: Double

    public init(forcing: Double = 0, coupling: Double = 0, timeScaleRatio: Double = 0, amplitudeRatio: Double = 0) {
        self.forcing = forcing
        self.coupling = coupling
        self.timeScaleRatio = timeScaleRatio
        self.amplitudeRatio = amplitudeRatio
    }
}
