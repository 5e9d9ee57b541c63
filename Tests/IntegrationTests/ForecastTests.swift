import Dynamics
import Emulators
import Evaluation
import StencilSolvers
import TestSupport
import Testing

/// What training on the Fortran model's output is for: forecasts of a simulation that was never seen, on a bed of its own.
@Suite struct ForecastTests {
    private func skill(_ model: some DynamicalModel<ShallowWaterState>, _ trained: TrainedEmulators, lead: Int) -> ForecastSkill {
        ForecastSkill.forecast(model, truth: Array(trained.truth[0...lead]), grid: trained.grid, scales: trained.scales)
    }

    /// Measured 7.1e-5 of the training set's RMS, and 1.5e-4 of persistence.
    @Test func oneStepBeatsPersistence() throws {
        let trained = try TrainedEmulators.made()
        let emulator = skill(trained.implicit, trained, lead: 1).error[0]
        let persistence = skill(Persistence(timeStep: 300), trained, lead: 1).error[0]
        #expect(measured("one-step error, implicit", emulator) < 5e-4)
        #expect(measured("one-step error, implicit over persistence", emulator / persistence) < 1e-3)
    }

    /// Measured 1.4e-3 after a step, 1.3e-3 after an hour; the explicit net saw six times as many samples.
    @Test func implicitBeatsExplicit() throws {
        let trained = try TrainedEmulators.made()
        #expect(abs(trained.implicit.parameters.count - trained.explicit.parameters.count) < trained.implicit.parameters.count / 10)
        let (implicit, explicit) = (skill(trained.implicit, trained, lead: 12), skill(trained.explicit, trained, lead: 12))
        #expect(implicit.failures.isEmpty)
        #expect(measured("one-step error, implicit over explicit", implicit.error[0] / explicit.error[0]) < 0.01)
        #expect(measured("error after an hour, implicit over explicit", implicit.error[11] / explicit.error[11]) < 0.01)
    }

    /// Measured 4.6e-4.
    @Test func anHourAheadIsUseful() throws {
        let trained = try TrainedEmulators.made()
        let emulator = skill(trained.implicit, trained, lead: 12).error[11]
        let persistence = skill(Persistence(timeStep: 300), trained, lead: 12).error[11]
        #expect(measured("error after an hour, implicit over persistence", emulator / persistence) < 5e-3)
    }

    /// The fluxes cancel at any tolerance of the solver, so a coarse one is taken. Measured 3.6e-17 m, of a mean of 2.4e-3 m.
    @Test func meanElevationStays() throws {
        let trained = try TrainedEmulators.made()
        let sharp = trained.implicit
        let coarse = try ShallowWaterEmulator(
            network: sharp.network, parameters: sharp.parameters, scales: sharp.scales, grid: sharp.grid, timeStep: sharp.timeStep,
            solver: GaussSeidel(tolerance: 1e-4))
        var state = trained.truth[0]
        let wet = Double(trained.grid.wet.count { $0 })
        let start = state.zeta.reduce(0, +) / wet
        var drift = 0.0
        for _ in 0..<200 {
            state = try coarse.step(state)
            drift = max(drift, abs(state.zeta.reduce(0, +) / wet - start))
        }
        #expect(measured("mean elevation, m", abs(start)) > 1e-3)
        #expect(measured("drift of the mean elevation over 200 steps, m", drift) < 1.2e-16)
    }
}
