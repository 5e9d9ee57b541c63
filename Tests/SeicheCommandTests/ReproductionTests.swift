import Foundation
import Testing

/// The plan of `make reproduce`, as `make -n` tells it.
@Suite struct ReproductionTests {
    private func plan(_ arguments: String...) async throws -> (workplace: Workplace, lines: [String]) {
        let workplace = try Workplace()
        let outcome = try await Self.make(workplace, ["-n"] + arguments)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return (workplace, outcome.output.split(separator: "\n").map(String.init))
    }

    private static func make(_ workplace: Workplace, _ arguments: [String]) async throws -> Outcome {
        let program = FileManager.default.isExecutableFile(atPath: "/usr/bin/make") ? "/usr/bin/make" : "/usr/local/bin/make"
        return try await workplace.start(["-f", packageRoot + "/scripts/reproduce.mk"] + arguments, of: program).outcome()
    }

    private func trainings(_ lines: [String]) -> [String] {
        lines.compactMap { line in
            guard line.contains("seiche train"), let folder = line.firstMatch(of: /training.directory=\S*emulators_(\w+)/) else { return nil }
            let name = line.firstMatch(of: /--name (\S+)/)?.output.1 ?? line.firstMatch(of: /--emulator (\S+)/)?.output.1 ?? ""
            return "\(name) \(folder.output.1)"
        }
    }

    @Test func thePlanNamesEveryTraining() async throws {
        let lines = try await plan().lines
        let everywhere = ["implicit", "implicit_seed2", "implicit_seed3", "bilinear_implicit", "bilinear_implicit_far", "bilinear_explicit"]
        let wanted = ["300", "600", "900", "1500"].flatMap { step in everywhere.map { "\($0) \(step)" } }
            + ["unet", "non_local", "implicit_residual"].map { "\($0) 900" }
            + ["bilinear_rk4", "relu_rk4", "relu_resolvent"].map { "\($0) lorenz96" }
        #expect(trainings(lines).sorted() == wanted.sorted())
        // What goes on from a checkpoint comes after the training that writes it.
        let order = trainings(lines)
        for step in ["300", "600", "900", "1500"] {
            let far = try #require(lines.first { $0.contains("--name bilinear_implicit_far ") && $0.contains("model.time_step=\(step) ") })
            #expect(far.contains("--from data/reproduction/emulators_\(step)/bilinear_implicit/best.nc "))
            #expect(try #require(order.firstIndex(of: "bilinear_implicit \(step)")) < #require(order.firstIndex(of: "bilinear_implicit_far \(step)")))
        }
        for (command, count) in [("compare", 5), ("transfer", 1), ("cost", 1), ("plot", 5), ("report", 1), ("check", 2)] {
            #expect(lines.count { $0.contains("seiche \(command) ") } == count, "\(command)")
        }
        #expect(lines.filter { $0.contains("--stability 10000") }.map { $0.contains("model.time_step=900 ") } == [true])
        for (step, leads) in [("300", "290"), ("600", "140"), ("900", "90"), ("1500", "50")] {
            let lines = lines.filter { $0.contains("model.time_step=\(step) ") }
            #expect(!lines.isEmpty && lines.allSatisfy { $0.contains("comparison.lead_steps=\(leads) ") })
        }
    }

    @Test func quickTrainsOneSeedInAFolderOfItsOwn() async throws {
        let lines = try await plan("QUICK=1").lines
        #expect(trainings(lines).count == 22)
        let commands = lines.filter { $0.contains("seiche ") && !$0.contains("seiche report") }
        #expect(commands.allSatisfy { $0.contains("--size quick") && !$0.contains("data/reproduction/") })
    }

    /// In the place of trainings the checkpoints that are there, each in its run's folder; the rest is as ever.
    @Test func trainedTakesTheEmulatorsThatAreThere() async throws {
        let workplace = try Workplace()
        try FileManager.default.createDirectory(atPath: workplace.path("data/emulators/basin_900"), withIntermediateDirectories: true)
        try workplace.write("weights", to: "data/emulators/basin_900/implicit.nc")
        let outcome = try await Self.make(workplace, ["-n", "TRAINED=1"])
        let lines = outcome.output.split(separator: "\n").map(String.init)
        #expect(trainings(lines).sorted() == ["bilinear_rk4 lorenz96", "relu_resolvent lorenz96", "relu_rk4 lorenz96"], "\(outcome.errors)")
        let taken = lines.filter { $0.contains("cp data/emulators") }
        #expect(taken.count == 1 && taken[0].hasSuffix("cp data/emulators/basin_900/implicit.nc data/reproduction_trained/emulators_900/implicit/best.nc"))
        for (command, count) in [("simulate", 5), ("compare", 5), ("transfer", 1), ("cost", 1), ("plot", 5), ("report", 1), ("check", 2)] {
            #expect(lines.count { $0.contains("seiche \(command) ") } == count, "\(command)")
        }
    }

    /// What has a stamp is not done again, and a step that fails leaves none.
    @Test func stampsMakeItResumable() async throws {
        let (workplace, _) = try await plan()
        let fake = workplace.path("seiche")
        try workplace.write("#!/bin/sh\ncase \"$*\" in *unet*) exit 7;; esac\necho \"$1\" >> commands\n", to: "seiche")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: fake)
        let arguments = ["SEICHE=" + fake, "TIME_STEPS=900", "ROOT=results"]
        let first = try await Self.make(workplace, arguments)
        #expect(first.status != 0)
        let before = workplace.files.keys.filter { $0.hasPrefix("results/done/") }
        let trained = ["implicit", "implicit_seed2", "implicit_seed3", "bilinear_implicit", "bilinear_implicit_far", "bilinear_explicit"]
        #expect(before.sorted() == (["simulate"] + trained.map { "train_" + $0 }).map { "results/done/\($0)_900" }.sorted())
        let mended = "#!/bin/sh\necho \"$1\" >> commands\n"
        try workplace.write(mended, to: "seiche")
        let second = try await Self.make(workplace, arguments)
        #expect(second.status == 0, "\(second.errors)")
        let commands = String(decoding: workplace.files["commands"] ?? Data(), as: UTF8.self).split(separator: "\n")
        #expect(commands.count { $0 == "train" } == 12)
        #expect(commands.count { $0 == "simulate" } == 2)
        #expect(commands.last == "report")
        // Each step says its number of all.
        #expect(second.output.contains("[8/22] train unet at 900 s: about"))
    }
}
