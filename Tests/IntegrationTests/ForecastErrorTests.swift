import Basics
import Emulators
import Evaluation
import Layers
import StencilSolvers
import TestSupport
import Testing
import Training

@Suite struct ForecastErrorTests {
    private func simulation(_ trained: TrainedEmulators) throws -> TrainingSimulation {
        try TrainingSimulation(
            grid: trained.grid, values: trained.truth.flatMap { $0.vector.map { Float($0) } }, scales: trained.scales,
            timeStep: trained.implicit.timeStep)
    }

    /// What a training is stopped by is what forecasts are compared by: `ForecastSkill`, in SI units and double precision, on the same starts.
    @Test func trainingMeasuresForecastsAsEvaluationDoes() throws {
        let trained = try TrainedEmulators.made()
        let truth = trained.truth
        let simulation = try simulation(trained)
        for (steps, starts) in [(1, 5), (12, 3), (truth.count - 1, 4)] {
            func measure(_ network: some EmulatorNetwork) throws -> Double {
                let implicit = LinearImplicit(solver: GaussSeidel(tolerance: 1e-6))
                let error = try ForecastError(
                    network: network, simulations: TrainingWindows([simulation]), steps: steps, starts: starts, implicit: implicit)
                return try error.error(trained.implicit.parameters.scalars)
            }
            let ours = try measure(trained.implicit.network)
            let room = truth.count - steps
            let records = (0..<min(starts, room)).map { $0 * room / min(starts, room) }.flatMap { start in
                let part = Array(truth[start...start + steps])
                return ForecastSkill.forecast(trained.implicit, truth: part, grid: trained.grid, scales: trained.scales).records
            }
            let theirs = ForecastSkill(records, scales: trained.scales).error.reduce(0, +) / Double(steps)
            #expect(measured("forecast error over \(steps) steps, \(starts) starts, relative", abs(ours - theirs) / theirs) < 1e-3)
        }
    }

    @Test func aForecastThatBlowsUpIsInfinitelyWrong() throws {
        let trained = try TrainedEmulators.made()
        let simulation = try simulation(trained)
        func measure(_ network: some EmulatorNetwork) throws -> Double {
            let implicit = LinearImplicit(solver: GaussSeidel(tolerance: 1e-6))
            let error = try ForecastError(network: network, simulations: TrainingWindows([simulation]), steps: 40, starts: 1, implicit: implicit)
            return try error.error(trained.explicit.parameters.scalars.map { 40 * $0 })
        }
        #expect(try measure(trained.explicit.network) == .infinity)
    }
}
