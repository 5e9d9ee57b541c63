import Basics
import Dynamics
import Emulators
import Evaluation
import Optimisation
import ReferenceModels
import Tensors
import TestSupport
import Testing
import Training

/// The structured network learns the Lorenz '96 model itself, to rounding.
@Suite struct Lorenz96LearningTests {
    private static let network = Lorenz96Network.bilinearRK4(products: 2)
    private let model: Lorenz96Model

    init() throws { model = try Lorenz96Model() }

    private func trajectory(_ index: Int, steps: Int = 100) throws -> [Lorenz96State] {
        var states = [try model.advance(model.initialState(seed: 3, index: index), steps: 400)]
        for _ in 0..<steps { states.append(try model.step(states[states.count - 1])) }
        return states
    }

    private func learned<Scalar: TensorScalar>(
        _ precision: Scalar.Type, steps: Int = 20, rolloutSteps: Int = 1, observed: [Bool]? = nil
    ) throws -> Lorenz96Emulator {
        let trajectories = try (0..<4).map { try trajectory($0) }
        let scales = try Lorenz96Scales(of: trajectories, observed: observed)
        let sequences = try RingSequences(trajectories, scales: scales, steps: rolloutSteps, observed: observed, reach: Self.network.reach)
        let loss = SequenceLoss<Scalar>(step: Self.network.step(timeStep: model.timeStep, scales: scales).block, sequences: sequences)
        let trainer = try Trainer(
            training: loss, validation: loss,
            settings: TrainingSettings(
                seed: 1, steps: steps, batchSize: 128, optimiser: .levenbergMarquardt(.init()), validateEvery: 1, validationSamples: 100))
        var state = trainer.initialState(Self.network.layout)
        try trainer.run(&state) { _, _ in true }
        return try Lorenz96Emulator(network: Self.network, parameters: state.best, scales: scales, timeStep: model.timeStep)
    }

    private func oneStepError(_ emulator: Lorenz96Emulator) throws -> Double {
        try PredictionError(deviation: 3.64).oneStep(of: emulator, truth: trajectory(100, steps: 300))
    }

    private func jacobianError(_ emulator: Lorenz96Emulator) throws -> Double {
        try trajectory(101, steps: 20).map { try emulator.jacobian(at: $0).relativeError(to: model.jacobian(at: $0)) }.max() ?? .nan
    }

    @Test func theModelIsFoundToRounding() throws {
        let emulator = try learned(Double.self)
        #expect(measured("one step", try oneStepError(emulator)) < 1e-14)
        #expect(measured("Jacobian", try jacobianError(emulator)) < 1e-13)
        // From rounding to 0.4 is 34 Lyapunov times of 0.60 units; what is asked of an emulator is eleven.
        let errors = PredictionError(deviation: 3.64).byLead(of: emulator, truth: try trajectory(102, steps: 600))
        let valid = try #require(PredictionError.validTime(errors, timeStep: model.timeStep))
        #expect(measured("valid time", valid) > 25 * 0.6)
    }

    /// Why the structured network is trained in double precision.
    @Test func singlePrecisionIsWhatWouldLimitIt() throws {
        let error = measured("one step, learned in single precision", try oneStepError(learned(Float.self)))
        #expect(error < 1e-6 && error > 1e-10)
    }

    @Test func severalStepsTeachTheSame() throws {
        #expect(measured("one step, learned from three", try oneStepError(learned(Double.self, rolloutSteps: 3))) < 1e-13)
    }

    /// A window of 20 cells holds the 17 that a value depends on a step later, for four values.
    @Test func aWindowOfTheRingTeachesTheWholeRing() throws {
        let emulator = try learned(Double.self, observed: (0..<40).map { (7..<27).contains($0) })
        #expect(measured("one step, learned from a window", try oneStepError(emulator)) < 1e-13)
        #expect(measured("Jacobian, learned from a window", try jacobianError(emulator)) < 1e-12)
    }

    /// The quadratic terms make and destroy nothing, so that the exponents' sum is the trace of the damping, -K.
    @Test func exponentsOfEmulatorAndModelAgree() throws {
        let emulator = try learned(Double.self)
        let start = try trajectory(103, steps: 0)[0]
        let spectra = [
            try LyapunovSpectrum(of: model, from: start, transient: 200, steps: 2000),
            try LyapunovSpectrum(of: emulator, from: start, transient: 200, steps: 2000),
        ]
        for spectrum in spectra {
            #expect(measured("sum of the exponents", abs(spectrum.sum + 40)) < 0.05)
            #expect(measured("leading exponent", abs(spectrum.exponents[0] - 1.68)) < 5 * spectrum.standardErrors[0] + 0.02)
            // Lorenz and Emanuel (1998), J. Atmos. Sci. 55, 399-414: 27.1.
            #expect(measured("dimension", abs((spectrum.kaplanYorkeDimension ?? 0) - 27.1)) < 1)
        }
        // Trajectories part after some 20 units of the 100: what agrees is the statistics.
        #expect(abs(spectra[0].exponents[0] - spectra[1].exponents[0]) < 4 * (spectra[0].standardErrors[0] + spectra[1].standardErrors[0]))
    }
}
