import Emulators
import Foundation
import Testing
import Training

/// What a user stops, the same command finishes, and the result shows no trace of the stop.
@Suite struct InterruptionTests {
    /// Some seconds of training, so that a signal comes in the middle whatever else the machine does.
    enum Training: String, CaseIterable {
        case adam, soap, levenbergMarquardt = "levenberg_marquardt", lbfgs

        var steps: Int {
            switch self {
            case .adam: 1500
            case .soap: 800
            case .levenbergMarquardt: 60
            case .lbfgs: 400
            }
        }

        /// Steps between two checkpoints.
        var validateEvery: Int {
            switch self {
            case .adam: 40
            case .soap: 23
            case .levenbergMarquardt: 2
            case .lbfgs: 7
            }
        }

        var run: String { "long_\(rawValue)" }

        /// With as much as possible that is carried from step to step.
        private var options: [String] {
            switch self {
            case .adam: ["weight_decay=0.01", "schedule=plateau", "plateau.patience=2", "average_decay=0.99"]
            case .soap: ["weight_decay=0.01"]
            case .levenbergMarquardt: ["inner_iterations=20", "batch_size=4"]
            case .lbfgs: ["batch_size=12", "renew_batch_every=100"]
            }
        }

        var command: [String] {
            let all = ["optimiser=\(rawValue)", "steps=\(steps)", "validate_every=\(validateEvery)", "loss.final_steps=2", "tensorboard=true"] + options
            // Small enough a rate for one that stays as it is until validation stalls.
            let rate = ["--set", "emulators.implicit.learning_rate=0.003"]
            return ["train", "tiny.yaml", "--name", run] + rate + all.flatMap { ["--set", "training.\($0)"] }
        }

        var latest: String { "data/tiny/emulators/\(run)/latest.nc" }
    }

    private static let uninterrupted = Dictionary(
        uniqueKeysWithValues: Training.allCases.map { training in
            (training, Task {
                let workplace = try Workplace(copyOf: await TinyExperiment.made().workplace)
                let outcome = try await workplace.start(training.command).outcome()
                return (workplace: workplace, status: outcome.status)
            })
        })

