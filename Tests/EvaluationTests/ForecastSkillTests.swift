import Dynamics
import Evaluation
import TestSupport
import Testing

@Suite struct ForecastSkillTests {
    private let grid: ShallowWaterGrid
    private let still: ShallowWaterState

    init() throws {
        grid = try islandGrid()
        still = sampleState(grid, 0)
    }

    /// Five states that are all the same.
    private var truth: [ShallowWaterState] { Array(repeating: still, count: 5) }

    private func skill(_ model: some DynamicalModel<ShallowWaterState>, _ truth: [ShallowWaterState]) -> ForecastSkill {
        ForecastSkill.forecast(model, truth: truth, grid: grid, scales: sampleScales)
    }

    @Test func aPerfectModelHasNoError() {
        let model = ShiftModel()
        var truth = [still]
        for _ in 0..<4 { truth.append(model.step(truth[truth.count - 1])) }
        let skill = skill(model, truth)
        #expect(skill.error == [0, 0, 0, 0])
        #expect(skill.channelError == Array(repeating: [0, 0, 0, 0], count: 3))
        #expect(skill.failures.isEmpty)
        #expect(skill.forecasts == 1)
        #expect(skill.secondsPerStep > 0)
    }

    @Test(arguments: 0..<3)
    func aConstantOffsetHasAKnownError(channel: Int) {
        let scale = sampleScales.state[channel]
        let skill = skill(DriftingModel(channel: channel, perStep: scale / 8, start: still), truth)
        for lead in 0..<4 {
            let offset = Double(lead + 1) / 8
            for other in 0..<3 { #expect(abs(skill.channelError[other][lead] - (other == channel ? offset : 0)) < 1e-14) }
            #expect(abs(skill.error[lead] - offset / 3.0.squareRoot()) < 1e-14)
            #expect(abs(skill.meanElevationDrift[lead] - (channel == 0 ? offset * scale : 0)) < 1e-14)
        }
    }

    @Test func whatIsOnLandAndClosedFacesDoesNotCount() {
        let free = grid.wet + grid.openEast + grid.openNorth
        var spoilt = truth
        for k in free.indices where !free[k] { spoilt[1].vector[k] += 100 }
        #expect(skill(Persistence(timeStep: 60), spoilt).error == [0, 0, 0, 0])
        var shifted = truth
        for k in free.indices where free[k] { shifted[1].vector[k] += 1 }
        #expect(skill(Persistence(timeStep: 60), shifted).error[0] > 1)
    }

    @Test func aFailingModelIsInfinitelyWrongFromThereOnAndNamed() {
        let skill = skill(DriftingModel(channel: 0, perStep: 0.5, lastStep: 2, start: still), truth)
        #expect(skill.error[0].isFinite && skill.error[1].isFinite)
        #expect(skill.error[2...] == [.infinity, .infinity])
        #expect(skill.channelError.allSatisfy { $0[2...] == [.infinity, .infinity] })
        #expect(skill.meanElevationDrift[2...] == [.infinity, .infinity])
        #expect(skill.failures == ["step 3: the sample has run into its limit"])
    }

    @Test func mergingWeighsByTheNumberOfForecasts() {
        func one(_ perStep: Double, lastStep: Int = .max) -> ForecastSkill {
            skill(DriftingModel(channel: 0, perStep: perStep, lastStep: lastStep, start: still), truth)
        }
        var pair = ForecastSkill(leadSteps: 4)
        pair.merge(one(0.1))
        #expect(pair.error == one(0.1).error)
        pair.merge(one(0.4))
        var single = ForecastSkill(leadSteps: 4)
        single.merge(one(1))
        single.merge(pair)
        #expect(single.forecasts == 3)
        for lead in 0..<4 {
            let expected = Double(lead + 1) * (0.1 + 0.4 + 1) / 3
            #expect(abs(single.channelError[0][lead] - expected / sampleScales.zeta) < 1e-14)
            #expect(abs(single.error[lead] - expected / sampleScales.zeta / 3.0.squareRoot()) < 1e-14)
            // The largest, not the mean.
            #expect(abs(single.meanElevationDrift[lead] - Double(lead + 1)) < 1e-14)
        }
        single.merge(one(1, lastStep: 1))
        #expect(single.error[0].isFinite && single.error[1] == .infinity)
        #expect(single.failures.count == 1)
        #expect(single.forecasts == 4)
    }

    @Test func persistenceForecastsTheStart() {
        let persistence = Persistence<ShallowWaterState>(timeStep: 60)
        #expect(persistence.timeStep == 60)
        #expect(persistence.step(still) == still)
        let other = sampleState(grid, 1)
        let skill = skill(persistence, [still, other, still])
        let masks = [grid.wet, grid.openEast, grid.openNorth]
        #expect(skill.channelError.map { $0[0] } == ForecastSkill.channelErrors(still, other, masks: masks, scales: sampleScales))
        #expect(skill.error[0] > 0.1)
        #expect(skill.error[1] == 0)
        #expect(skill.meanElevationDrift == [0, 0])
    }
}
