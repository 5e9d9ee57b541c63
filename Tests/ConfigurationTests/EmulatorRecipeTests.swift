import Configuration
import Testing

/// An emulator's own section `training`: what it leaves out is as in the experiment's.
@Suite struct EmulatorRecipeTests {
    private static let mixed = """
        name: a
        training: {steps: 500, batch_size: 3, seed: 7, directory: here}
        emulators:
          implicit: {learning_rate: 0.5, training: {optimiser: levenberg_marquardt, steps: 30, batch_size: 8}}
          unet: {widths: [4, 8], training: {seconds: 60}}
        """

    @Test func keysThatAreLeftOutAreInherited() throws {
        let experiment = try Experiment.parse(Self.mixed)
        var expected = experiment.training
        (expected.optimiser, expected.budget, expected.batchSize) = (.levenbergMarquardt, .steps(30), 8)
        #expect(experiment.emulators.implicit.recipe.training == expected)
        #expect(expected.seed == 7 && expected.directory == "here")
        #expect(experiment.emulators.implicit.recipe.learningRate == 0.5)
        #expect(experiment.training.optimiser == .adam && experiment.training.budget == .steps(500))
        #expect(experiment.emulators.unet.recipe.training?.budget == .seconds(60))
        #expect(experiment.emulators.explicit.recipe.training == nil)
        #expect(experiment.emulators.fluxForm == nil)
    }

    /// The order of the sections in a file makes no difference.
    @Test func theExperimentsSectionMayComeLast() throws {
        let lines = Self.mixed.split(separator: "\n").map(String.init)
        let turned = ([lines[0]] + lines[2...] + [lines[1]]).joined(separator: "\n")
        #expect(try Experiment.parse(turned) == Experiment.parse(Self.mixed))
    }

    @Test func overridesReachThemToo() throws {
        let experiment = try Experiment.parse(Self.mixed, overrides: [
            "training.batch_size=5", "emulators.non_local.training.seed=9", "emulators.unet.training=null",
            "emulators.implicit.training.batch_size=null",
        ])
        #expect(experiment.emulators.nonLocal.recipe.training?.batchSize == 5 && experiment.emulators.nonLocal.recipe.training?.seed == 9)
        #expect(experiment.emulators.implicit.recipe.training?.batchSize == 5)
        #expect(experiment.emulators.unet.recipe.training == nil)
    }

    @Test func theImplicitOneWithoutItsSolveInheritsFromTheImplicitOne() throws {
        let experiment = try Experiment.parse(Self.mixed + "\n  flux_form: {training: {seed: 8}}")
        var expected = experiment.emulators.implicit.recipe
        expected.training?.seed = 8
        #expect(experiment.emulators.fluxForm == expected)
    }

    @Test(arguments: ["", "\n  flux_form: {learning_rate: 0.25}", "\n  bilinear_implicit: {linear: [2, 0], products: [0, 3], training: {steps: 4}}"])
    func roundTrip(more: String) throws {
        let experiment = try Experiment.parse(Self.mixed + more)
        let text = try experiment.resolvedYAML
        #expect(try Experiment.parse(text) == experiment)
        #expect(try Experiment.parse(text).resolvedYAML == text)
    }

    @Test(arguments: [
        ("unet: {training: {stepz: 3}}", "emulators.unet.training.stepz is not a known key"),
        ("unet: {training: {batch_size: 0}}", "emulators.unet.training.batch_size is '0', expected a whole number from 1 to 100000"),
        (
            "unet: {training: {steps: 3, seconds: 3}}",
            "emulators.unet.training.seconds and emulators.unet.training.steps are both given, but only one can end the training"
        ),
        (
            "unet: {training: {directory: x}}",
            "emulators.unet.training.directory has no meaning here: it applies only when it stands in the experiment's own section training"
        ),
        (
            "unet: {training: {learning_rate: 1}}",
            "emulators.unet.training.learning_rate has no meaning here: "
                + "it applies only when it stands beside an emulator's sizes, as emulators.implicit.learning_rate"
        ),
        ("unet: {training: 3}", "emulators.unet.training is '3', expected a section of keys with values"),
        ("unet: {widths: []}", "emulators.unet.widths is a list of 0 values, expected a list of one or more, each a whole number"),
        ("unet: {widths: [4, 0]}", "emulators.unet.widths[1] is '0', expected a whole number from 1 to 1024"),
        (
            "bilinear_explicit: {linear: [4], products: [0, 3]}",
            "emulators.bilinear_explicit.products is a list of 2, and linear one of 1: both have one number for each stage"
        ),
        (
            "bilinear_implicit: {linear: [4, 0], products: [1, 0]}",
            "emulators.bilinear_implicit.products and linear are both 0 for stage 1, which leaves it no channel"
        ),
        ("implicit_residual: {channels: 1}", "emulators.implicit_residual.channels is '1', expected a whole number from 2 to 1024"),
        ("flux_form: {products: 3}", "emulators.flux_form.products is not a known key"),
        ("transformer: {}", "emulators.transformer is not a known key"),
    ])
    func refuses(section: String, what: String) throws {
        #expect(try refusal(of: "name: a\ntraining: {steps: 5}\nemulators:\n  \(section)\n").what == "e.yaml, line 4: " + what)
    }

    @Test func suggestsTheNearestName() throws {
        let slip = try refusal(of: "name: a\ntraining: {steps: 5}\nemulators: {explicit: {training: {optimizer: adam}}}")
        #expect(slip.remedy == "did you mean emulators.explicit.training.optimiser?")
    }
}
