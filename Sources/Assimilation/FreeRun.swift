import Dynamics

/// No assimilation: the forecast from the background. What every method must be better than.
public struct FreeRun<Model: DynamicalModel>: AssimilationMethod {
    public var model: Model

    public init(model: Model) { self.model = model }

    public func analyse(_ window: ObservationWindow, from background: Model.State) throws -> WindowAnalysis<Model.State> {
        var departures: [[Double]] = []
        var state = background
        for (k, indices) in window.batchesByState.enumerated() {
            if k > 0 { state = try model.step(state, number: window.firstStep + k - 1) }
            let vector = state.vector
            departures += try indices.map { try window.batches[$0].departures(from: vector) }
        }
        return WindowAnalysis(initial: background, final: state, innovations: departures, residuals: departures, minimisation: nil)
    }
}
