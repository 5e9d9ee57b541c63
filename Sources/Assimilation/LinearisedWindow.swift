import Basics
import Dynamics
import Optimisation

/// The Gauss-Newton approximation of J's second derivative at a control,
///
///     A = 1 + B^(T/2) G^T R^-1 G B^(1/2),
///
/// G the tangent-linear of all observations with respect to the initial state (and to the steps' errors), by its products. Its eigenvalues are one
/// but for as many as there are observations, so that conjugate gradients need few steps; its inverse is the posterior covariance in v.
public struct LinearisedWindow<Model: AdjointModel & TangentLinearModel>: Sendable {
    public let cost: WindowCost<Model>
    /// v, where J is linearised.
    public let control: [Double]
    private let trajectory: WindowTrajectory<Model>

    /// Runs the model once where states are stored.
    public init(_ cost: WindowCost<Model>, at control: [Double]) throws {
        (self.cost, self.control) = (cost, control)
        trajectory = try cost.trajectory(control, memory: cost.memory)
    }

    /// A v, by one run of the tangent-linear and one of the adjoint.
    public func product(_ control: [Double]) throws -> [Double] {
        let images = try tangent(control)
        var result = try cost.adjointSweep(trajectory) { batch, _ in cost.window.batches[batch].weighted(images[batch]) }
        add(1, control, to: &result)
        return result
    }

    /// G B^(1/2) v: how a small change of the control changes what every batch observes.
    public func tangent(_ control: [Double]) throws -> [[Double]] {
        let window = cost.window
        try checkCount(control.count, cost.controlSize, "values of a control", "the window's covariances")
        var perturbation = cost.background
        perturbation.vector = try cost.covariance.root(times: Array(control[..<cost.covariance.controlSize]))
        var images = [[Double]](repeating: [], count: window.batches.count)
        try trajectory.forward { k, state in
            for batch in cost.batchesByState[k] {
                images[batch] = try window.batches[batch].observationOperator.tangent(at: state.vector, applying: perturbation.vector)
            }
            guard k < window.steps else { return }
            perturbation = try cost.model.tangentStep(at: state, number: window.firstStep + k, applying: perturbation)
            if cost.modelErrorCovariance != nil {
                var vector = perturbation.vector
                add(1, try cost.forcing(k, of: control), to: &vector)
                perturbation.vector = vector
            }
        }
        return images
    }

    /// B^(T/2) G^T of cotangents, one vector for each batch: the transpose of `tangent`.
    public func adjoint(_ cotangents: [[Double]]) throws -> [Double] {
        try checkCount(cotangents.count, cost.window.batches.count, "cotangents", "the window's batches of observations")
        return try cost.adjointSweep(trajectory) { batch, _ in cotangents[batch] }
    }
}
