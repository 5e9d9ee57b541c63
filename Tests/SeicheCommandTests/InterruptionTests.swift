import Emulators
import Foundation
import Testing

/// What a user stops, the same command finishes, and the result shows no trace of the stop.
@Suite struct InterruptionTests {
    // Some seconds of training, so that a signal comes in the middle whatever else the machine does.
    static let training = [
        "train", "tiny.yaml", "--name", "long", "--set", "training.steps=1500", "--set", "training.validate_every=40",
    ]

    private static let uninterrupted = Task {
        let workplace = try Workplace(copyOf: await TinyExperiment.made().workplace)
        let outcome = try await workplace.start(training).outcome()
        return (workplace: workplace, status: outcome.status)
    }

    private let latest = "data/tiny/emulators/long/latest.nc"

    private func step(_ workplace: Workplace) throws -> Int {
        Int(try EmulatorCheckpoint(reading: workplace.path(latest)).numbers["step"] ?? 0)
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func aStoppedTrainingSavesAndGoesOnBitForBit(signal: Int32) async throws {
        let workplace = try Workplace(copyOf: await TinyExperiment.made().workplace)
        let command = try workplace.start(Self.training)
        let isMidway = await command.send(signal) { [latest] in workplace.modificationTime(latest) != nil }
        let stopped = try await command.outcome()
        #expect(isMidway)
        #expect(stopped.status == 130)
        #expect(stopped.errors.contains("seiche: stopped after step"))
        #expect(stopped.errors.contains("run the same command again"))
        let reached = try step(workplace)
        #expect(reached > 0 && reached < 1500)
        #expect(try loggedSteps(workplace, run: "long") == Array(1...reached))
        #expect(workplace.unfinished.isEmpty)
        try await expectSameEnd(workplace, after: reached)
    }

    /// Nothing is saved at a SIGKILL: the run goes on from its last checkpoint. Twice, so that a resumed run is killed too.
    @Test func aKilledTrainingGoesOnFromItsLastCheckpointBitForBit() async throws {
        let workplace = try Workplace(copyOf: await TinyExperiment.made().workplace)
        var reached = 0
        for _ in 0..<2 {
            let command = try workplace.start(Self.training)
            let before = workplace.modificationTime(latest)
            let isMidway = await command.send(SIGKILL) { [latest] in workplace.modificationTime(latest) != before }
            let killed = try await command.outcome()
            #expect(isMidway)
            #expect(killed.status == -SIGKILL)
            #expect(try step(workplace) > reached)
            reached = try step(workplace)
        }
        #expect( reached < 1500 && reached % 40 == 0)
        try await expectSameEnd(workplace, after: reached)
    }

    private func expectSameEnd(_ workplace: Workplace, after reached: Int) async throws {
        let resumed = try await workplace.start(Self.training).outcome()
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(resumed.output.contains("going on after step \(reached)"))
        let reference = try await Self.uninterrupted.value
        #expect(reference.status == 0)
        #expect(try weights(workplace, run: "long") == weights(reference.workplace, run: "long"))
        #expect(try loggedSteps(workplace, run: "long") == Array(1...1500))
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
