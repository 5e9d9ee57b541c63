import Basics
import Foundation
import Testing

import Configuration

/// The repository's root, from this file's place in it.
let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

/// The error that reading `yaml` throws, or a failure.
func refusal(of yaml: String, overrides: [String] = [], sourceLocation: SourceLocation = #_sourceLocation) throws -> SeicheError {
    let error = try #require(
        throws: SeicheError.self, sourceLocation: sourceLocation,
        performing: { try Experiment.parse(yaml, source: "e.yaml", overrides: overrides) })
    #expect(error.category == .invalidInput, sourceLocation: sourceLocation)
    return error
}

@Suite struct ExperimentTests {
    static let minimal = "name: a\ntraining: {steps: 5}\n"

    @Test(arguments: ["north_sea", "north_sea_tides", "basin", "tiny"])
    func committedExperimentsLoadAndSurviveARoundTrip(name: String) throws {
        let experiment = try Experiment.load(path: "\(repository)/experiments/\(name).yaml")
        #expect(experiment.name == name)
        let again = try Experiment.parse(experiment.resolvedYAML)
        #expect(again == experiment)
        #expect(try again.resolvedYAML == experiment.resolvedYAML)
    }

    @Test func northSeaFileSpellsOutTheDefaults() throws {
        var file = try Experiment.load(path: "\(repository)/experiments/north_sea.yaml")
        // One emulator has a recipe of its own there, and its ablation the same without the ridge.
        let (own, ablation) = (file.emulators.implicit.recipe.training, file.emulators.fluxForm?.training)
        #expect(own?.optimiser == .levenbergMarquardt && ablation?.optimiser == .levenbergMarquardt)
        #expect(own?.ridge == 10 && ablation?.ridge == 0 && own?.batchSize == ablation?.batchSize)
        file.emulators.implicit.recipe.training = nil
        file.emulators.fluxForm = nil
        #expect(file == Experiment(name: "north_sea"))
    }

    @Test func valuesReachTheirProperties() throws {
        let basin = try Experiment.load(
            path: "\(repository)/experiments/basin.yaml",
            overrides: ["model.drag=2e-3", "training.steps=null", "training.seconds=12.5", "emulators.explicit.hidden=9", "check.step_sizes=[0.5]"])
        #expect(basin.model.domain == .basin(nx: 100, ny: 100, spacing: 1.0e4))
        #expect(basin.initial == .bump)
        #expect(basin.model.drag == 0.002)
        #expect(basin.training.budget == .seconds(12.5))
        #expect(basin.emulators.explicit.hidden == 9)
        #expect(basin.check.stepSizes == [0.5])
        #expect(basin.simulations.test == .init(count: 4, steps: 290))
    }

    @Test func roundTripKeepsHostileTextAndEveryBit() throws {
        var experiment = Experiment(name: "true")
        experiment.simulations.directory = "a \"b\"\\c: #d\té\n{x}"
        experiment.training.directory = "null"
        experiment.model.gravity = 0.1 + 0.2
        experiment.model.solverTolerance = 1e-12
        experiment.simulations.seed = .max
        let text = try experiment.resolvedYAML
        #expect(text.contains("solver_tolerance: 1.0e-12"))
        #expect(try Experiment.parse(text) == experiment)
    }

    @Test func aProgramsBadValueIsNotWritten() throws {
        var experiment = Experiment(name: "a")
        experiment.model.implicitness = 0.4
        let error = try #require(throws: SeicheError.self) { try experiment.resolvedYAML }
        #expect(error.what == "the experiment a: model.implicitness is '0.4', expected a number from 0.5 to 1.0")
    }

    @Test func keysTogether() throws {
        let both = try refusal(of: "name: a\ntraining:\n  steps: 5\n  seconds: 5\n")
        #expect(both.what == "e.yaml, line 4: training.seconds and training.steps are both given, but only one can end the training")
        #expect(try Experiment.parse("name: a\n").training.budget == .steps(1500))
        #expect(
            try refusal(of: "name: a\ntraining: {steps: 5, final_rate_fraction: 2}").what.contains("training.final_rate_fraction"))
        let long = try refusal(of: Self.minimal, overrides: ["comparison.lead_steps=145"])
        #expect(long.what.contains("comparison asks for 1 start(s) of 145 steps, but a test simulation keeps only 144 steps"))
    }

    @Test func keysOfAnotherChoiceAreToldApartFromMisspellings() throws {
        let error = try refusal(of: Self.minimal + "model:\n  domain: north_sea\n  size: [3, 3]\n")
        #expect(error.what == "e.yaml, line 5: model.size has no meaning here: it applies only when model.domain is basin")
        #expect(
            try refusal(of: Self.minimal, overrides: ["initial={kind: bump, rms: 1}"]).what
                .contains("initial.rms has no meaning here: it applies only when initial.kind is smooth_random"))
    }
}
