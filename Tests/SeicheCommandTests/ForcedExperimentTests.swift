import Basics
import Foundation
import NetCDF
import Testing
import Trajectories

/// Simulations with rotation, wind and an open boundary from files, from end to end.
@Suite struct ForcedExperimentTests {
    private static let made = Task {
        let workplace = try ForcedSea.workplace()
        let outcome = try await workplace.start(ForcedSea.command).outcome()
        #expect(outcome.status == 0, "\(outcome.errors)")
        return workplace
    }

    @Test func theOpenBoundaryHasTheTideOfItsTime() async throws {
        let workplace = try await Self.made.value
        for name in ForcedSea.simulations {
            let trajectory = try Trajectory(path: workplace.path(name))
            #expect(trajectory.header.startTime == ForcedSea.start + 600, "start and spin-up")
            for index in 0..<trajectory.count {
                let zeta = try trajectory.state(at: index).zeta
                let time = trajectory.header.startTime + 300 * Double(index)
                for (k, cell) in ForcedSea.cells.enumerated() {
                    #expect(abs(zeta[cell] - ForcedSea.givenElevation(k, at: time)) <= 1e-12)
                }
            }
        }
    }

    /// Until an hour after the start the wind file has no wind. Then it has.
    @Test func theWindBeginsAtItsTime() async throws {
        let workplace = try await Self.made.value
        let calm = try ForcedSea.workplace()
        let outcome = try await calm.start(ForcedSea.command + ["--set", "model.wind=null"]).outcome()
        #expect(outcome.status == 0, "\(outcome.errors)")
        let name = ForcedSea.simulations[0]
        let (windy, still) = (try Trajectory(path: workplace.path(name)), try Trajectory(path: calm.path(name)))
        // State k lies 2 + k steps of 5 minutes after the start: the first nine within the hour, then the tenth's step has wind at its end.
        let differs = try (0..<windy.count).map { try windy.state(at: $0) != still.state(at: $0) }
        #expect(differs == (0..<13).map { $0 > 10 })
    }

    @Test func theFileSaysWhatItWasMadeWith() async throws {
        let file = try NetCDFFile(reading: try await Self.made.value.path(ForcedSea.simulations[0]))
        let names = try file.attributeNames()
        for name in ["coriolis", "beta", "linear_drag", "density", "wind_checksum", "open_boundary_checksum", "model_start"] {
            #expect(names.contains(name))
        }
        let words = "rotation, linear drag, wind from 'wind.nc', elevations at the open boundary from 'boundary.nc'"
        #expect(try file.attribute("comment").text?.contains(words) == true)
        let plain = try NetCDFFile(reading: try await TinyExperiment.made().workplace.path("data/tiny/test/simulation_0000.nc"))
        let additions = [
            "beta", "coriolis", "density", "initial_correlation_length", "initial_rms", "linear_drag", "model_start", "open_boundary_checksum",
            "wind_checksum",
        ]
        #expect(Set(names).subtracting(try plain.attributeNames()).sorted() == additions, "without options nothing is said of them")
    }

    @Test func changedForcingIsNoticed() async throws {
        let workplace = try Workplace(copyOf: await Self.made.value)
        // The same contents in a new file: nothing to do.
        try ForcedSea.writeWind(to: workplace.path("wind.nc"))
        #expect(try await workplace.start(ForcedSea.command).outcome().output.contains("4 of 4 simulations are complete already"))
        try ForcedSea.writeWind(to: workplace.path("wind.nc"), strength: 1.01)
        try await expectRefusal(workplace, "wind_checksum is")
        try ForcedSea.writeWind(to: workplace.path("wind.nc"))
        try ForcedSea.writeBoundary(to: workplace.path("boundary.nc"), amplitude: 0.31)
        try await expectRefusal(workplace, "open_boundary_checksum is")
        try ForcedSea.writeBoundary(to: workplace.path("boundary.nc"))
        try await expectRefusal(workplace, "beta is", "--set", "model.rotation.beta_plane=false")
        try await expectRefusal(workplace, "the start is", "--set", "model.start=2020-06-01 00:05:00")
        // One step later and one step less of spin-up: the files begin at the same time, with other states.
        try await expectRefusal(
            workplace, "model_start is", "--set", "model.start=2020-06-01 00:05:00", "--set", "simulations.spin_up_steps=1")
        try await expectRefusal(workplace, "linear is absent", "--set", "model.linear=true")
        try await expectRefusal(workplace, "wind_checksum is", "--set", "model.wind={x: 0.1}")
    }