    private func step(_ workplace: Workplace, _ training: Training) throws -> Int {
        Int(try EmulatorCheckpoint(reading: workplace.path(training.latest)).numbers["step"] ?? 0)
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func aStoppedTrainingSavesAndGoesOnBitForBit(signal: Int32) async throws {
        let training = Training.adam
        let workplace = try Workplace(copyOf: await TinyExperiment.made().workplace)
        let command = try workplace.start(training.command)
        let isMidway = await command.send(signal) { workplace.modificationTime(training.latest) != nil }
        let stopped = try await command.outcome()
        #expect(isMidway)
        #expect(stopped.status == 130)
        #expect(stopped.errors.contains("seiche: stopped after step"))
        #expect(stopped.errors.contains("run the same command again"))
        let reached = try step(workplace, training)
        #expect(reached > 0 && reached < training.steps)
        #expect(try loggedSteps(workplace, run: training.run) == Array(1...reached))
        #expect(workplace.unfinished.isEmpty)
        try await expectSameEnd(workplace, training, after: reached)
    }

    /// Nothing is saved at a SIGKILL: the run goes on from its last checkpoint. Some time after a new one, and again, so that resumed runs are killed too.
    @Test(arguments: Training.allCases)
    func aTrainingThatIsKilledAgainAndAgainGoesOnBitForBit(_ training: Training) async throws {
        let workplace = try Workplace(copyOf: await TinyExperiment.made().workplace)
        var reached = 0
        for kill in 1...4 {
            let command = try workplace.start(training.command)
            let before = workplace.modificationTime(training.latest)
            let delay = Double.random(in: 0...0.05)
            let isMidway = await command.send(SIGKILL) {
                workplace.modificationTime(training.latest).map { $0 != before && Date().timeIntervalSince($0) > delay } ?? false
            }
            let killed = try await command.outcome()
            #expect(isMidway && killed.status == -SIGKILL, "kill \(kill), \(delay) s after a checkpoint: \(killed.errors)")
            #expect(try step(workplace, training) > reached)
            reached = try step(workplace, training)
            #expect(reached < training.steps && reached % training.validateEvery == 0)
        }
        try await expectSameEnd(workplace, training, after: reached)
    }

    private func expectSameEnd(_ workplace: Workplace, _ training: Training, after reached: Int) async throws {
        let resumed = try await workplace.start(training.command).outcome()
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(resumed.output.contains("going on after step \(reached)"))
        let reference = try #require(try await Self.uninterrupted[training]?.value)
        #expect(reference.status == 0)
        #expect(try weights(workplace, run: training.run) == weights(reference.workplace, run: training.run))
        for each in [workplace, reference.workplace] {
            #expect(try loggedSteps(each, run: training.run) == Array(1...training.steps))
            let events = try #require(each.files["data/tiny/emulators/\(training.run)/events.out.tfevents.seiche"])
            #expect(EventRecords.kept(of: Array(events), upTo: .max).count == events.count)
        }
        func log(_ workplace: Workplace) -> Data? { workplace.files["data/tiny/emulators/\(training.run)/log.jsonl"] }
        #expect(log(workplace) == log(reference.workplace))
    }

    @Test func aStoppedSimulateLeavesWholeFilesOnlyAndGoesOn() async throws {
        let long = ["simulate", "tiny.yaml", "--set", "simulations.training.steps=1500", "--set", "simulations.training.count=3"]
        let workplace = try Workplace()
        let command = try workplace.start(long)
        let isMidway = await command.send(SIGINT) { !workplace.unfinished.isEmpty }
        let stopped = try await command.outcome()
        #expect(isMidway)
        #expect(stopped.status == 130)
        #expect(stopped.errors.contains("seiche: stopped; finished simulations are kept"))
        let left = workplace.files
        #expect(workplace.unfinished.isEmpty)
        #expect(left.count < 6)

        let resumed = try await workplace.start(long).outcome()
        #expect(resumed.status == 0, "\(resumed.errors)")
        let whole = workplace.files
        // Five simulations, their checksums, and the experiment.
        #expect(whole.count == 7)
        for (name, bytes) in left { #expect(whole[name] == bytes, "\(name)") }
        let reference = try Workplace()
        #expect(try await reference.start(long).outcome().status == 0)
        #expect(whole == reference.files)
    }

    @Test func aStoppedForecastLeavesNothing() async throws {
        let workplace = try Workplace(copyOf: await TinyExperiment.made().workplace)
        // Without weights the network is a smoother, whose forecast never blows up.
        var smoother = try EmulatorCheckpoint(reading: workplace.path("data/tiny/emulators/implicit/best.nc"))
        smoother.parameters = smoother.parameters.map { _ in 0 }
        try smoother.write(to: workplace.path("smoother.nc"))
        let before = workplace.files
        let command = try workplace.start(["forecast", "tiny.yaml", "--emulator", "smoother.nc", "--steps", "200000", "--output", "long.nc"])
        let isMidway = await command.send(SIGINT) { !workplace.unfinished.isEmpty }
        let stopped = try await command.outcome()
        #expect(isMidway)
        #expect(stopped.status == 130)
        #expect(stopped.errors.contains("nothing was written"))
        #expect(workplace.files == before)
    }

    /// What writes nothing needs not save anything.
    @Test func aStoppedCheckEndsAtOnce() async throws {
        let workplace = try Workplace(copyOf: await TinyExperiment.made().workplace)
        let before = workplace.files
        let command = try workplace.start(["check", "tiny.yaml", "--set", "check.directions=3000"])
        let isMidway = await command.send(SIGINT) { command.hasSpoken }
        #expect(isMidway)
        #expect(try await command.outcome().status == -SIGINT)
        #expect(workplace.files == before)
    }
}
