import Assimilation
import Basics
import Dynamics
import Optimisation
import ReferenceModels
import TestSupport
import Testing

/// Cycling beside a known truth.
struct TwinExperimentTests {
    private let model: Lorenz96Model
    private let start: Lorenz96State
    private let covariance: DiagonalCovariance

    init() throws {
        model = try Lorenz96Model(timeStep: 0.05)
        start = try model.advance(model.initialState(seed: 1), steps: 400)
        covariance = try DiagonalCovariance(deviations: [Double](repeating: 0.4, count: 40))
    }

    private func twin(interval: Int = 2, times: Int = 3) -> TwinExperiment<Lorenz96Model> {
        TwinExperiment(truth: model, start: start, interval: interval, times: times, errorDeviation: 0.5, seed: 3) { time in
            try WeightedComponents(stateSize: 40, components: Array(stride(from: time % 2, to: 40, by: 2)))
        }
    }

    private func cycles(
        _ twin: TwinExperiment<Lorenz96Model>, _ method: some AssimilationMethod<Lorenz96State>, count: Int
    ) throws -> [TwinExperiment<Lorenz96Model>.Cycle] {
        var result: [TwinExperiment<Lorenz96Model>.Cycle] = []
        try twin.run(method, cycles: count) { result.append($0) }
        return result
    }

    private var fourDVar: FourDVar<Lorenz96Model> { FourDVar(model: model, covariance: covariance) }

    private var sequential: SequentialAssimilation<Lorenz96Model, OptimalInterpolation<Lorenz96State>> {
        SequentialAssimilation(model: model, analysis: OptimalInterpolation(covariance: covariance))
    }

    @Test func windowsFollowEachOtherAlongOneRunOfTheTruth() throws {
        let cycles = try cycles(twin(), fourDVar, count: 4)
        #expect(cycles.map(\.number) == [0, 1, 2, 3] && cycles.map(\.window.firstStep) == [0, 6, 12, 18])
        for cycle in cycles {
            #expect(try cycle.truth.initial == model.advance(start, steps: 6 * cycle.number))
            #expect(try cycle.truth.final == model.advance(start, steps: 6 * cycle.number + 6))
            #expect(cycle.window.batches.map { $0.step - cycle.window.firstStep } == [2, 4, 6])
            #expect(try cycle.analysis.final == model.advance(cycle.analysis.initial, steps: 6))
            if cycle.number > 0 { #expect(cycle.background == cycles[cycle.number - 1].analysis.final) }
        }
        let first = zip(cycles[0].background.x, start.x).map(-)
        let deviation = (dot(first, first) / 40).squareRoot()
        // Of 40 numbers with a deviation of 0.5, the estimate's standard error is 0.056.
        #expect(abs(deviation - 0.5) < 0.2 && abs(cycles[0].backgroundError - deviation) < 1e-14)
    }

    @Test func allMethodsSeeTheSameObservations() throws {
        let (one, other) = (try cycles(twin(), fourDVar, count: 3), try cycles(twin(), sequential, count: 3))
        for (a, b) in zip(one, other) {
            #expect(a.window.batches.map(\.values) == b.window.batches.map(\.values))
            #expect(a.truth.final == b.truth.final)
            // The network moves on from time to time, also across windows.
            for (k, batch) in a.window.batches.enumerated() {
                let component = (batch.observationOperator as? WeightedComponents)?.terms(ofRow: 0)[0].component
                #expect(component == (3 * a.number + k) % 2)
            }
        }
        #expect(one[0].background == other[0].background && one[0].analysis.final != other[0].analysis.final)
    }

    /// A run that was recorded before is the same truth; past its end, and without a number, it says so.
    @Test func theTruthMayBeRecorded() throws {
        var states = [start]
        for _ in 0..<18 { states.append(try model.step(states[states.count - 1])) }
        let recorded = RecordedRun(states: states, timeStep: 0.05)
        let twin = twin()
        let other = TwinExperiment(
            truth: recorded, start: start, interval: twin.interval, times: twin.times, errorDeviation: twin.errorDeviation, seed: twin.seed,
            network: twin.network)
        let own = try cycles(twin, fourDVar, count: 3)
        var number = 0
        try other.run(fourDVar, cycles: 3) { cycle in
            #expect(cycle.truth.final == own[number].truth.final && cycle.analysis.final == own[number].analysis.final)
            number += 1
        }
        #expect(number == 3)
        #expect(complaint(.invalidInput, "step 18", "18 steps") { try other.run(fourDVar, cycles: 4) { _ in } } == nil)
        #expect(complaint(.invalidInput, "without a number") { _ = try recorded.step(start) } == nil)
    }

    /// Forecast and analysis by hand, with the gain of dense matrices.
    @Test func sequentialAssimilationGoesFromTimeToTime() throws {
        let cycle = try cycles(twin(), sequential, count: 1)[0]
        var state = cycle.background
        var innovations: [[Double]] = []
        for (k, batch) in cycle.window.batches.enumerated() {
            state = try model.advance(state, steps: 2)
            let departures = stride(from: k % 2, to: 40, by: 2).enumerated().map { batch.values[$0] - state.x[$1] }
            innovations.append(departures)
            for (row, component) in stride(from: k % 2, to: 40, by: 2).enumerated() { state.x[component] += 0.16 / (0.16 + 0.25) * departures[row] }
        }
        #expect(distance(state.x, cycle.analysis.final.x) < 1e-12)
        #expect(distance(innovations.flatMap(\.self), cycle.analysis.innovations.flatMap(\.self)) < 1e-12)
    }

    /// What the model carries from earlier observations makes 4D-Var better than interpolation at single times, each with the background deviation that
    /// suits it best, and both better than the observations, of half the components with errors of 0.5.
    @Test func fourDVarFollowsTheTruthCloserThanOptimalInterpolation() throws {
        func error(_ method: some AssimilationMethod<Lorenz96State>) throws -> Double {
            var statistics = TwinStatistics()
            try twin(interval: 1, times: 4).run(method, cycles: 120) { if $0.number >= 20 { statistics.add($0) } }
            return TwinStatistics.mean(statistics.finalErrors).mean
        }
        var (variational, interpolated) = (Double.infinity, Double.infinity)
        for deviation in [0.1, 0.2, 0.4] {
            let covariance = try DiagonalCovariance(deviations: [Double](repeating: deviation, count: 40))
            variational = min(variational, try error(FourDVar(model: model, covariance: covariance)))
            let analysis = OptimalInterpolation<Lorenz96State>(covariance: covariance)
            interpolated = min(interpolated, try error(SequentialAssimilation(model: model, analysis: analysis)))
        }
        #expect(variational < 0.8 * interpolated, "\(variational), \(interpolated)")
        #expect(interpolated < 0.5)
    }

    @Test func standardErrorsAreThoseOfIndependentNumbers() {
        let errors = (0..<200).map { TwinStatistics.mean(normals(100, seed: 9, index: $0)).standardError }
        // (1 / 100)^(1/2); of ten parts an estimate is low by 3%, and the mean of 200 has an error of 2%.
        let ratio: Double = errors.reduce(0, +) / 20
        #expect(abs(ratio - 0.97) < 0.06)
        #expect(TwinStatistics.mean([1, 1, 1]) == (1, 0) && TwinStatistics.mean([2]).standardError.isNaN)
    }

    @Test func whatCannotBeCycledIsRefused() {
        #expect(complaint(.invalidInput, "windows of 0 observation times") { try twin(times: 0).run(fourDVar, cycles: 1) { _ in } } == nil)
    }
}
