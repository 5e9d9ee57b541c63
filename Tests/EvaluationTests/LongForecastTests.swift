import Dynamics
import Evaluation
import Testing

@Suite struct LongForecastTests {
    private let grid: ShallowWaterGrid
    private let start: ShallowWaterState

    init() throws {
        grid = try islandGrid()
        start = sampleState(grid, 0)
    }

    private func forecast(_ model: some DynamicalModel<ShallowWaterState>, count: Int = 10, every stride: Int = 4) throws -> LongForecast {
        try LongForecast(model, from: start, grid: grid, scales: sampleScales, count: count, every: stride)
    }

    @Test func figuresAreToldAtEvenStepsAndAtTheEnd() throws {
        #expect(try forecast(Persistence(timeStep: 60)).steps == [0, 4, 8, 10])
        #expect(try forecast(Persistence(timeStep: 60), count: 8).steps == [0, 4, 8])
        let still = try forecast(Persistence(timeStep: 60))
        #expect(still.relativeMassDrift == [0, 0, 0, 0] && still.failure == nil && still.largestMassDrift == 0)
        let size = sampleScales.error(of: ChannelMasks(grid).rootMeanSquares(start))
        #expect(still.rms == [size, size, size, size] && still.largestRMS == size)
    }

    /// The surface rises by a tenth of its mean magnitude at each step.
    @Test func driftIsThatOfTheSum() throws {
        let wet = grid.wet.indices.filter { grid.wet[$0] }
        let perCell = 0.1 * wet.reduce(0) { $0 + abs(start.vector[$1]) } / Double(wet.count)
        let rising = try forecast(DriftingModel(channel: 0, perStep: perCell, start: start))
        for (drift, expected) in zip(rising.relativeMassDrift, [0, 0.4, 0.8, 1]) { #expect(abs(drift - expected) < 1e-13) }
        #expect(abs(rising.largestMassDrift - 1) < 1e-13)
    }

    /// What lies between the steps that are told counts: a wave up and down again within four steps.
    @Test func theLargestIsOverAllSteps() throws {
        let wave = try forecast(PulseModel(start: start, height: 3), count: 8)
        #expect(wave.relativeMassDrift == [0, 0, 0])
        #expect(wave.largestMassDrift > 1)
        #expect(wave.largestRMS > wave.rms[0])
    }

    @Test func aFailureIsInfiniteFromThereOnAndNamed() throws {
        let failed = try forecast(DriftingModel(channel: 1, perStep: 0.5, lastStep: 5, start: start))
        #expect(failed.rms.map(\.isFinite) == [true, true, false, false])
        #expect(failed.relativeMassDrift[2...] == [.infinity, .infinity])
        #expect(failed.failure == "step 6: the sample has run into its limit")
        #expect(failed.largestRMS == .infinity)
    }

    @Test func progressCanStopIt() throws {
        var steps = 0
        #expect(throws: Stop.self) {
            _ = try LongForecast(Persistence(timeStep: 60), from: start, grid: grid, scales: sampleScales, count: 10, every: 1) {
                steps += 1
                if steps == 3 { throw Stop() }
            }
        }
        #expect(steps == 3)
    }

    private struct Stop: Error {}
}

/// Up by a height everywhere, down by it at the next step, and so on.
private struct PulseModel: DynamicalModel {
    let timeStep = 60.0
    let start: ShallowWaterState
    let height: Double

    func step(_ state: ShallowWaterState) -> ShallowWaterState {
        guard state == start else { return start }
        var next = state
        next.zeta = state.zeta.map { $0 + height }
        return next
    }
}
