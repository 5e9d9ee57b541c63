import Basics
import Configuration
import Testing

@Suite struct TrainingKeyTests {
    private static let minimal = "name: a\ntraining: {steps: 5}\n"

    @Test func keysReachTheirPropertiesAndSurviveARoundTrip() throws {
        let experiment = try Experiment.parse(
            """
            name: a
            training:
              steps: 5
              optimiser: adam
              loss: {steps: 2, final_steps: 6, growth: 0.25, gradient: pushforward, channel_weights: [1, 0.5, 0]}
              schedule: plateau
              plateau: {factor: 0.1, patience: 3, threshold: 0.01}
              weight_decay: 0.02
              average_decay: 0.995
              memory: 20
              renew_batch_every: 7
              validation: {rollout_steps: 36, rollout_starts: 4, judge: rollout, patience: 9}
              tensorboard: true
            """)
        let training = experiment.training
        var loss = Experiment.Training.Loss()
        (loss.steps, loss.finalSteps, loss.growth, loss.gradient, loss.channelWeights) = (2, 6, 0.25, .pushforward, [1, 0.5, 0])
        #expect(training.loss == loss)
        var validation = Experiment.Training.Validation()
        (validation.rolloutSteps, validation.rolloutStarts, validation.judge, validation.patience) = (36, 4, .rollout, 9)
        #expect(training.validation == validation)
        #expect(training.schedule == .plateau && training.plateau.factor == 0.1 && training.plateau.patience == 3 && training.plateau.threshold == 0.01)
        #expect(training.weightDecay == 0.02 && training.averageDecay == 0.995 && training.memory == 20 && training.renewBatchEvery == 7)
        #expect(training.tensorboard)
        #expect(try Experiment.parse(experiment.resolvedYAML) == experiment)
    }

    @Test(arguments: [
        ("loss.steps=0", "training.loss.steps is '0'"), ("loss={steps: 4, final_steps: 3}", "training.loss.final_steps is 3, but training begins with 4"),
        ("loss.channel_weights=[0, 0, 0]", "training.loss.channel_weights leaves nothing to learn"),
        ("loss.channel_weights=[1, 1]", "expected a list of 3"), ("loss.gradient=truncated", "expected unrolled or pushforward"),
        ("validation.judge=rollout", "training.validation.judge is rollout, but no forecasts are made"),
        ("plateau.factor=1", "training.plateau.factor is '1'"), ("average_decay=1", "training.average_decay is '1'"),
        ("weight_decay=-1", "training.weight_decay is '-1'"), ("optimiser=sgd", "expected adam, soap, levenberg_marquardt or lbfgs"),
        ("lossy.steps=1", "did you mean training.loss?"),
    ])
    func whatCannotBe(override: String, message: String) throws {
        #expect(try refusal(of: Self.minimal, overrides: ["training." + override]).description.contains(message))
    }

    @Test(arguments: ["levenberg_marquardt", "lbfgs"]) func pushforwardIsForAdam(optimiser: String) throws {
        let error = try refusal(of: Self.minimal, overrides: ["training.loss.gradient=pushforward", "training.optimiser=\(optimiser)"])
        #expect(error.what.contains("training.optimiser is \(optimiser), which cannot lower a loss whose gradient is pushforward"))
    }

    @Test func theFirstDifferenceIsNamed() throws {
        let one = try Experiment.parse(Self.minimal)
        func difference(_ overrides: String..., in section: String = "training") throws -> String? {
            try one.difference(from: Experiment.parse(Self.minimal, overrides: overrides), in: section)
        }
        #expect(try difference() == nil)
        #expect(try difference("training.batch_size=7") == "training.batch_size is 2, not 7")
        #expect(try difference("training.loss.channel_weights=[1, 1, 2]") == "training.loss.channel_weights is [1.0, 1.0, 1.0], not [1.0, 1.0, 2.0]")
        #expect(try difference("training.loss.final_steps=3") == "training.loss.final_steps is left out, not 3")
        #expect(try difference("training.steps=null", "training.seconds=9") == "training.steps is 5, not left out")
        #expect(try difference("model.drag=2e-3") == nil)
        #expect(try difference("model.drag=2e-3", in: "model") == "model.drag is 0.001, not 0.002")
    }
}