    private func expectRefusal(_ workplace: Workplace, _ words: String, _ arguments: String...) async throws {
        let outcome = try await workplace.start(ForcedSea.command + arguments).outcome()
        #expect(outcome.status == 1 && outcome.errors.contains(words), "\(words) not in: \(outcome.errors)")
    }

    /// Whatever runs beside it, and in what order: a simulation has its bytes.
    @Test func aSimulationDoesNotDependOnThoseBesideIt() async throws {
        let together = try await Self.made.value
        let apart = try ForcedSea.workplace()
        for count in [1, 2] {
            let outcome = try await apart.start(ForcedSea.command + ["--set", "simulations.training.count=\(count)"]).outcome()
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        let (first, second) = (apart.files, together.files)
        for name in ForcedSea.simulations { #expect(first[name] != nil && first[name] == second[name], "\(name)") }
    }

    @Test func aStoppedForcedSimulateGoesOnToTheSameBytes() async throws {
        let long = ForcedSea.command + ["--set", "simulations.training.steps=900", "--set", "simulations.training.count=3"]
        let workplace = try ForcedSea.workplace()
        let command = try workplace.start(long)
        let isMidway = await command.send(SIGINT) { !workplace.unfinished.isEmpty }
        #expect(isMidway)
        #expect(try await command.outcome().status == 130)
        #expect(workplace.unfinished.isEmpty)
        let resumed = try await workplace.start(long).outcome()
        #expect(resumed.status == 0, "\(resumed.errors)")
        let reference = try ForcedSea.workplace()
        #expect(try await reference.start(long).outcome().status == 0)
        #expect(workplace.files == reference.files)
    }

    @Test(arguments: ["train", "forecast", "compare", "check", "plot"])
    func emulatorsRefuseForcingThatTheyCannotSee(command: String) async throws {
        let workplace = try Workplace(copyOf: await Self.made.value)
        let closed = "model.open_boundary=null"
        for (arguments, key) in [
            ([], "model.open_boundary"), ([closed], "model.wind.file"), ([closed, "model.wind=null", "model.periodic=[x]"], "model.periodic"),
        ] {
            let outcome = try await workplace.start([command, "forced.yaml"] + arguments.flatMap { ["--set", $0] }).outcome()
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("emulators cannot be used in an experiment with \(key)\n  why: the networks"), "\(outcome.errors)")
        }
    }

    /// A steady wind and rotation are part of the step, which stays the same from step to step.
    @Test func emulatorsMayLearnASteadyWind() async throws {
        let workplace = try Workplace()
        let steady = ["--set", "model.wind={x: 0.05}", "--set", "model.coriolis=1.2e-4", "--set", "training.steps=3"]
        for command in ["simulate", "train", "check"] {
            let outcome = try await workplace.start([command, "tiny.yaml"] + steady).outcome()
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
    }

    @Test func aPeriodicSeaKeepsItsEdgesInTheFile() async throws {
        let workplace = try ForcedSea.workplace()
        let periodic = ["--set", "model.open_boundary=null", "--set", "model.periodic=[x]"]
        let outcome = try await workplace.start(ForcedSea.command + periodic).outcome()
        #expect(outcome.status == 0, "\(outcome.errors)")
        let trajectory = try Trajectory(path: workplace.path(ForcedSea.simulations[0]))
        #expect(trajectory.grid.periodicX && !trajectory.grid.periodicY)
        #expect(try await workplace.start(ForcedSea.command + periodic).outcome().output.contains("4 of 4"))
    }
}
