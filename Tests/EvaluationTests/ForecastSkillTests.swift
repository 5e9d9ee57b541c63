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
        #expect(skill.records.count == 1)
        #expect(skill.relativeMassDrift.allSatisfy { $0 > 0 })
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

    @Test func meansAndDeviationsAreOverForecasts() {
        func record(_ perStep: Double, lastStep: Int = .max) -> ForecastRecord {
            skill(DriftingModel(channel: 0, perStep: perStep, lastStep: lastStep, start: still), truth).records[0]
        }
        let three = ForecastSkill([0.1, 0.4, 1].map { record($0) }, scales: sampleScales)
        let unit = 1 / sampleScales.zeta / 3.0.squareRoot()
        for lead in 0..<4 {
            let expected = Double(lead + 1) * (0.1 + 0.4 + 1) / 3
            #expect(abs(three.channelError[0][lead] - expected / sampleScales.zeta) < 1e-14)
            #expect(abs(three.error[lead] - expected * unit) < 1e-14)
            // ((0.4)^2 + (0.1)^2 + (0.5)^2) / 2 = 0.21
            #expect(abs(three.errorDeviation[lead] - Double(lead + 1) * 0.21.squareRoot() * unit) < 1e-14)
            // The largest, not the mean.
            #expect(abs(three.meanElevationDrift[lead] - Double(lead + 1)) < 1e-14)
        }
        #expect(ForecastSkill([record(1)], scales: sampleScales).errorDeviation.allSatisfy { $0.isNaN })
        let failed = ForecastSkill([record(1), record(1, lastStep: 1)], scales: sampleScales)
        #expect(failed.error[0].isFinite && failed.error[1] == .infinity && failed.errorDeviation[1].isNaN)
        #expect(failed.failures.count == 1)
        #expect(failed.records.count == 2)
    }

    /// Half of what was there appears: of a surface of both signs it is the part of its magnitude.
    @Test func massDriftIsRelativeToTheMagnitude() {
        let wet = grid.wet
        let magnitude = wet.indices.filter { wet[$0] }.reduce(0) { $0 + abs(still.vector[$1]) }
        let perCell = 0.5 * magnitude / Double(wet.count { $0 })
        let skill = skill(DriftingModel(channel: 0, perStep: perCell, start: still), truth)
        for lead in 0..<4 { #expect(abs(skill.relativeMassDrift[lead] - 0.5 * Double(lead + 1)) < 1e-14) }
        let flat = ShallowWaterState(nx: grid.nx, ny: grid.ny)
        let atRest = Array(repeating: flat, count: 3)
        #expect(self.skill(Persistence(timeStep: 60), atRest).relativeMassDrift == [0, 0])
        #expect(self.skill(DriftingModel(channel: 0, perStep: 1, start: flat), atRest).relativeMassDrift == [.infinity, .infinity])
    }

    @Test func persistenceForecastsTheStart() {
        let persistence = Persistence<ShallowWaterState>(timeStep: 60)
        #expect(persistence.timeStep == 60)
        #expect(persistence.step(still) == still)
        let other = sampleState(grid, 1)
        let skill = skill(persistence, [still, other, still])
        let expected = ChannelMasks(grid).rootMeanSquares(still, other)
        #expect(skill.channelError.map { $0[0] } == zip(expected, sampleScales.state).map { $0 / $1 })
        #expect(skill.error[0] > 0.1)
        #expect(skill.error[1] == 0)
        #expect(skill.meanElevationDrift == [0, 0])
    }
}
