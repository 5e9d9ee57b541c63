import Basics
import Dynamics
import Optimisation

/// A way to make the best of a background and the observations of a window.
public protocol AssimilationMethod<State>: Sendable {
    associatedtype State: DynamicalState

    /// - Parameters:
    ///   - window: the observations.
    ///   - background: the state at its first step.
    /// - Throws: what model, operators and covariances throw.
    func analyse(_ window: ObservationWindow, from background: State) throws -> WindowAnalysis<State>
}

/// What the observations of a window say of its states.
public struct WindowAnalysis<State: DynamicalState>: Sendable {
    /// At the window's first step.
    public var initial: State
    /// At its last step: where the next window begins.
    public var final: State
    /// y - H(x_b) of every batch, x_b the forecast from the background; of methods that go from time to time, from the analysis before.
    public var innovations: [[Double]]
    /// y - H(x_a) of every batch, x_a the analysis.
    public var residuals: [[Double]]
    /// Nil for methods that minimise no cost over the window.
    public var minimisation: Minimisation?
}

extension AssimilationMethod {
    /// Cycling: window after window, each from where the one before ended.
    ///
    /// - Parameters:
    ///   - background: at the first step of the first window.
    ///   - window: the window of a number.
    ///   - each: hears of every cycle; throw from it to stop.
    /// - Returns: the last state of the last window.
    @discardableResult
    public func cycle(
        _ count: Int, from background: State, window: (Int) throws -> ObservationWindow,
        each: (_ number: Int, _ window: ObservationWindow, _ background: State, _ analysis: WindowAnalysis<State>) throws -> Void
    ) throws -> State {
        var background = background
        for number in 0..<count {
            let window = try window(number)
            let analysis = try analyse(window, from: background)
            try each(number, window, background, analysis)
            background = analysis.final
        }
        return background
    }
}

/// Four-dimensional variational assimilation (see `WindowCost`).
public struct FourDVar<Model: AdjointModel & TangentLinearModel>: AssimilationMethod {
    public var model: Model
    /// B
    public var covariance: any ErrorCovariance
    /// Q; nil for strong constraint.
    public var modelErrorCovariance: (any ErrorCovariance)?
    public var minimiser: Minimiser
    /// Of the gradient's norm, relative to that at the background.
    public var tolerance: Double
    public var memory: TrajectoryMemory

    public init(
        model: Model, covariance: any ErrorCovariance, modelErrorCovariance: (any ErrorCovariance)? = nil,
        minimiser: Minimiser = .gaussNewton(outerLoops: 10, inner: ConjugateGradients(tolerance: 1e-2, maximumIterations: 100)),
        tolerance: Double = 1e-4, memory: TrajectoryMemory = .stored
    ) {
        (self.model, self.covariance, self.modelErrorCovariance) = (model, covariance, modelErrorCovariance)
        (self.minimiser, self.tolerance, self.memory) = (minimiser, tolerance, memory)
    }

    /// J over a window.
    public func cost(_ window: ObservationWindow, from background: Model.State) throws -> WindowCost<Model> {
        try WindowCost(
            model: model, background: background, window: window, covariance: covariance, modelErrorCovariance: modelErrorCovariance, memory: memory)
    }

    public func analyse(_ window: ObservationWindow, from background: Model.State) throws -> WindowAnalysis<Model.State> {
        let cost = try cost(window, from: background)
        let minimisation = try cost.minimised(minimiser, tolerance: tolerance)
        let before = try cost.departures([Double](repeating: 0, count: cost.controlSize))
        let after = try cost.departures(minimisation.control)
        return WindowAnalysis(
            initial: try cost.initialState(minimisation.control), final: after.final, innovations: before.departures, residuals: after.departures,
            minimisation: minimisation)
    }
}
