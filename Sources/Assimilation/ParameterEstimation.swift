import Basics
import Dynamics
import Optimisation

/// What is known of some parameters: a Gaussian in the variables of their transforms.
public struct ParameterDistribution: Equatable, Sendable {
    public let transforms: [ParameterTransform]
    /// In the transforms' variables.
    public let mean: [Double]
    /// [count, count], in the transforms' variables.
    public let covariance: [Double]

    /// Independent parameters with these medians and, to first order, these standard deviations, both in the parameters' units.
    ///
    /// Throws `SeicheError` (invalidInput) for values out of bounds, or deviations not above 0.
    public init(_ transforms: [ParameterTransform], medians: [Double], deviations: [Double]) throws {
        try checkCount(medians.count, transforms.count, "medians", "the parameters")
        try checkCount(deviations.count, transforms.count, "deviations", "the parameters")
        try checkValues(deviations, "a parameter's deviation", isNegativeAllowed: false, isZeroAllowed: false)
        mean = try zip(transforms, medians).map { try $0.unbounded($1) }
        var covariance = [Double](repeating: 0, count: mean.count * mean.count)
        for k in mean.indices { covariance[k * mean.count + k] = power(deviations[k] / transforms[k].slope(mean[k]), 2) }
        (self.transforms, self.covariance) = (transforms, covariance)
    }

    init(_ transforms: [ParameterTransform], mean: [Double], covariance: [Double]) {
        (self.transforms, self.mean, self.covariance) = (transforms, mean, covariance)
    }

    /// In the parameters' units.
    public var medians: [Double] { zip(transforms, mean).map { $0.value($1) } }

    /// Standard deviations in the parameters' units, to first order.
    public var deviations: [Double] { mean.indices.map { transforms[$0].slope(mean[$0]) * covariance[$0 * mean.count + $0].squareRoot() } }

    /// Between two parameters.
    public func correlation(_ a: Int, _ b: Int) -> Double {
        covariance[a * mean.count + b] / (covariance[a * mean.count + a] * covariance[b * mean.count + b]).squareRoot()
    }
}

/// What the observations of a window say of state and parameters.
public struct ParameterEstimate<State: DynamicalState>: Sendable {
    public var parameters: ParameterDistribution
    /// Analysed states at both ends of the window.
    public var initial: State
    public var final: State
    public var minimisation: Minimisation
}

/// Parameters of a model, and the initial state of each window where it is not known, from noisy and incomplete observations: 4D-Var of the
/// augmented state (see `AugmentedModel`), with
///
///     J = |v_x|^2 / 2 + (t - t_b)^T C^-1 (t - t_b) / 2 + sum over observation times of (y - H(x_k))^T R^-1 (y - H(x_k)) / 2.
///
/// Windows follow each other: what one says of the parameters, mean and covariance, is what the next one begins with. For a state without errors
/// and a linear model that is the estimate from all windows at once; else what errors of state and parameters have in common at the end of a window
/// is forgotten.
public struct ParameterEstimation<Model: ParametricModel>: Sendable {
    public let model: AugmentedModel<Model>
    /// B of the initial state; `KnownValues` where it is known.
    public let stateCovariance: any ErrorCovariance
    public let minimiser: Minimiser
    /// Of the gradient's norm, relative to that at the background.
    public let tolerance: Double
    public let memory: TrajectoryMemory
    /// For the posterior covariance.
    public let solver: ConjugateGradients

    public init(
        model: AugmentedModel<Model>, stateCovariance: any ErrorCovariance,
        minimiser: Minimiser = .gaussNewton(outerLoops: 20, inner: ConjugateGradients(tolerance: 1e-3, maximumIterations: 200)),
        tolerance: Double = 1e-5, memory: TrajectoryMemory = .stored,
        solver: ConjugateGradients = ConjugateGradients(tolerance: 1e-6, maximumIterations: 500)
    ) {
        (self.model, self.stateCovariance, self.minimiser) = (model, stateCovariance, minimiser)
        (self.tolerance, self.memory, self.solver) = (tolerance, memory, solver)
    }

    /// J over a window.
    ///
    /// - Parameters:
    ///   - window: observations of the model's own states.
    ///   - background: at its first step.
    ///   - prior: of the parameters.
    /// - Throws: `SeicheError` (invalidInput) where sizes do not agree.
    public func cost(
        _ window: ObservationWindow, from background: Model.State, prior: ParameterDistribution
    ) throws -> WindowCost<AugmentedModel<Model>> {
        let count = model.estimated.count
        try checkCount(prior.mean.count, count, "parameters in the prior", "the estimated ones")
        return try WindowCost(
            model: model, background: AugmentedState(background, parameters: prior.mean), window: window.augmented(parameterCount: count),
            covariance: BlockCovariance([stateCovariance, DenseCovariance(prior.covariance, size: count)]), memory: memory)
    }

    /// Minimises J and takes the parameters' posterior covariance from its Hessian there. Throws what the model throws.
    public func estimate(
        _ window: ObservationWindow, from background: Model.State, prior: ParameterDistribution
    ) throws -> ParameterEstimate<Model.State> {
        let cost = try cost(window, from: background, prior: prior)
        let minimisation = try cost.minimised(minimiser, tolerance: tolerance)
        let initial = try cost.initialState(minimisation.control)
        let size = initial.vector.count
        let covariance = try LinearisedWindow(cost, at: minimisation.control)
            .posteriorCovariance(of: Array(size - prior.mean.count..<size), solver: solver)
        return ParameterEstimate(
            parameters: ParameterDistribution(prior.transforms, mean: initial.parameters, covariance: covariance), initial: initial.state,
            final: try cost.departures(minimisation.control).final.state, minimisation: minimisation)
    }
}

extension LinearisedWindow {
    /// P_a = B^(1/2) A^-1 B^(T/2) of a few components of the initial state, [count, count]: one system with the Hessian A for each.
    ///
    /// Throws `SeicheError`: solver where a system was not solved to the solver's tolerance; what model, operators and covariances throw.
    public func posteriorCovariance(of components: [Int], solver: ConjugateGradients) throws -> [Double] {
        let covariance = cost.covariance
        let rest = [Double](repeating: 0, count: cost.controlSize - covariance.controlSize)
        let rows = try components.map { component in
            var unit = [Double](repeating: 0, count: covariance.stateSize)
            unit[component] = 1
            return try covariance.rootTransposed(times: unit) + rest
        }
        var result: [Double] = []
        for (row, component) in zip(rows, components) {
            let solution = try solver.solve(row) { try product($0) }
            guard solution.hasConverged else {
                throw SeicheError(
                    .solver, "the posterior covariance of component \(component) was not found in \(solution.iterations) iterations",
                    why: "the residual is \(solution.relativeResidual) of the right-hand side", remedy: "allow more iterations")
            }
            result += rows.map { inner($0, solution.x) }
        }
        // Symmetric but for the solver's tolerance.
        let count = components.count
        return (0..<count * count).map { 0.5 * (result[$0] + result[$0 % count * count + $0 / count]) }
    }
}
