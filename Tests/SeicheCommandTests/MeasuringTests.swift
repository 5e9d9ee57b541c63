import Emulators
import Foundation
import NetCDF
import TestSupport
import Testing

/// What compare, check, transfer and cost measure beyond the usual way through the commands, on the tiny experiment.
@Suite struct MeasuringTests {
    private static let folder = "data/tiny/emulators"
    private static let emulators = 3

    private func ran(_ arguments: [String], environment: [String: String] = [:]) async throws -> (workplace: Workplace, output: String) {
        let workplace = try Workplace(copyOf: await TinyExperiment.made().workplace)
        let outcome = try await workplace.start(arguments, environment: environment).outcome()
        #expect(outcome.status == 0, "\(outcome.errors)")
        return (workplace, outcome.output)
    }

    private func values(_ workplace: Workplace, _ file: String, _ variable: String, shape: [Int]) throws -> [Double] {
        let file = try NetCDFFile(reading: workplace.path("\(Self.folder)/\(file)"))
        defer { try? file.close() }
        return try file.variable(variable, shape: shape).read(Double.self)
    }

    // MARK: Jacobian

    @Test func jacobianErrorsAreThereAndNeedNoSimulations() async throws {
        let workplace = try Workplace(copyOf: await TinyExperiment.made().workplace)
        try FileManager.default.removeItem(atPath: workplace.path("data/tiny/test"))
        let outcome = try await workplace.start(["check", "tiny.yaml", "--jacobian", "12"]).outcome()
        #expect(outcome.status == 0, "\(outcome.errors)")
        // 10 x 10 wet cells with 9 x 10 open faces of each kind.
        #expect(outcome.output.contains("280 x 280 entries on 12 x 12 cells"))
        let means = try values(workplace, "jacobian.nc", "frobenius_error", shape: [Self.emulators])
        let all = try values(workplace, "jacobian.nc", "frobenius_error_at_state", shape: [Self.emulators, 4])
        #expect(means.allSatisfy { $0 > 1e-4 && $0 < 2 })
        for k in 0..<Self.emulators { #expect(abs(all[4 * k..<4 * k + 4].reduce(0, +) / 4 - means[k]) < 1e-12) }
    }

    // MARK: Stability

    @Test func stabilityTellsOfEveryEmulator() async throws {
        let (workplace, output) = try await ran(["compare", "tiny.yaml", "--stability", "8"])
        #expect(output.contains("8 steps in single precision"))
        let steps = try values(workplace, "stability.nc", "step", shape: [9])
        #expect(steps.first == 0 && steps.last == 8)
        let drift = try values(workplace, "stability.nc", "relative_mass_drift", shape: [Self.emulators, 9])
        let rms = try values(workplace, "stability.nc", "rms", shape: [Self.emulators, 9])
        // So little training leaves systems that single precision may not solve to its tolerance: then that is told, and infinite from there on.
        let kept = drift[0..<9].prefix { $0.isFinite }
        #expect(measured("relative mass drift in single precision over \(kept.count - 1) steps", kept.max() ?? .infinity) < 1e-5)
        #expect(kept.count == 9 || output.contains("implicit: failed at step \(kept.count)"))
        #expect((rms + drift)[kept.count..<9].allSatisfy { $0 == .infinity })
        #expect(rms[9...].allSatisfy { $0.isFinite && $0 > 0 } && drift[9] == 0 && drift[10] > 0)
    }

    // MARK: Transfer

    private static let cases = """
        transfer={simulations: 1, hours: 1, cases: [
          {name: again, set: [check.seed=4]}, {name: slow, set: [model.time_step=600]}, {name: coarse, set: [model.spacing=2.0e4]},
          {name: deep, set: [model.mean_depth=60]}, {name: dry, set: ["initial={kind: smooth_random, rms: 30}"]}]}
        """.replacingOccurrences(of: "\n", with: " ")

    @Test func transferStartsFromTheExperimentItself() async throws {
        let (workplace, output) = try await ran(["transfer", "tiny.yaml", "--set", Self.cases])
        let count = Self.emulators + 1
        let oneStep = try values(workplace, "transfer.nc", "one_step_error_training_scales", shape: [6, count])
        let compared = try values(workplace, "comparison.nc", "one_step_error", shape: [count])
        // The comparison's truth is read from files in single precision.
        for k in 0..<count { #expect(abs(oneStep[k] / compared[k] - 1) < 1e-4) }
        let ratios = try values(workplace, "transfer.nc", "one_step_ratio", shape: [6, count])
        #expect(ratios[0..<2 * count].allSatisfy { $0 == 1 })

        let courant = try values(workplace, "transfer.nc", "courant_number", shape: [6])
        #expect(abs(courant[2] / courant[0] - 2) < 1e-12 && abs(courant[3] / courant[0] - 0.5) < 1e-12 && courant[4] > 1.5 * courant[0])
        // The surface falls below the bed: the case is told as lost, and the others go on.
        #expect(courant[5].isNaN && output.contains("dry: the Fortran model failed: "))
        // The explicit network serves one step and one spacing; the implicit one others too.
        let own = try values(workplace, "transfer.nc", "one_step_error", shape: [6, count])
        for place in [2, 3] { #expect(own[place * count + 1].isNaN && own[place * count].isFinite && own[place * count + count - 1].isFinite) }
        #expect(output.contains("explicit, cannot: "))
        #expect(output.contains("coarse: steps of 300 s"))
        // Persistence: the RMS of the truth is that of its states.
        let lead = try values(workplace, "transfer.nc", "lead", shape: [1])
        #expect(lead == [1])
        let errors = try values(workplace, "transfer.nc", "error", shape: [6, count, 1])
        #expect(errors[count - 1] > 0.5 && errors[count - 1] < 2)
    }

    /// Twice the height of all waves is twice the error in the training's scales, and nearly the same relative to the truth, where waves are linear.
    @Test func errorsRelativeToTheTruthDoNotFollowItsSize() async throws {
        let (workplace, _) = try await ran([
            "transfer", "tiny.yaml", "--set", "initial={kind: smooth_random, rms: 0.01}", "--set", "model.drag=0", "--set",
            "transfer={simulations: 1, hours: 1, cases: [{name: higher, set: [initial.rms=0.02]}]}",
        ])
        let count = Self.emulators + 1
        let own = try values(workplace, "transfer.nc", "one_step_error", shape: [2, count])
        let training = try values(workplace, "transfer.nc", "one_step_error_training_scales", shape: [2, count])
        let rms = try values(workplace, "transfer.nc", "rms", shape: [2, 3])
        for channel in 0..<3 { #expect(abs(rms[3 + channel] / rms[channel] - 2) < 0.02) }
        #expect(abs(own[2 * count - 1] / own[count - 1] - 1) < 0.02)
        #expect(abs(training[2 * count - 1] / training[count - 1] - 2) < 0.02)
    }

    // MARK: Cost

    @Test func costTellsOfEverySetting() async throws {
        let (workplace, output) = try await ran(["cost", "tiny.yaml", "--seconds", "0.02"], environment: ["SEICHE_THREADS": "2"])
        let models = Self.emulators + 1
        let shape = [models, 2, 2, 2, 3]
        let seconds = try values(workplace, "cost.nc", "seconds", shape: shape)
        let each = 2 * 3 * 2
        // There is no Fortran model in single precision.
        #expect(seconds[..<each].allSatisfy { $0.isNaN })
        let memory = try values(workplace, "cost.nc", "memory", shape: shape)
        // So little training leaves systems that single precision may not solve to its tolerance; then the figures until there are told.
        for model in 0..<models {
            let double = (2 * model + 1) * each..<(2 * model + 2) * each
            #expect(seconds[double].allSatisfy { $0 > 1e-7 && $0 < 10 } && memory[double].allSatisfy { $0 >= 0 })
            let single = 2 * model * each..<(2 * model + 1) * each
            #expect(model == 0 || output.contains("failed: ") || seconds[single].allSatisfy { $0 > 1e-7 && $0 < 10 })
        }
        #expect(try values(workplace, "cost.nc", "threads", shape: [2]) == [1, 2])
        #expect(try values(workplace, "cost.nc", "batch", shape: [2]) == [1, 16])
        #expect(output.contains("Fortran model") && output.contains("tangent-linear, ms"))
    }

    // MARK: Mistakes

    @Test(arguments: [
        Mistake("no cases", "transfer", says: "names no cases to transfer to", "transfer.cases"),
        Mistake(
            "a case's key is wrong", #"transfer tiny.yaml --set transfer.cases=[{"name":"odd","set":["model.timestep=3"]}]"#,
            says: "transfer case 'odd'", "did you mean model.time_step?"),
    ])
    func mistakes(_ mistake: Mistake) async throws { try await expectOneClearMessage(mistake) }
}
