import Basics
import Emulators
import Foundation
import NetCDF
import Testing

/// A small ring from nothing to its figures, by the same commands as shallow water.
@Suite struct Lorenz96PathTests {
    static let experiment = """
        name: ring
        model: {kind: lorenz96}
        simulations: {directory: data/ring, precision: double, spin_up_steps: 200, training: {count: 4, steps: 60}, validation: {count: 1, steps: 30}, test: {count: 2, steps: 120}}
        emulators:
          bilinear_rk4: {products: 1, steps: 20, batch_size: 64}
          relu_rk4: {hidden_layers: 1, channels: 4, steps: 60, batch_size: 8}
          relu_resolvent: {hidden_layers: 2, channels: 4, steps: 60, batch_size: 8}
        training: {directory: data/ring/emulators, validate_every: 10, warm_up_steps: 5}
        comparison: {lead_steps: 100, starts: 3, lyapunov_steps: 60}
        check: {states: 6, step_sizes: [1.0e-3, 1.0e-5]}

        """

    /// As `compare` lists them: the structured one first.
    private static let kinds = ["bilinear_rk4", "relu_resolvent", "relu_rk4"]

    private struct Made: Sendable {
        let workplace: Workplace
        let outcomes: [(command: [String], outcome: Outcome)]

        func output(of name: String) -> String { outcomes.first { $0.command[0] == name }?.outcome.output ?? "" }
    }

    private static let making = Task {
        let workplace = try Workplace()
        try workplace.write(experiment, to: "ring.yaml")
        var outcomes: [(command: [String], outcome: Outcome)] = []
        let training = kinds.map { ["train", "ring.yaml", "--emulator", $0] }
        for command in [["simulate", "ring.yaml"]] + training + [["compare", "ring.yaml"], ["check", "ring.yaml"]] {
            outcomes.append((command, try await workplace.start(command).outcome()))
        }
        return Made(workplace: workplace, outcomes: outcomes)
    }

    @Test func everyCommandSucceeds() async throws {
        for (command, outcome) in try await Self.making.value.outcomes {
            #expect(outcome.status == 0, "\(command): \(outcome.errors)")
            #expect(!outcome.output.isEmpty && !outcome.errors.contains("seiche: "), "\(command): \(outcome.errors)")
        }
    }

    @Test func everyDocumentedFileIsThere() async throws {
        let files = try await Self.making.value.workplace.files.keys.filter { $0.hasPrefix("data/ring/emulators") }
        let documented = Self.kinds.flatMap { kind in ["latest.nc", "best.nc", "log.jsonl"].map { "\(kind)/\($0)" } } + ["comparison.nc"]
        #expect(files.sorted() == documented.map { "data/ring/emulators/\($0)" }.sorted())
    }

