import Dynamics
import Foundation
import NetCDF
import Testing
import Trajectories

/// Data sets are the same bytes however they are made, and what is in them can be checked.
@Suite struct DataSetTests {
    /// A ring of two levels beside the tiny basin.
    private static let ring = """
        name: ring
        model: {kind: lorenz96, sectors: 8, fast_per_sector: 4, forcing: 10, time_step: 0.005}
        simulations:
          directory: data/ring
          spin_up_steps: 50
          training: {count: 5, steps: 300}
          validation: {count: 1, steps: 20}
          test: {count: 1, steps: 20}
        sizes:
          longer: {simulations: {directory: data/longer, training: {steps: 600}}}
        """

    private func workplace() throws -> Workplace {
        let workplace = try Workplace()
        try workplace.write(Self.ring, to: "ring.yaml")
        return workplace
    }

    private func simulate(_ workplace: Workplace, _ arguments: String..., threads: Int? = nil) async throws -> Outcome {
        let environment = threads.map { ["SEICHE_THREADS": "\($0)"] } ?? [:]
        let outcome = try await workplace.start(["simulate"] + arguments, environment: environment).outcome()
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome
    }

    @Test func anyNumberOfThreadsGivesTheSameBytes() async throws {
        var files: [[String: Data]] = []
        for threads in [1, 2, 5] {
            let workplace = try workplace()
            _ = try await simulate(workplace, "tiny.yaml", "ring.yaml", "--set", "simulations.training.count=6", threads: threads)
            files.append(workplace.files)
        }
        // Two experiments; of each six simulations to train on, one of each other kind, and the checksums.
        #expect(files[0].count == 20)
        #expect(files[0] == files[1] && files[0] == files[2])
    }

    /// What else is typed, where the files go, how many there are and what is learned from them is not in the files.
    @Test func bytesFollowFromWhatDecidesTheContentOnly() async throws {
        let (one, other) = (try workplace(), try workplace())
        _ = try await simulate(one, "ring.yaml", "tiny.yaml")
        _ = try await simulate(
            other, "./ring.yaml", "--set", "simulations.directory=elsewhere", "--set", "simulations.training.count=2",
            "--set", "simulations.test.steps=7")
        _ = try await simulate(other, "tiny.yaml", "--set", "training.steps=7", "--set", "simulations.validation.count=3")
        for name in ["training/simulation_0001.nc", "validation/simulation_0000.nc"] {
            #expect(one.files["data/ring/\(name)"] == other.files["elsewhere/\(name)"], "\(name)")
        }
        #expect(one.files["data/ring/test/simulation_0000.nc"] != other.files["elsewhere/test/simulation_0000.nc"])
        #expect(one.files["data/tiny/training/simulation_0001.nc"] == other.files["data/tiny/training/simulation_0001.nc"])
    }

    /// A simulation that is made again with other words leaves a training what it was.
    @Test func aTrainingGoesOnWithRemadeSimulations() async throws {
        let workplace = try Workplace(copyOf: await TinyExperiment.made().workplace)
        try FileManager.default.removeItem(atPath: workplace.path("data/tiny/training/simulation_0000.nc"))
        _ = try await simulate(workplace, "./tiny.yaml", "--set", "comparison.starts=1")
        let outcome = try await workplace.run("train", "tiny.yaml")
        #expect(outcome.status == 0 && outcome.output.contains("complete already"), "\(outcome.errors)")
    }

    @Test func checksumsAreThoseOfTheFiles() async throws {
        let workplace = try workplace()
        _ = try await simulate(workplace, "ring.yaml")
        let lines = String(decoding: workplace.files["data/ring/SHA256SUMS"] ?? Data(), as: UTF8.self).split(separator: "\n")
        let training = (0..<5).map { "training/simulation_000\($0).nc" }
        let names: [String] = training + ["validation/simulation_0000.nc", "test/simulation_0000.nc"]
        #expect(lines.map { String($0.dropFirst(66)) } == names)
        #expect(try check(workplace) == 0)
        // One bit.
        let path = workplace.path("data/ring/training/simulation_0003.nc")
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(try check(workplace) == 1)
    }

