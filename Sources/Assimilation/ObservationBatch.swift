import Basics
import Optimisation

/// What is observed at one time: y = H(x) + error, the errors independent of each other with known variances.
public struct ObservationBatch: Sendable {
    /// Number of the observed state in its run.
    public let step: Int
    public let observationOperator: any ObservationOperator
    /// y, in the units of what the operator gives.
    public let values: [Double]
    /// The diagonal of R, one for each value, above 0.
    public let variances: [Double]

    /// Throws `SeicheError` (invalidInput) where numbers of values do not agree, a value is not finite, or a variance not above 0.
    public init(step: Int, _ observationOperator: any ObservationOperator, values: [Double], variances: [Double]) throws {
        try checkCount(values.count, observationOperator.count, "observed values at step \(step)", "their operator's rows")
        try checkCount(variances.count, values.count, "error variances at step \(step)", "the observed values")
        try checkValues(values, "at step \(step), observed value")
        try checkValues(variances, "at step \(step), error variance", isNegativeAllowed: false, isZeroAllowed: false)
        (self.step, self.observationOperator, self.values, self.variances) = (step, observationOperator, values, variances)
    }

    public var count: Int { values.count }

    /// y - H(x).
    public func departures(from state: [Double]) throws -> [Double] {
        let equivalents = try observationOperator.apply(state)
        return values.indices.map { values[$0] - equivalents[$0] }
    }

    /// d^T R^-1 d / 2 of some departures.
    func cost(_ departures: [Double]) -> Double { 0.5 * inner(departures, weighted(departures)) }

    /// R^-1 d.
    func weighted(_ departures: [Double]) -> [Double] { departures.indices.map { departures[$0] / variances[$0] } }
}

/// A stretch of a run, and what was observed in it.
public struct ObservationWindow: Sendable {
    /// Number of the state that the window begins with.
    public let firstStep: Int
    /// From the first state to the last.
    public let steps: Int
    /// In the order of their times.
    public let batches: [ObservationBatch]

    /// Throws `SeicheError` (invalidInput) for a window of a negative length, or observations outside it.
    public init(firstStep: Int = 0, steps: Int, batches: [ObservationBatch]) throws {
        guard steps >= 0 else { throw SeicheError(.invalidInput, "a window of \(steps) steps was asked for", remedy: "give 0 or more") }
        if let outside = batches.first(where: { $0.step < firstStep || $0.step - firstStep > steps }) {
            throw SeicheError(
                .invalidInput, "observations of step \(outside.step) do not lie in the window of steps \(firstStep) to \(firstStep + steps)",
                remedy: "give each window its own observations")
        }
        (self.firstStep, self.steps) = (firstStep, steps)
        // A stable order: batches of one time stay as they were given.
        self.batches = batches.enumerated().sorted { ($0.element.step, $0.offset) < ($1.element.step, $1.offset) }.map(\.element)
    }

    /// p
    public var observationCount: Int { batches.reduce(0) { $0 + $1.count } }

    /// Indices of the batches at each of the window's states.
    var batchesByState: [[Int]] {
        var result = [[Int]](repeating: [], count: steps + 1)
        for (index, batch) in batches.enumerated() { result[batch.step - firstStep].append(index) }
        return result
    }
}
