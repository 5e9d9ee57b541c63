import Dynamics
import Emulators
import Foundation
import NetCDF
import TestSupport
import Testing
import Trajectories

/// From nothing to a forecast, by the commands that the README names.
@Suite struct WholePathTests {
    @Test func everyCommandSucceeds() async throws {
        for (command, outcome) in try await TinyExperiment.made().outcomes {
            #expect(outcome.status == 0, "\(command): \(outcome.errors)")
            #expect(!outcome.output.isEmpty, "\(command)")
            #expect(!outcome.errors.contains("seiche: "), "\(command): \(outcome.errors)")
        }
    }

    @Test func everyDocumentedFileIsThereAndNoOther() async throws {
        let runs = ["implicit", "explicit", "explicit_equal_time"]
        let documented = ["tiny.yaml", "data/tiny/SHA256SUMS"]
            + ["training/simulation_0000", "training/simulation_0001", "validation/simulation_0000", "test/simulation_0000"].map { "data/tiny/\($0).nc" }
            + runs.flatMap { run in ["latest.nc", "best.nc", "log.jsonl"].map { "data/tiny/emulators/\(run)/\($0)" } }
            + ["comparison.nc", "implicit/forecast_implicit_0.nc"].map { "data/tiny/emulators/\($0)" }
            + ["error_by_lead_time.png", "elevation_maps.png", "maps.nc", "stencils.png", "stencils.nc", "convergence_implicit.png", "convergence.nc",
                "training_curves.png", "training_curves.nc"].map { "data/tiny/emulators/figures/\($0)" } + ["data/tiny/emulators/report.html"]
        #expect(try await TinyExperiment.made().workplace.files.keys.sorted() == documented.sorted())
    }

    @Test(arguments: ["error_by_lead_time", "elevation_maps", "stencils", "convergence_implicit", "training_curves"])
    func figuresArePNG(name: String) async throws {
        let data = try await TinyExperiment.made().workplace.files["data/tiny/emulators/figures/\(name).png"] ?? Data()
        #expect(data.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))
        #expect(data.count > 5000)
    }

    /// Whatever was learned, a row's couplings over its diagonal are below 1, and the scheme's are where water is on both sides.
    @Test func stencilsHoldTheCouplingsOfSchemeAndEmulator() async throws {
        let tiny = try await TinyExperiment.made()
        let file = try NetCDFFile(reading: tiny.workplace.path("data/tiny/emulators/figures/stencils.nc"))
        let couplings = try file.variable("coupling", shape: [2, 4, 14, 16]).read(Double.self)
        let wet = couplings.filter { !$0.isNaN }
        #expect(wet.count == 2 * 4 * 12 * 14)
        #expect(wet.allSatisfy { $0 >= 0 && $0 < 1 })
        // The western coupling of a cell and the eastern one of its western neighbour are of one face: with their diagonals they agree.
        let (plane, nx) = (14 * 16, 16)
        func row(_ cell: Int) -> Double { 1 / (1 - (0..<4).reduce(0) { $0 + couplings[$1 * plane + cell] }) }
        let cell = 5 * nx + 7
        #expect(abs(couplings[plane + cell] * row(cell) - couplings[cell - 1] * row(cell - 1)) < 1e-12)
        let difference = try file.variable("relative_difference", shape: [2]).read(Double.self)
        #expect(difference[0] == 0 && difference[1] > 0)
    }

    @Test func residualsOfLearnedSystemsFall() async throws {
        let tiny = try await TinyExperiment.made()
        let file = try NetCDFFile(reading: tiny.workplace.path("data/tiny/emulators/figures/convergence.nc"))
        let variable = try file.variable("relative_residual")
        let shape = try variable.shape()
        #expect(shape.dropLast() == [1, 2, 4])
        let values = try variable.read(Double.self)
        for (k, start) in stride(from: 0, to: values.count, by: shape[3]).enumerated() {
            let history = values[start..<start + shape[3]].filter { !$0.isNaN }
            #expect(history.first == 1 && history.count > 2)
            // Conjugate gradients, the last, end on so few unknowns; after so little training the couplings may be too strong for the others.
            #expect(history.last ?? 1 <= (k % 4 == 3 ? 1e-12 : 0.5))
        }
    }

