import Basics
import Configuration
import Testing

/// What a Lorenz '96 experiment says of learning.
@Suite struct Lorenz96LearningTests {
    private static let yaml = """
        name: a
        model: {kind: lorenz96}
        simulations: {training: {count: 20}}
        emulators:
          bilinear_rk4: {products: 3, steps: 7}
          relu_rk4: {hidden_layers: 1, channels: 5, optimiser: levenberg_marquardt, batch_size: 9, learning_rate: 0.5}
        training:
          trajectories: 12
          rollout_steps: 4
          observed: [{first: 35, cells: 20}, {cells: 2}]
          seed: 9
          validate_every: 3
        comparison: {lead_steps: 40, starts: 3, threshold: 0.3, lyapunov_steps: 500}
        check: {states: 8, step_sizes: [0.1]}

        """

    @Test func everyKeyIsReadAndWrittenBack() throws {
        let experiment = try Experiment.parse(Self.yaml)
        var expected = Experiment.Lorenz96Learning()
        expected.emulators.bilinearRK4.products = 3
        expected.emulators.bilinearRK4.descent.steps = 7
        expected.emulators.reluRK4.hiddenLayers = 1
        expected.emulators.reluRK4.channels = 5
        expected.emulators.reluRK4.descent = .init(optimiser: .levenbergMarquardt, steps: expected.emulators.reluRK4.descent.steps, batchSize: 9)
        expected.emulators.reluRK4.descent.learningRate = 0.5
        expected.data.trajectories = 12
        expected.data.rolloutSteps = 4
        var (wide, narrow) = (Experiment.Lorenz96TrainingData.Window(), Experiment.Lorenz96TrainingData.Window())
        (wide.first, wide.cells, narrow.cells) = (35, 20, 2)
        expected.data.observed = [wide, narrow]
        (expected.comparison.leadSteps, expected.comparison.starts) = (40, 3)
        (expected.comparison.threshold, expected.comparison.lyapunovSteps) = (0.3, 500)
        (expected.check.states, expected.check.stepSizes) = (8, [0.1])
        #expect(experiment.lorenz96 == expected)
        #expect(experiment.training.seed == 9 && experiment.training.validateEvery == 3)
        #expect(try Experiment.parse(experiment.resolvedYAML) == experiment)
    }

    @Test func windowsGoOverTheEndOfTheRing() throws {
        let data = try Experiment.parse(Self.yaml).lorenz96.data
        #expect(data.isObserved(sectors: 40) == (0..<40).map { $0 < 15 || $0 >= 35 })
        #expect(data.isObserved(sectors: 16) == [Bool](repeating: true, count: 16))
        #expect(Experiment.Lorenz96TrainingData().isObserved(sectors: 40) == nil)
    }

    @Test func learningDoesNotDecideWhatIsInAFile() throws {
        let text = try Experiment.parse(Self.yaml).yaml(of: .training)
        for same in ["training.trajectories=3", "emulators.bilinear_rk4.products=1", "comparison.starts=1", "check.states=1"] {
            #expect(try Experiment.parse(Self.yaml, overrides: [same]).yaml(of: .training) == text, "\(same)")
        }
    }

    @Test(arguments: [
        ("training.trajectories=21", "training asks for 21 trajectories, but there are 20 training simulations"),
        ("training.steps=3", "training.steps has no meaning here"), ("training.solver_tolerance=1e-3", "training.solver_tolerance has no meaning here"),
        ("training.observed=[{first: 3}]", "training.observed[0].cells is missing"),
        ("emulators.implicit.products=3", "emulators.implicit is not a known key"),
        ("emulators.relu_rk4.channels=0", "emulators.relu_rk4.channels is '0'"), ("check.directions=3", "check.directions is not a known key"),
    ]) func refuses(override: String, words: String) throws {
        do {
            _ = try Experiment.parse(Self.yaml, overrides: [override])
            Issue.record("\(override) was accepted")
        } catch let error as SeicheError { #expect("\(error)".contains(words), "\(error)") }
    }
}
