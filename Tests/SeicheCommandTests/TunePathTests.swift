import Basics
import Emulators
import NetCDF
import Testing

/// `seiche tune` and `seiche subgrid` on small cases: what is printed and written.
@Suite struct TunePathTests {
    private static let ring = """
        name: ring
        model: {kind: lorenz96}
        simulations: {spin_up_steps: 100}
        tuning:
          repetitions: 2
          directory: data/tuned
          runs:
            - name: half
              parameters: [{name: forcing, guess: 6, deviation: 2}]
              interval: 2
              times: 4
              windows: 40
              observed: 0.5
              state_deviation: 0.6

        """

    private static let basin = """
        name: sea
        model: {domain: basin, size: [16, 16], time_step: 600}
        initial: {kind: bump}
        simulations: {spin_up_steps: 0}
        training: {steps: 1}
        tuning:
          directory: data/tuned
          runs:
            - name: friction
              parameters: [{name: drag, guess: 3.0e-3, deviation: 3.0e-3}, {name: lateral_friction, guess: 300, deviation: 300}]
              times: 60
              observed: 0.3
              observation_error: 1.0e-3
              elevation_factor: 4

        """

    private static let subgrid = """
        name: levels
        model: {kind: lorenz96, sectors: 8, fast_per_sector: 10, forcing: 10, time_step: 0.005}
        simulations: {spin_up_steps: 1000}
        subgrid:
          directory: data/levels
          trajectories: 4
          states: 120
          width: 4
          offline: {steps: 5, batch_size: 100}
          online: {steps: 2, batch_size: 20}
          forecasts: {count: 10, lead_steps: 20, climatology_steps: 2000}
        assimilation:
          time_step: 0.05
          cycles: 100
          spin_up_cycles: 20
          observation_error: 0.3
          directory: data/levels
          runs:
            - {name: without, method: 4dvar, model: reference, window: 4, background_deviation: 0.3}
            - {name: bare, method: 4dvar, model: data/levels/none.nc, window: 4, background_deviation: 0.3}
            - {name: with, method: 4dvar, model: data/levels/polynomial_online.nc, window: 4, background_deviation: 0.3}

        """

    /// The file's last estimates are those of the table, and near the truth by what the posterior says.
    @Test(arguments: [(ring, ["forcing": 8.0], 40, 2), (basin, ["drag": 1e-3, "lateral_friction": 1000], 1, 1)])
    func estimatesComeNearTheTruth(experiment: String, truth: [String: Double], windows: Int, repetitions: Int) async throws {
        let workplace = try Workplace()
        try workplace.write(experiment, to: "twin.yaml")
        let outcome = try await workplace.run("tune", "twin.yaml")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(workplace.unfinished.isEmpty)
        let file = try NetCDFFile(reading: workplace.path("data/tuned/\(windows > 1 ? "half" : "friction").nc"))
        for (name, value) in truth {
            func last(_ variable: String) throws -> [Double] {
                let all = try file.variable(variable, shape: [repetitions, windows]).read(Double.self)
                return (0..<repetitions).map { all[$0 * windows + windows - 1] }
            }
            let (estimates, deviations) = (try last(name), try last("\(name)_deviation"))
            for (estimate, deviation) in zip(estimates, deviations) {
                #expect(abs(estimate - value) < 4 * deviation && deviation < 0.2 * value, "\(name): \(estimate) +- \(deviation)")
            }
            let row = try #require(outcome.output.split(separator: "\n").first { $0.contains(" \(name) ") })
            let shown = row.split(separator: " ").compactMap { Double($0) }
            let mean = estimates.reduce(0, +) / Double(repetitions)
            #expect(shown.contains { abs($0 - mean) < 6e-3 * mean }, "\(row), \(mean)")
        }
    }

    /// In forecasts, and in the analyses of 4D-Var through the model that was written.
    @Test func aTermHelpsAndItsFilesAreWhole() async throws {
        let workplace = try Workplace()
        try workplace.write(Self.subgrid, to: "levels.yaml")
        let outcome = try await workplace.run("subgrid", "levels.yaml")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(workplace.unfinished.isEmpty)
        let file = try NetCDFFile(reading: workplace.path("data/levels/subgrid.nc"))
        let errors = try file.variable("error", shape: [5, 20]).read(Double.self)
        // Every term forecasts better than none.
        for term in 1..<5 { #expect(errors[term * 20 + 9] < 0.5 * errors[9], "term \(term)") }
        let density = try file.variable("density", shape: [6, 500]).read(Double.self)
        for climate in 0..<6 { #expect(abs(density[climate * 500..<(climate + 1) * 500].reduce(0, +) * 0.1 - 1) < 1e-12) }
        let terms = try file.variable("subgrid_tendency", shape: [5, 500]).read(Double.self)
        #expect(terms[..<500].allSatisfy { $0 == 0 })
        let x = try file.variable("x", shape: [500]).read(Double.self)
        for (k, name) in ["none", "polynomial_offline", "polynomial_online", "net_offline", "net_online"].enumerated() {
            let model = try Lorenz96Checkpoint(reading: workplace.path("data/levels/\(name).nc")).emulator()
            #expect(model.timeStep == 0.05 && model.subgridTendency(at: x) == Array(terms[k * 500..<(k + 1) * 500]), "\(name)")
        }
        let assimilated = try await workplace.run("assimilate", "levels.yaml")
        #expect(assimilated.status == 0, "\(assimilated.errors)")
        func analysisError(_ run: String) throws -> Double {
            let error = try NetCDFFile(reading: workplace.path("data/levels/\(run).nc")).variable("final_rmse", shape: [100]).read(Double.self)
            return error.reduce(0, +) / 100
        }
        let (without, bare, with) = (try analysisError("without"), try analysisError("bare"), try analysisError("with"))
        // The Fortran model of one level and the network of that name are the same model.
        #expect(abs(bare - without) < 1e-3 * without && with < 0.7 * without, "\(with), \(bare), \(without)")
    }

    @Test func mistakesAreNamed() async throws {
        let workplace = try Workplace()
        try workplace.write(Self.ring, to: "ring.yaml")
        try workplace.write(Self.basin, to: "basin.yaml")
        for (arguments, words) in [
            (["tune", "ring.yaml", "--run", "hlaf"], ["no run 'hlaf'", "half"]),
            (["tune", "tiny.yaml"], ["has no section tuning", "experiments/tune_lorenz96.yaml"]),
            (["tune", "ring.yaml", "--set", "tuning.runs=[{name: a}]"], ["estimates nothing", "guess"]),
            (
                ["tune", "ring.yaml", "--set", "tuning.runs=[{name: a, parameters: [{name: drag, guess: 1, deviation: 1}]}]"],
                ["'drag' cannot be estimated", "forcing"]
            ),
            (["tune", "ring.yaml", "--set", "tuning.runs=[{name: a, elevation_factor: 2, parameters: [{name: forcing, guess: 1, deviation: 1}]}]"],
                ["elevation_factor"]),
            (["tune", "basin.yaml", "--set", "tuning.runs=[{name: a, model: net, parameters: [{name: drag, guess: 1, deviation: 1}]}]"],
                ["emulator 'net'", "no drag"]),
            (["subgrid", "ring.yaml"], ["no section subgrid", "experiments/subgrid_lorenz96.yaml"]),
        ] {
            let outcome = try await workplace.start(arguments).outcome()
            #expect(outcome.status == 1 && words.allSatisfy { outcome.errors.contains($0) }, "\(arguments): \(outcome.errors)")
        }
    }
}