    @Test func trainingCurvesEndWithTheTimeOfTheTraining() async throws {
        let tiny = try await TinyExperiment.made()
        let file = try NetCDFFile(reading: tiny.workplace.path("data/tiny/emulators/figures/training_curves.nc"))
        let (seconds, errors) = (try file.variable("seconds"), try file.variable("validation_error"))
        let looks = try seconds.shape()[1]
        #expect(try seconds.shape()[0] == 3)
        let implicit = Array(try seconds.read(Double.self)[0..<looks])
        let shown = implicit.filter { !$0.isNaN }
        #expect(shown.count >= 3 && shown == shown.sorted() && shown[0] > 0)
        let checkpoint = try EmulatorCheckpoint(reading: tiny.workplace.path("data/tiny/emulators/implicit/best.nc"))
        let end = try #require(checkpoint.numbers["seconds"])
        #expect(shown.last! <= end * 1.000001)
        #expect(try errors.read(Double.self).prefix(looks).filter { !$0.isNaN }.allSatisfy { $0 > 0 })
    }

    @Test func tablesNameWhatIsCompared() async throws {
        let tiny = try await TinyExperiment.made()
        for label in ["implicit", "explicit", "explicit_equal_time", "persistence"] {
            #expect(tiny.output(of: "compare").contains("\n\(label) "), "\(label)")
        }
        for words in ["gradient / Fortran", "adjoint / own differences", "differences of simulated states", "white noise"] {
            #expect(tiny.output(of: "check").contains(words), "\(words)")
        }
    }

    @Test func comparisonHoldsTheErrorsOfAllForecasts() async throws {
        let tiny = try await TinyExperiment.made()
        let file = try NetCDFFile(reading: tiny.workplace.path("data/tiny/emulators/comparison.nc"))
        #expect(try file.attribute("emulators") == .texts(["implicit", "explicit", "explicit_equal_time", "persistence"]))
        #expect(try file.variable("lead", shape: [6]).read(Double.self) == [300, 600, 900, 1200, 1500, 1800])
        let errors = try file.variable("error", shape: [4, 6]).read(Double.self)
        #expect(errors.allSatisfy { $0 > 0 && $0.isFinite })
        #expect(try file.attribute("time_step_s").number == 300)
        #expect(try file.variable("error_deviation", shape: [4, 6]).read(Double.self).allSatisfy { $0 > 0 && $0 < 10 })
        #expect(try file.variable("one_step_error", shape: [4]).read(Double.self).allSatisfy { $0 > 0 && $0.isFinite })
        // Of one simulation there is no deviation.
        #expect(try file.variable("one_step_error_deviation", shape: [4]).read(Double.self).allSatisfy { $0.isNaN })
        // The implicit network gives back the water it takes; persistence moves none.
        let drift = try file.variable("relative_mass_drift", shape: [4, 6]).read(Double.self)
        #expect(measured("relative mass drift of the implicit network", drift[0..<6].max() ?? .infinity) < 1e-13)
        #expect(drift[6] > 1e-9 && drift[18..<24].allSatisfy { $0 == 0 })
        let sizes = try (file.variable("parameters", shape: [4]).read(Double.self), file.variable("samples", shape: [4]).read(Double.self))
        #expect(sizes.0[0] > 100 && sizes.1[..<2].allSatisfy { $0 == 120 } && sizes.0[3].isNaN && sizes.1[3].isNaN)
        #expect(try file.variable("training_seconds", shape: [4]).read(Double.self)[..<3].allSatisfy { $0 > 0 })
    }

