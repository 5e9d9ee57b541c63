import Dynamics
import Evaluation
import Testing

@Suite struct SimulationTrialTests {
    private let grid: ShallowWaterGrid
    /// A run of a model, and what is tried beside it: one that is a little off.
    private let truth: [ShallowWaterState]
    private let model = ShiftModel(a: 0.91)

    init() throws {
        grid = try islandGrid()
        var states = [sampleState(grid, 0)]
        for _ in 0..<7 { states.append(ShiftModel().step(states[states.count - 1])) }
        truth = states
    }

    private func trial<Model: DynamicalModel<ShallowWaterState>>(_ model: Model, leadSteps: Int, starts: Set<Int>) -> SimulationTrial<Model> {
        var trial = SimulationTrial(model, grid: grid, leadSteps: leadSteps, starts: starts)
        for state in truth { trial.observe(state) }
        return trial
    }

    /// One pass through the truth gives what separate forecasts from arrays of states give.
    @Test func streamedForecastsAreThoseFromEachStart() {
        let trial = trial(model, leadSteps: 3, starts: [0, 2, 4])
        #expect(trial.forecasts.count == 3)
        for (record, start) in zip(trial.forecasts, [0, 2, 4]) {
            let alone = ForecastSkill.forecast(model, truth: Array(truth[start...start + 3]), grid: grid, scales: sampleScales)
            #expect([record] == alone.records)
        }
    }

    @Test func everyPairOfStatesIsTried() {
        let trial = trial(model, leadSteps: 1, starts: [0])
        #expect(trial.stepErrors.count == truth.count - 1)
        for (start, errors) in trial.stepErrors.enumerated() {
            let alone = ForecastSkill.forecast(model, truth: Array(truth[start...start + 1]), grid: grid, scales: sampleScales)
            #expect(abs(sampleScales.error(of: errors) - alone.error[0]) < 1e-14)
        }
    }

    @Test func aStepThatFailsIsInfinitelyWrongAndTheNextIsTried() {
        // Its states are told by how far they are from the start: of the run's states it can step the first alone.
        let fragile = FragileModel(broken: truth[2])
        let trial = trial(fragile, leadSteps: 5, starts: [0])
        #expect(trial.stepErrors.map { $0[0].isFinite } == [true, true, false, true, true, true, true])
        #expect(trial.stepFailure == "step 3: the sample cannot step from here")
        #expect(OneStepSkill([trial.stepErrors], scales: sampleScales).statistics.mean == .infinity)
    }

    @Test func oneStepSkillIsOverSimulations() {
        let (near, far) = ([1.0, 0, 0].map { $0 * sampleScales.zeta }, [3.0, 0, 0].map { $0 * sampleScales.zeta })
        let skill = OneStepSkill([[near, far], [far, far, far], [near]], scales: sampleScales)
        let root = 3.0.squareRoot()
        for (ours, expected) in zip(skill.bySimulation, [2 / root, 3 / root, 1 / root]) { #expect(abs(ours - expected) < 1e-14) }
        #expect(abs(skill.statistics.mean - 2 / root) < 1e-14)
        #expect(abs(skill.statistics.deviation - 1 / root) < 1e-14)
    }
}

/// Steps right, but from one state not at all.
private struct FragileModel: DynamicalModel {
    let timeStep = 60.0
    let broken: ShallowWaterState

    func step(_ state: ShallowWaterState) throws -> ShallowWaterState {
        if state == broken { throw SampleFailure() }
        return ShiftModel(a: 0.9001).step(state)
    }
}

private struct SampleFailure: Error, CustomStringConvertible {
    let description = "the sample cannot step from here"
}
