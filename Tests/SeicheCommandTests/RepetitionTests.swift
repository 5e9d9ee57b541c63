import Foundation
import Testing

/// What a command does where its results are there already, and that results follow from the seed.
@Suite struct RepetitionTests {
    @Test func aSecondSimulateKeepsTheFilesAndSaysSo() async throws {
        let workplace = try Workplace(copyOf: await TinyExperiment.made().workplace)
        let simulations = workplace.files.keys.filter { $0.contains("simulation_") }
        let before = simulations.map { workplace.modificationTime($0) }
        #expect(before.count == 4 && before.allSatisfy { $0 != nil })
        let outcome = try await workplace.run("simulate", "tiny.yaml")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("4 of 4 simulations are complete already"))
        #expect(simulations.map { workplace.modificationTime($0) } == before)
    }

    @Test func simulateMakesOnlyWhatIsMissing() async throws {
        let tiny = try await TinyExperiment.made().workplace
        let workplace = try Workplace(copyOf: tiny)
        let missing = "data/tiny/training/simulation_0001.nc"
        try FileManager.default.removeItem(atPath: workplace.path(missing))
        let outcome = try await workplace.run("simulate", "tiny.yaml")
        #expect(outcome.output.contains("3 of 4 simulations are complete already"))
        #expect(workplace.files == tiny.files)
    }

    @Test func overwriteReplacesWhatBelongsToAnotherExperiment() async throws {
        let tiny = try await TinyExperiment.made().workplace
        let workplace = try Workplace(copyOf: tiny)
        let outcome = try await workplace.run("simulate", "tiny.yaml", "--set", "simulations.seed=2", "--overwrite")
        #expect(outcome.status == 0)
        let (old, new) = (tiny.files, workplace.files)
        for name in old.keys {
            let isOfTheData = name.contains("simulation_") || name.hasSuffix("SHA256SUMS")
            #expect((new[name] == old[name]) == !isOfTheData, "\(name)")
        }
    }

    @Test(arguments: ["implicit", "explicit"])
    func aSecondTrainSaysComplete(emulator: String) async throws {
        let tiny = try await TinyExperiment.made().workplace
        let workplace = try Workplace(copyOf: tiny)
        let outcome = try await workplace.run("train", "tiny.yaml", "--emulator", emulator)
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("complete already"))
        #expect(workplace.files == tiny.files)
    }

    @Test func restartTrainsAnewToTheSameWeights() async throws {
        let tiny = try await TinyExperiment.made().workplace
        let workplace = try Workplace(copyOf: tiny)
        let outcome = try await workplace.run("train", "tiny.yaml", "--restart")
        #expect(outcome.status == 0)
        #expect(!outcome.output.contains("complete already"))
        #expect(try weights(workplace) == weights(tiny))
        // One line a step, none left over from the run before.
        #expect(try loggedSteps(workplace) == loggedSteps(tiny))
    }

    @Test func theSameSeedGivesTheSameBytes() async throws {
        let tiny = try await TinyExperiment.made().workplace
        let again = try Workplace()
        for command in TinyExperiment.commands.prefix(2) {
            let outcome = try await again.start(command).outcome()
            #expect(outcome.status == 0)
        }
        let (first, second) = (tiny.files, again.files)
        let simulations = second.keys.filter { $0.contains("simulation_") }
        #expect(simulations.count == 4)
        for name in simulations { #expect(second[name] == first[name], "\(name)") }
        // A checkpoint also holds the seconds that the training took.
        #expect(try weights(again) == weights(tiny))
        #expect(second["data/tiny/emulators/implicit/log.jsonl"] == first["data/tiny/emulators/implicit/log.jsonl"])
    }

    @Test func emulatorsFromElsewhereAreComparedInANewFolder() async throws {
        let workplace = try Workplace(copyOf: await TinyExperiment.made().workplace)
        let arguments = ["--emulator", "data/tiny/emulators/implicit/best.nc", "--set", "training.directory=elsewhere"]
        let outcome = try await workplace.start(["compare", "tiny.yaml"] + arguments).outcome()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(workplace.files["elsewhere/comparison.nc"] != nil)
    }

    @Test func anotherSeedGivesOtherWeights() async throws {
        let workplace = try Workplace(copyOf: await TinyExperiment.made().workplace)
        let outcome = try await workplace.run("train", "tiny.yaml", "--name", "other", "--set", "training.seed=2")
        #expect(outcome.status == 0)
        #expect(try weights(workplace, run: "other") != weights(workplace))
    }
}
