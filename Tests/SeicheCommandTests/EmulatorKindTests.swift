import Emulators
import TestSupport
import Testing

/// Every kind of emulator that an experiment can name is trained, gone on with, and forecasts.
@Suite struct EmulatorKindTests {
    private static let kinds = ["flux_form", "bilinear_implicit", "bilinear_explicit", "unet", "non_local", "implicit_residual"]

    @Test(arguments: kinds) func trainsAndForecasts(_ kind: String) async throws {
        let workplace = try Workplace(copyOf: await TinyExperiment.made().workplace)
        let steps = ["--set", "training.steps=20"]
        let train = try await workplace.start(["train", "tiny.yaml", "--emulator", kind] + steps).outcome()
        #expect(train.status == 0, "\(train.errors)")
        #expect(train.output.contains("\(kind): \(kind), "))
        let again = try await workplace.start(["train", "tiny.yaml", "--emulator", kind] + steps).outcome()
        #expect(again.status == 0 && again.output.contains("complete already"), "\(again.errors)")
        let forecast = try await workplace.start(["forecast", "tiny.yaml", "--emulator", kind, "--steps", "2"]).outcome()
        #expect(forecast.status == 0, "\(forecast.errors)")
    }

    /// With steps too small to matter the weights stay those that it starts from.
    @Test func aTrainingMayStartFromAnothersWeights() async throws {
        let workplace = try Workplace(copyOf: await TinyExperiment.made().workplace)
        let hardlyMoves = ["--set", "training.steps=2", "--set", "emulators.implicit.learning_rate=1e-14", "--set", "training.warm_up_steps=0"]
        let run = try await workplace.start(["train", "tiny.yaml", "--name", "tuned", "--from", "implicit"] + hardlyMoves).outcome()
        #expect(run.status == 0, "\(run.errors)")
        let source = try EmulatorCheckpoint(reading: workplace.path("data/tiny/emulators/implicit/best.nc"))
        let tuned = try EmulatorCheckpoint(reading: workplace.path("data/tiny/emulators/tuned/latest.nc"))
        #expect(zip(tuned.parameters, source.parameters).allSatisfy { abs($0 - $1) < 1e-9 })
        #expect(tuned.provenance["started_from"] == "data/tiny/emulators/implicit/best.nc")
    }

    /// A training that looks at tangent-linears too ends with other weights.
    @Test func aTrainingMayLearnDerivatives() async throws {
        let workplace = try Workplace(copyOf: await TinyExperiment.made().workplace)
        func trained(_ weight: String, _ name: String) async throws -> [Double] {
            let options = ["--set", "training.steps=10", "--set", "training.loss.tangent_weight=\(weight)"]
            let run = try await workplace.start(["train", "tiny.yaml", "--name", name] + options).outcome()
            #expect(run.status == 0, "\(run.errors)")
            return try EmulatorCheckpoint(reading: workplace.path("data/tiny/emulators/\(name)/latest.nc")).parameters
        }
        let (without, with) = (try await trained("0", "states"), try await trained("0.5", "derivatives"))
        #expect(without != with && with.allSatisfy(\.isFinite))
    }

    /// The recipe of one emulator changes its training, and not another's.
    @Test func eachEmulatorMayHaveItsOwnRecipe() async throws {
        let workplace = try Workplace(copyOf: await TinyExperiment.made().workplace)
        let own = "emulators.unet.training={optimiser: levenberg_marquardt, steps: 2, batch_size: 3}"
        let recipe = ["--set", own, "--set", "emulators.unet.widths=[4, 4]"]
        let unet = try await workplace.start(["train", "tiny.yaml", "--emulator", "unet"] + recipe).outcome()
        #expect(unet.status == 0 && unet.output.contains("2 steps of 3"), "\(unet.output) \(unet.errors)")
        let explicit = try await workplace.start(["train", "tiny.yaml", "--emulator", "explicit"] + recipe).outcome()
        #expect(explicit.status == 0, "\(explicit.errors)")
        #expect(explicit.output.contains("60 steps of 2") && explicit.output.contains("complete already"), "\(explicit.output)")
        try await expectOneClearMessage(
            Mistake(
                "a changed recipe", "train --emulator explicit --set emulators.explicit.training.seed=2", says: "its training.seed is 1, not 2",
                "--restart"))
    }
}
