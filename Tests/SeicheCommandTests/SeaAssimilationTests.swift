import Basics
import Foundation
import NetCDF
import Testing

/// `seiche assimilate` and `seiche plot` on a small basin: what is printed and written, with the Fortran model and with an emulator.
@Suite struct SeaAssimilationTests {
    private static let experiment = """
        name: sea
        model: {domain: basin, size: [24, 20], spacing: 1.0e+4, time_step: 900}
        initial: {kind: bump}
        training: {steps: 10, directory: data/emulators}
        assimilation:
          cases: 2
          cycles: 2
          spin_up_steps: 20
          interval: 4
          window: 3
          forecast_steps: 10
          observations: {share: 0.2, moving: true, deviation: 0.002}
          background: {pairs: 6}
          directory: data/analyses
          write_observations: true
          runs:
            - {name: free, method: free_run}
            - {name: interpolated, method: optimal_interpolation}
            - {name: threedvar, method: 3dvar, tolerance: 1.0e-9}
            - {name: fourdvar}
            - {name: full, minimiser: lbfgs, iterations: 200, held_states: 3}

        """

    private static func workplace(_ text: String = experiment) throws -> Workplace {
        let workplace = try Workplace()
        try workplace.write(text, to: "sea.yaml")
        return workplace
    }

    /// Finite values only: land has none.
    private static func rootMeanSquare(_ a: some Sequence<Double>, _ b: some Sequence<Double>) -> Double {
        let squares = zip(a, b).map { ($0 - $1) * ($0 - $1) }.filter(\.isFinite)
        return (squares.reduce(0, +) / Double(squares.count)).squareRoot()
    }

    @Test func methodsAgreeWhereTheyMustAndFilesHoldWhatTheTableSays() async throws {
        let workplace = try Self.workplace()
        let outcome = try await workplace.run("assimilate", "sea.yaml")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(workplace.unfinished.isEmpty)
        let shape = [2, 2, 20, 24]
        func read(_ run: String, _ name: String, _ shape: [Int] = shape) throws -> [Double] {
            try NetCDFFile(reading: workplace.path("data/analyses/\(run).nc")).variable(name, shape: shape).read(Double.self)
        }
        var errors: [String: Double] = [:]
        for run in ["free", "interpolated", "threedvar", "fourdvar", "full"] {
            for field in ["zeta", "u", "v"] {
                let (analysis, background) = (try read(run, "analysis_\(field)"), try read(run, "background_\(field)"))
                #expect(Self.rootMeanSquare(try read(run, "increment_\(field)"), zip(analysis, background).map(-)) == 0)
            }
            let (truth, final, cells) = (try read(run, "final_truth_zeta"), try read(run, "final_analysis_zeta"), 20 * 24)
            // Each case's second window begins where its first ended, and ends where the forecast begins.
            #expect(Self.rootMeanSquare(final[..<cells], try read(run, "background_zeta")[cells..<2 * cells]) == 0)
            let forecasts = try read(run, "forecast_zeta_rmse", [2, 4])
            #expect(abs(Self.rootMeanSquare(truth[3 * cells..<4 * cells], final[3 * cells..<4 * cells]) - forecasts[4]) < 1e-15)
            errors[run] = (forecasts[0] + forecasts[4]) / 2
            let row = try #require(outcome.output.split(separator: "\n").first { $0.hasPrefix("\(run) ") })
            let mean = errors[run] ?? .nan
            #expect(row.split(separator: " ").compactMap { Double($0) }.contains { abs($0 - mean) < 6e-3 * mean }, "\(row), \(mean)")
            let observations = try NetCDFFile(reading: workplace.path("data/analyses/\(run)_observations_1.nc"))
            // A fifth of 22 x 18 wet cells, 3 times in each of 2 windows.
            #expect(try observations.dimension("obs").length == 79 * 6)
        }
        // Elimination and minimisation find the same analyses; so do Gauss-Newton and the full cost.
        #expect(Self.rootMeanSquare(try read("interpolated", "final_analysis_zeta"), try read("threedvar", "final_analysis_zeta")) < 1e-8)
        let (gaussNewton, full, free) = (errors["fourdvar"] ?? .nan, errors["full"] ?? .nan, errors["free"] ?? .nan)
        #expect(abs(gaussNewton - full) < 0.02 * full)
        #expect(gaussNewton < 0.3 * free && gaussNewton < (errors["interpolated"] ?? .nan), "\(errors)")
        let pictures = try await workplace.run("plot", "sea.yaml")
        #expect(pictures.status == 0, "\(pictures.errors)")
        #expect(pictures.output.split(separator: "\n").count == 4)
    }

    @Test func derivativesPassTheTestsOfOperationalSystems() async throws {
        let workplace = try Self.workplace()
        let outcome = try await workplace.run("assimilate", "sea.yaml", "--check", "--run", "fourdvar")
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.split(separator: "\n").count { $0.hasSuffix("passed") } == 7)
        #expect(!workplace.files.keys.contains { $0.hasPrefix("data") })
        // Solves that end early make an adjoint that is no transpose.
        let coarse = try await workplace.run("assimilate", "sea.yaml", "--check", "--run", "fourdvar", "--set", "model.solver_tolerance=1e-5")
        #expect(coarse.status == 1 && coarse.output.contains("FAILED"), "\(coarse.output)")
    }

    @Test func anEmulatorTakesTheModelsPlace() async throws {
        let made = try await TinyExperiment.made().workplace
        let workplace = try Workplace(copyOf: made)
        let text = try String(contentsOfFile: workplace.path("tiny.yaml"), encoding: .utf8)
        try workplace.write(
            text + """
                assimilation:
                  {cases: 1, spin_up_steps: 4, interval: 1, window: 3, forecast_steps: 2, observations: {share: 0.5}, background: {pairs: 3},
                   directory: data/analyses, runs: [{name: learned, model: implicit}, {name: single, model: implicit, precision: single}]}

                """, to: "sea.yaml")
        let outcome = try await workplace.run("assimilate", "sea.yaml")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let costs = try ["learned", "single"].map { run in
            try NetCDFFile(reading: workplace.path("data/analyses/\(run).nc")).variable("chi_square", shape: [1, 1]).read(Double.self)[0]
        }
        #expect(abs(costs[0] - costs[1]) < 1e-2 * costs[0] && costs[0] > 0)
        let missing = try await workplace.run("assimilate", "sea.yaml", "--set", "training.directory=nowhere")
        #expect(missing.status == 1 && missing.errors.contains("there is no emulator 'implicit'"), "\(missing.errors)")
    }
}
