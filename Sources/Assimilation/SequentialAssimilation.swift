import Basics
import Dynamics
import Optimisation

/// An analysis at one time: background and observations of the same state.
public protocol SingleTimeAnalysis<State>: Sendable {
    associatedtype State: DynamicalState

    /// The analysed state. Throws what operators and covariances throw.
    func analyse(_ batches: [ObservationBatch], from background: State) throws -> State
}

/// Goes from observation time to observation time: forecast, analysis, forecast. The baselines of 4D-Var, which need no derivative of the model.
public struct SequentialAssimilation<Model: DynamicalModel, Analysis: SingleTimeAnalysis>: AssimilationMethod where Analysis.State == Model.State {
    public var model: Model
    public var analysis: Analysis

    public init(model: Model, analysis: Analysis) { (self.model, self.analysis) = (model, analysis) }

    public func analyse(_ window: ObservationWindow, from background: Model.State) throws -> WindowAnalysis<Model.State> {
        var result = WindowAnalysis(initial: background, final: background, innovations: [], residuals: [], minimisation: nil)
        var state = background
        for (k, indices) in window.batchesByState.enumerated() {
            if k > 0 { state = try model.step(state, number: window.firstStep + k - 1) }
            let batches = indices.map { window.batches[$0] }
            if !batches.isEmpty {
                result.innovations += try batches.map { try $0.departures(from: state.vector) }
                state = try analysis.analyse(batches, from: state)
                result.residuals += try batches.map { try $0.departures(from: state.vector) }
            }
            if k == 0 { result.initial = state }
        }
        result.final = state
        return result
    }
}

/// Optimal interpolation (Gandin 1963), the best linear unbiased estimate solved in observation space by elimination:
///
///     x_a = x_b + B H^T (H B H^T + R)^-1 (y - H(x_b)),
///
/// the operator linearised at the background. Memory and time are those of dense matrices of p rows: p (p + size of a control) numbers; rows are
/// worked out side by side.
public struct OptimalInterpolation<State: DynamicalState>: SingleTimeAnalysis {
    /// B
    public var covariance: any ErrorCovariance

    public init(covariance: any ErrorCovariance) { self.covariance = covariance }

    public func analyse(_ batches: [ObservationBatch], from background: State) throws -> State {
        let state = background.vector
        try checkCount(covariance.stateSize, state.count, "values of a state in the background covariance", "the background's state")
        let observed = batches.flatMap { batch in (0..<batch.count).map { (batch: batch, row: $0) } }
        let (count, variances) = (observed.count, batches.flatMap(\.variances))
        // B^(T/2) H^T, row by row.
        let rows = try sideBySide(count) { k in
            let (batch, row) = observed[k]
            var unit = [Double](repeating: 0, count: batch.count)
            unit[row] = 1
            return try covariance.rootTransposed(times: batch.observationOperator.adjoint(at: state, applying: unit))
        }
        // Its lower triangle, which is what a Cholesky factor is made of.
        let matrix = try sideBySide(count) { a in
            (0..<count).map { b in b > a ? 0 : inner(rows[a], rows[b]) + (a == b ? variances[a] : 0) }
        }.flatMap { $0 }
        let weights = try CholeskyFactor(matrix, count: count, named: "H B H^T + R").solve(batches.flatMap { try $0.departures(from: state) })
        var control = [Double](repeating: 0, count: covariance.controlSize)
        for (row, weight) in zip(rows, weights) { add(weight, row, to: &control) }
        var analysed = background
        add(1, try covariance.root(times: control), to: &analysed.vector)
        return analysed
    }

    private func sideBySide(_ count: Int, _ row: @Sendable (Int) throws -> [Double]) throws -> [[Double]] {
        let found = Slots<[Double]>(count)
        try concurrentForEach(count) { found.set($0, try row($0)) }
        return found.values
    }
}

/// Three-dimensional variational assimilation (Parrish and Derber 1992): the cost of 4D-Var over a window of no steps.
public struct ThreeDVar<State: DynamicalState>: SingleTimeAnalysis {
    /// B
    public var covariance: any ErrorCovariance
    public var minimiser: Minimiser
    /// Of the gradient's norm, relative to that at the background.
    public var tolerance: Double

    public init(
        covariance: any ErrorCovariance,
        minimiser: Minimiser = .gaussNewton(outerLoops: 5, inner: ConjugateGradients(tolerance: 1e-6, maximumIterations: 200)),
        tolerance: Double = 1e-6
    ) {
        (self.covariance, self.minimiser, self.tolerance) = (covariance, minimiser, tolerance)
    }

    public func analyse(_ batches: [ObservationBatch], from background: State) throws -> State {
        let step = batches.first?.step ?? 0
        let window = try ObservationWindow(firstStep: step, steps: 0, batches: batches)
        return try FourDVar(model: NoTime<State>(), covariance: covariance, minimiser: minimiser, tolerance: tolerance)
            .analyse(window, from: background).initial
    }
}

/// The model of a window of one time, in which no step is taken.
private struct NoTime<State: DynamicalState>: TangentLinearModel, AdjointModel {
    var timeStep: Double { 0 }
    func step(_ state: State) -> State { state }
    func tangentStep(at state: State, applying perturbation: State) -> State { perturbation }
    func adjointStep(at state: State, applying cotangent: State) -> State { cotangent }
}