    @Test func tablesNameWhatIsCompared() async throws {
        let made = try await Self.making.value
        for label in Self.kinds {
            #expect(made.output(of: "compare").contains("\n\(label) "), "\(label)")
            #expect(made.output(of: "check").contains("\(label): one-step Jacobian at 6 test states"), "\(label)")
        }
        for words in ["persistence", "Fortran model", "Kaplan-Yorke", "Lyapunov time"] { #expect(made.output(of: "compare").contains(words), "\(words)") }
    }

    @Test func comparisonHoldsErrorsTimesAndExponents() async throws {
        let file = try NetCDFFile(reading: try await Self.making.value.workplace.path("data/ring/emulators/comparison.nc"))
        #expect(try file.attribute("emulators") == .texts(Self.kinds + ["persistence"]))
        let errors = try file.variable("error", shape: [4, 6, 100]).read(Double.self)
        // A forecast's first step is as good as the network; the structured one's is exact but for rounding.
        #expect(errors[0] < 1e-12 && errors.allSatisfy { $0 > 0 })
        let times = try file.variable("valid_time", shape: [4, 6]).read(Double.self)
        // The whole length, 5 units, where the model itself was learned.
        #expect(times[..<6].allSatisfy { $0 == 5 } && times[18...].allSatisfy { $0 < 1 })
        let exponents = try file.variable("lyapunov_exponent", shape: [4, 40]).read(Double.self)
        for k in 0..<40 { #expect(abs(exponents[k] - exponents[40 + k]) < 1e-6) }
    }

    @Test func aSecondTrainSaysComplete() async throws {
        let workplace = try Workplace(copyOf: try await Self.making.value.workplace)
        let outcome = try await workplace.run("train", "ring.yaml")
        #expect(outcome.status == 0 && outcome.output.contains("complete already"), "\(outcome.errors)")
    }

    @Test(arguments: ["bilinear_rk4", "relu_rk4"]) func aStoppedTrainingGoesOnBitForBit(kind: String) async throws {
        let made = try await Self.making.value.workplace
        let workplace = try Workplace(copyOf: made)
        let command = ["train", "ring.yaml", "--emulator", kind, "--name", "long", "--set", "emulators.\(kind).steps=1500"]
        let latest = "data/ring/emulators/long/latest.nc"
        let running = try workplace.start(command)
        let isMidway = await running.send(SIGINT) { workplace.modificationTime(latest) != nil }
        let stopped = try await running.outcome()
        #expect(isMidway && stopped.status == 130 && stopped.errors.contains("stopped after step"), "\(stopped.errors)")
        let resumed = try await workplace.start(command).outcome()
        #expect(resumed.status == 0 && resumed.output.contains("going on after step"), "\(resumed.errors)")
        let reference = try Workplace(copyOf: made)
        #expect(try await reference.start(command).outcome().status == 0)
        let (a, b) = (try Lorenz96Checkpoint(reading: workplace.path(latest)), try Lorenz96Checkpoint(reading: reference.path(latest)))
        #expect(a.parameters == b.parameters && a.vectors == b.vectors && a.numbers["validation_loss"] == b.numbers["validation_loss"])
    }

    @Test func fewerTrajectoriesAreTheFirst() async throws {
        let workplace = try Workplace(copyOf: try await Self.making.value.workplace)
        let few = try await workplace.run("train", "ring.yaml", "--name", "few", "--set", "training.trajectories=2")
        #expect(few.status == 0 && few.output.contains("2 trajectories, 120 sequences"), "\(few.errors)")
        let checkpoint = try Lorenz96Checkpoint(reading: workplace.path("data/ring/emulators/few/best.nc"))
        #expect(checkpoint.numbers["trajectories"] == 2)
        let other = try await workplace.run("train", "ring.yaml", "--name", "few", "--set", "training.trajectories=3")
        #expect(other.status == 1 && other.errors.contains("--restart"), "\(other.errors)")
    }

    @Test(arguments: [
        ("train ring.yaml --emulator implicit", ["no emulator 'implicit'", "bilinear_rk4, relu_rk4, relu_resolvent"]),
        ("train two.yaml", ["two levels", "model.fast_per_sector"]),
        ("train ring.yaml --name new --set training.observed=[{\"cells\":16}]", ["after 1 step(s)", "at least 17 cells"]),
        ("train ring.yaml --name new --set model.forcing=9", ["not what this experiment would write", "forcing is 8.0, not 9.0"]),
        ("train ring.yaml --name new --set simulations.directory=nowhere", ["there is no simulation 'nowhere/training/simulation_0000.nc'"]),
        ("compare ring.yaml --set comparison.lead_steps=119", ["too few for 3 forecasts of 119 steps"]),
        ("compare ring.yaml --emulator nobody", ["there is no emulator 'nobody'"]),
        ("check ring.yaml --emulator data/tiny/emulators/implicit/best.nc", ["'implicit'", "another model"]),
        ("compare tiny.yaml --emulator data/ring/emulators/relu_rk4/best.nc", ["'relu_rk4'", "another model"]),
    ])
    func mistakesHaveOneClearMessage(command: String, words: [String]) async throws {
        let made = try await Self.making.value.workplace
        let tiny = try await TinyExperiment.made().workplace
        let workplace = try Workplace(copyOf: made)
        try FileManager.default.createDirectory(atPath: workplace.path("data/tiny/emulators/implicit"), withIntermediateDirectories: true)
        let checkpoint = "data/tiny/emulators/implicit/best.nc"
        try FileManager.default.copyItem(atPath: tiny.path(checkpoint), toPath: workplace.path(checkpoint))
        let two = Self.experiment.replacingOccurrences(of: "kind: lorenz96", with: "kind: lorenz96, fast_per_sector: 2")
        try workplace.write(two, to: "two.yaml")
        let before = workplace.files
        let outcome = try await workplace.start(command.split(separator: " ").map(String.init)).outcome()
        #expect(outcome.status == 1)
        for word in words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
        #expect(!outcome.errors.contains("Fatal error"))
        #expect(workplace.files == before)
    }
}