    private func check(_ workplace: Workplace) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["sha256sum", "--quiet", "-c", "SHA256SUMS"]
        process.currentDirectoryURL = URL(fileURLWithPath: workplace.path("data/ring"))
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// While files change there are no checksums that could be wrong; a complete set gets them, whatever happened to the old ones.
    @Test func checksumsAreMadeAgainWithTheFiles() async throws {
        let workplace = try workplace()
        _ = try await simulate(workplace, "ring.yaml")
        let whole = workplace.files
        let sums = "data/ring/SHA256SUMS"
        try FileManager.default.removeItem(atPath: workplace.path(sums))
        _ = try await simulate(workplace, "ring.yaml")
        #expect(workplace.files == whole)
        try FileManager.default.removeItem(atPath: workplace.path("data/ring/test/simulation_0000.nc"))
        try workplace.write("wrong\n", to: sums)
        _ = try await simulate(workplace, "ring.yaml")
        #expect(workplace.files == whole)

        let long = ["simulate", "ring.yaml", "--overwrite", "--set", "simulations.training.steps=3000000"]
        let command = try workplace.start(long)
        let isMidway = await command.send(SIGINT) { !workplace.unfinished.isEmpty }
        let stopped = try await command.outcome()
        #expect(isMidway && stopped.status == 130)
        #expect(workplace.files[sums] == nil)
    }

    /// In long files, whose frames do not count.
    @Test(arguments: ["ring.yaml", "tiny.yaml"], [("0", "float"), ("1", "float"), ("1", "double")])
    func whatIsSaidOfTheDiskIsABound(experiment: String, storage: (compression: String, precision: String)) async throws {
        let workplace = try workplace()
        let outcome = try await workplace.start([
            "simulate", experiment, "--set", "simulations.directory=here", "--set", "simulations.training.count=1",
            "--set", "simulations.training.steps=\(experiment == "tiny.yaml" ? 3000 : 30_000)",
            "--set", "simulations.compression=\(storage.compression)", "--set", "simulations.precision=\(storage.precision)",
        ]).outcome()
        let words = outcome.output.split(separator: " ").map(String.init)
        let place = try #require(words.firstIndex(of: "most"), "\(outcome.output)")
        let unit = try #require(["B;": 1.0, "kB;": 1e3, "MB;": 1e6, "GB;": 1e9][words[place + 2]])
        let bound = try #require(Double(words[place + 1])) * unit
        let used = Double(workplace.files.filter { $0.key.hasPrefix("here/") }.map(\.value.count).reduce(0, +))
        // The bound is printed with two digits or three.
        #expect(used <= bound * 1.05, "\(used) bytes, \(bound) said")
        #expect(used >= bound * 0.6, "\(used) bytes, \(bound) said")
    }

    @Test func lorenz96TrajectoriesFollowTheExperiment() async throws {
        let workplace = try workplace()
        let outcome = try await simulate(workplace, "ring.yaml", "--size", "longer", "--set", "simulations.precision=double")
        #expect(outcome.output.contains("7 simulations in data/longer"))
        let trajectories = try ["training/simulation_0000", "training/simulation_0001", "validation/simulation_0000", "test/simulation_0000"].map {
            try Lorenz96Trajectory(path: workplace.path("data/longer/\($0).nc"))
        }
        #expect(trajectories.map(\.count) == [601, 601, 21, 21])
        #expect(trajectories[0].header.startTime == 50 * 0.005)
        #expect(trajectories[0].header.parameters["forcing"] == 10)
        // Held-out trajectories start from states of their own.
        let starts = try trajectories.map { try $0.states(0..<1)[0].vector }
        for (i, a) in starts.enumerated() {
            #expect(a.count == 8 + 32)
            for b in starts.dropFirst(i + 1) { #expect(a != b) }
        }
        let again = try await simulate(workplace, "ring.yaml", "--size", "longer", "--set", "simulations.precision=double")
        #expect(again.output.contains("7 of 7 simulations are complete already"))
        let other = try await workplace.run("simulate", "ring.yaml", "--size", "longer")
        #expect(other.status == 1 && other.errors.contains("the precision is double, not float"), "\(other.errors)")
    }

    @Test func centreVelocitiesAreWrittenOnRequest() async throws {
        let workplace = try workplace()
        let request = ["tiny.yaml", "--set", "simulations.centre_velocities=true"]
        #expect(try await workplace.start(["simulate"] + request).outcome().status == 0)
        let file = try NetCDFFile(reading: workplace.path("data/tiny/test/simulation_0000.nc"))
        #expect(try file.variableIfPresent("u_center") != nil && file.variableIfPresent("v_center") != nil)
        let without = try await workplace.run("simulate", "tiny.yaml")
        #expect(without.status == 1 && without.errors.contains("it has velocities at cell centres"), "\(without.errors)")
    }
}
