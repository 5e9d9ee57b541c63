import Basics
import Dynamics

/// A known truth, observed with errors of known deviation, and cycles that try to follow it: what tells how good an assimilation is.
public struct TwinExperiment<Truth: DynamicalModel>: Sendable {
    public var truth: Truth
    /// The truth where the first window begins; it is not observed.
    public var start: Truth.State
    /// Number of `start` in its run, for a truth whose steps depend on time.
    public var firstStep = 0
    /// At the same time, where the first window's background is not the truth with noise of the observations' deviation.
    public var firstBackground: Truth.State?
    /// Steps from one observation time to the next.
    public var interval: Int
    /// Observation times of a window, which begins with the last time of the one before.
    public var times: Int
    /// Standard deviation of the observations' errors, in the unit of what is observed.
    public var errorDeviation: Double
    /// What is observed at the observation time of a number, counted from 0.
    public var network: @Sendable (Int) throws -> any ObservationOperator
    public var seed: UInt64

    public init(
        truth: Truth, start: Truth.State, interval: Int, times: Int, errorDeviation: Double, seed: UInt64,
        network: @escaping @Sendable (Int) throws -> any ObservationOperator
    ) {
        (self.truth, self.start, self.interval, self.times) = (truth, start, interval, times)
        (self.errorDeviation, self.seed, self.network) = (errorDeviation, seed, network)
    }

    /// One window and what was made of it.
    public struct Cycle: Sendable {
        public var number: Int
        public var window: ObservationWindow
        /// The truth at the window's first and last step.
        public var truth: (initial: Truth.State, final: Truth.State)
        public var background: Truth.State
        public var analysis: WindowAnalysis<Truth.State>

        /// Root mean square errors over the state: of the background, and of the analysis at the window's first and last step.
        public var backgroundError: Double { rootMeanSquare(background, truth.initial) }
        public var initialError: Double { rootMeanSquare(analysis.initial, truth.initial) }
        public var finalError: Double { rootMeanSquare(analysis.final, truth.final) }

        private func rootMeanSquare(_ a: Truth.State, _ b: Truth.State) -> Double {
            let (a, b) = (a.vector, b.vector)
            return (a.indices.reduce(0) { $0 + (a[$1] - b[$1]) * (a[$1] - b[$1]) } / Double(a.count)).squareRoot()
        }
    }

    /// Runs `count` cycles.
    ///
    /// The same seed gives the same truth, observations and first background, whatever the method.
    ///
    /// - Parameter each: hears of every cycle; throw from it to stop.
    /// - Throws: `SeicheError`: invalidInput for numbers that cannot be used; what models and method throw.
    public func run(_ method: some AssimilationMethod<Truth.State>, cycles count: Int, each: (Cycle) throws -> Void) throws {
        try check()
        let background = firstBackground ?? noisyStart
        var (before, after) = (start, start)
        try method.cycle(
            count, from: background,
            window: { number in
                before = after
                let window: ObservationWindow
                (window, after) = try self.window(number, from: before)
                return window
            },
            each: { number, window, background, analysis in
                try each(Cycle(number: number, window: window, truth: (before, after), background: background, analysis: analysis))
            })
    }

    /// The observations of window `number`, counted from 0, and the truth at its end.
    ///
    /// - Parameter state: the truth at its beginning.
    /// - Throws: as `run` does.
    public func window(_ number: Int, from state: Truth.State) throws -> (window: ObservationWindow, final: Truth.State) {
        try check()
        let first = firstStep + number * times * interval
        var (batches, state): ([ObservationBatch], Truth.State) = ([], state)
        for time in 0..<times {
            state = try truth.advanced(state, steps: interval, firstStep: first + time * interval)
            batches.append(try observed(state, time: number * times + time))
        }
        return (try ObservationWindow(firstStep: first, steps: times * interval, batches: batches), state)
    }

    private func check() throws {
        guard interval > 0, times > 0, errorDeviation > 0, errorDeviation.isFinite else {
            throw SeicheError(
                .invalidInput, "windows of \(times) observation times, every \(interval) steps, with errors of \(errorDeviation) were asked for",
                remedy: "give numbers above 0")
        }
    }

    private var noisyStart: Truth.State {
        var state = start
        var stream = RandomStream(seed: seed, purpose: "background of a twin experiment")
        state.vector = zip(start.vector, stream.normals(start.vector.count)).map { $0 + errorDeviation * $1 }
        return state
    }

    private func observed(_ state: Truth.State, time: Int) throws -> ObservationBatch {
        let observationOperator = try network(time)
        var stream = RandomStream(seed: seed, purpose: "observations of a twin experiment", index: time)
        let values = zip(try observationOperator.apply(state.vector), stream.normals(observationOperator.count)).map { $0 + errorDeviation * $1 }
        return try ObservationBatch(
            step: firstStep + (time + 1) * interval, observationOperator, values: values,
            variances: [Double](repeating: errorDeviation * errorDeviation, count: values.count))
    }
}

/// Means over the cycles of a twin experiment.
public struct TwinStatistics: Equatable, Sendable {
    /// Root mean square errors, cycle by cycle.
    public private(set) var backgroundErrors: [Double] = []
    public private(set) var initialErrors: [Double] = []
    public private(set) var finalErrors: [Double] = []
    /// 2 J(min) / p, of methods that minimise a cost over the window.
    public private(set) var chiSquares: [Double] = []
    public private(set) var departures = DesroziersStatistics()

    public init() {}

    public mutating func add<Truth>(_ cycle: TwinExperiment<Truth>.Cycle) {
        backgroundErrors.append(cycle.backgroundError)
        initialErrors.append(cycle.initialError)
        finalErrors.append(cycle.finalError)
        if let minimisation = cycle.analysis.minimisation {
            chiSquares.append(minimisation.chiSquare(observations: cycle.window.observationCount))
        }
        departures.add(innovations: cycle.analysis.innovations, residuals: cycle.analysis.residuals)
    }

    /// A mean over cycles, and its standard error from the means of ten successive parts, as cycles are not independent of each other.
    public static func mean(_ values: [Double]) -> (mean: Double, standardError: Double) {
        let mean = values.reduce(0, +) / Double(values.count)
        let parts = min(10, values.count)
        guard parts > 1 else { return (mean, .nan) }
        let means = (0..<parts).map { part in
            let range = part * values.count / parts..<(part + 1) * values.count / parts
            return values[range].reduce(0, +) / Double(range.count)
        }
        let square = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (mean, (square / Double(parts * (parts - 1))).squareRoot())
    }
}