    /// The mean over all pairs of states, computed here state by state.
    @Test func oneStepErrorOfPersistenceIsThatOfTheStates() async throws {
        let tiny = try await TinyExperiment.made()
        let file = try NetCDFFile(reading: tiny.workplace.path("data/tiny/emulators/comparison.nc"))
        let truth = try Trajectory(path: tiny.workplace.path("data/tiny/test/simulation_0000.nc"))
        let scales = try EmulatorCheckpoint(reading: tiny.workplace.path("data/tiny/emulators/implicit/best.nc")).scales.state
        let masks = [truth.grid.wet, truth.grid.openEast, truth.grid.openNorth]
        let cells = truth.grid.cellCount
        let states = try truth.states()
        let errors = zip(states, states.dropFirst()).map { a, b in
            let squares = (0..<3).map { channel in
                let free = (0..<cells).filter { masks[channel][$0] }.map { channel * cells + $0 }
                return free.reduce(0) { $0 + (a.vector[$1] - b.vector[$1]) * (a.vector[$1] - b.vector[$1]) }
                    / Double(free.count) / (scales[channel] * scales[channel])
            }
            return (squares.reduce(0, +) / 3).squareRoot()
        }
        #expect(errors.count == 12)
        let written = try file.variable("one_step_error", shape: [4]).read(Double.self)[3]
        #expect(abs(written / (errors.reduce(0, +) / 12) - 1) < 1e-12)
    }

    @Test func comparisonDoesNotDependOnThreads() async throws {
        let workplace = try Workplace(copyOf: await TinyExperiment.made().workplace)
        let before = workplace.files["data/tiny/emulators/comparison.nc"]
        let outcome = try await workplace.start(["compare", "tiny.yaml"], environment: ["SEICHE_THREADS": "1"]).outcome()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(workplace.files["data/tiny/emulators/comparison.nc"] == before)
    }

    @Test func forecastHasTheLayoutOfASimulation() async throws {
        let workplace = try await TinyExperiment.made().workplace
        let forecast = try Trajectory(path: workplace.path("data/tiny/emulators/implicit/forecast_implicit_0.nc"))
        let truth = try Trajectory(path: workplace.path("data/tiny/test/simulation_0000.nc"))
        #expect(forecast.count == 7)
        #expect(forecast.timeStep == 300)
        #expect(forecast.header.startTime == truth.header.startTime)
        #expect(forecast.grid == truth.grid)
        #expect(try forecast.state(at: 0) == truth.state(at: 0))
        #expect(try forecast.state(at: 1) != truth.state(at: 1))
    }

    /// In double precision the sum of zeta hardly changes; measured 8e-17 m over 12 steps, of a mean of some mm.
    @Test func implicitForecastKeepsTheMeanElevation() async throws {
        let workplace = try Workplace(copyOf: await TinyExperiment.made().workplace)
        let double = ["--set", "simulations.precision=double", "--set", "simulations.directory=data/double"]
        let options = ["--simulation", "0", "--start", "0", "--steps", "12", "--output", "long.nc"]
        for command in [["simulate", "tiny.yaml"] + double, ["forecast", "tiny.yaml"] + double + options] {
            let outcome = try await workplace.start(command).outcome()
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        let forecast = try Trajectory(path: workplace.path("long.nc"))
        let wet = Double(forecast.grid.wet.count { $0 })
        let means = try forecast.states().map { $0.zeta.reduce(0, +) / wet }
        #expect(means.count == 13)
        #expect(abs(means[0]) > 1e-4)
        #expect(measured("drift of the mean elevation, m", means.map { abs($0 - means[0]) }.max() ?? .infinity) < 3e-16)
        #expect(try forecast.state(at: 12).zeta != forecast.state(at: 0).zeta)
    }

    @Test(arguments: [["--help"], ["--version"], ["help", "train"]] + TinyExperiment.commands.map { [$0[0], "--help"] })
    func helps(arguments: [String]) async throws {
        let outcome = try await Workplace().start(arguments).outcome()
        #expect(outcome.status == 0)
        #expect(!outcome.output.isEmpty && outcome.errors.isEmpty)
    }
}
