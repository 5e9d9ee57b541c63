import Basics
import NetCDF
import Testing

/// `seiche assimilate` on a small ring: what is printed and written.
@Suite struct AssimilationPathTests {
    private static let experiment = """
        name: ring
        model: {kind: lorenz96}
        simulations: {spin_up_steps: 100}
        assimilation:
          cycles: 20
          spin_up_cycles: 5
          network: {every: 2, rotating: true}
          directory: data/assimilated
          write_observations: true
          runs:
            - {name: strong, window: 3, background_deviation: 0.4, correlation_length: 1}
            - {name: full, window: 3, background_deviation: 0.4, correlation_length: 1, minimiser: lbfgs, iterations: 40, tolerance: 1.0e-5, held_states: 2}
            - {name: weak, window: 3, background_deviation: 0.4, model_error_deviation: 0.01}
            - {name: variational, method: 3dvar, window: 3}
            - {name: interpolated, method: optimal_interpolation, window: 3}

        """

    private static let names = ["strong", "full", "weak", "variational", "interpolated"]

    private static func workplace() throws -> Workplace {
        let workplace = try Workplace()
        try workplace.write(experiment, to: "ring.yaml")
        return workplace
    }

    @Test func filesHoldWhatTheTableSays() async throws {
        let workplace = try Self.workplace()
        let outcome = try await workplace.run("assimilate", "ring.yaml")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(workplace.unfinished.isEmpty)
        for name in Self.names {
            let row = try #require(outcome.output.split(separator: "\n").first { $0.hasPrefix("\(name) ") })
            let file = try NetCDFFile(reading: workplace.path("data/assimilated/\(name).nc"))
            func read(_ variable: String, _ shape: [Int] = [20, 40]) throws -> [Double] {
                try file.variable(variable, shape: shape).read(Double.self)
            }
            let (truth, background, analysis) = (try read("truth"), try read("background"), try read("analysis"))
            #expect(try read("increment") == zip(analysis, background).map(-))
            // The analysis at the end is the next window's background.
            #expect(try read("final_analysis")[..<(19 * 40)] == background[40...])
            #expect(try read("final_truth")[..<(19 * 40)] == truth[40...])
            let errors = try read("analysis_rmse", [20])
            for cycle in 0..<20 {
                let squares = (40 * cycle..<40 * cycle + 40).reduce(0) { $0 + (analysis[$1] - truth[$1]) * (analysis[$1] - truth[$1]) }
                #expect(abs((squares / 40).squareRoot() - errors[cycle]) < 1e-12)
            }
            let shown = row.split(separator: " ").compactMap { Double($0) }
            let mean = errors.reduce(0, +) / 20
            #expect(shown.contains { abs($0 - mean) < 6e-3 * mean }, "\(row), \(mean)")
            let observations = try NetCDFFile(reading: workplace.path("data/assimilated/\(name)_observations.nc"))
            #expect(try observations.dimension("obs").length == 20 * 3 * 20)
        }
        // The incremental method and the full cost by L-BFGS find the same minima.
        let costs = try ["strong", "full"].map { name in
            let file = try NetCDFFile(reading: workplace.path("data/assimilated/\(name).nc"))
            return try file.variable("chi_square", shape: [20]).read(Double.self)
        }
        for (a, b) in zip(costs[0], costs[1]) { #expect(abs(a - b) < 1e-2 * b, "\(a), \(b)") }
    }

    @Test func mistakesAreNamed() async throws {
        let workplace = try Self.workplace()
        for (arguments, words) in [
            (["ring.yaml", "--run", "strnog"], ["no run 'strnog'", "strong, full"]),
            (["tiny.yaml"], ["has no section assimilation", "experiments/assimilation_lorenz96.yaml"]),
        ] {
            let outcome = try await workplace.start(["assimilate"] + arguments).outcome()
            #expect(outcome.status == 1 && words.allSatisfy { outcome.errors.contains($0) }, "\(outcome.errors)")
        }
        #expect(!workplace.files.keys.contains { $0.hasPrefix("data") })
    }
}
