import Basics
import Configuration
import Testing

/// The section `assimilation` of experiments, of Lorenz '96 and of seas.
@Suite struct AssimilationKeyTests {
    private static let ring = "name: a\nmodel: {kind: lorenz96}\n"

    @Test func theCommittedExperimentIsReadAndSurvivesARoundTrip() throws {
        let experiment = try Experiment.load(path: "\(repository)/experiments/assimilation_lorenz96.yaml")
        let assimilation = try #require(experiment.lorenz96.assimilation)
        #expect(assimilation.cycles == 1000 && assimilation.runs.map(\.interval) == [1, 1, 4, 1, 4, 1, 4])
        #expect(try Experiment.parse(experiment.resolvedYAML) == experiment)
        #expect(try !experiment.yaml(of: .test).contains("assimilation:"))
    }

    @Test(arguments: [
        ("{cycles: 3}", "assimilation.cycles is '3'"), ("{observation_error: 0}", "assimilation.observation_error is '0'"),
        ("{network: {every: 0}}", "assimilation.network.every is '0'"), ("{runs: [{window: 4}]}", "assimilation.runs[0].name is missing"),
        ("{runs: [{name: a}, {name: a}]}", "two of one name"), ("{runs: [{name: a, method: 5dvar}]}", "assimilation.runs[0].method is '5dvar'"),
        ("{runs: [{name: a, background_deviation: 0}]}", "background_deviation is '0'"),
        ("{runs: [{name: a, method: optimal_interpolation, iterations: 3}]}", "assimilation.runs[0].iterations"),
        ("{runs: [{name: a, method: 3dvar, held_states: 3}]}", "assimilation.runs[0].held_states"),
        ("{runs: [{name: a, method: free_run, background_deviation: 1}]}", "assimilation.runs[0].background_deviation"),
        ("{runs: [{name: a, model: bilinear_rk4, precision: single}]}", "assimilation.runs[0].precision"),
    ])
    func mistakesAreNamed(section: String, message: String) throws {
        let error = try refusal(of: Self.ring + "assimilation: \(section)\n")
        #expect(error.what.contains(message), "\(error)")
    }

    @Test(arguments: ["basin", "north_sea"]) func theExperimentsOfSeasAreReadAndSurviveARoundTrip(name: String) throws {
        let experiment = try Experiment.load(path: "\(repository)/experiments/assimilation_\(name).yaml")
        let assimilation = try #require(experiment.assimilation)
        #expect(assimilation.runs.count { $0.scheme.usesEmulator } > 0 && assimilation.observations.share == 0.05)
        #expect(try Experiment.parse(experiment.resolvedYAML) == experiment)
        #expect(try !experiment.yaml(of: .test).contains("assimilation:"))
    }

    @Test(arguments: [
        ("{cases: 0}", "assimilation.cases is '0'"), ("{observations: {share: 1.5}}", "assimilation.observations.share is '1.5'"),
        ("{background: {velocities: none}}", "assimilation.background.velocities is 'none'"),
        ("{runs: [{name: a, precision: single}]}", "assimilation.runs[0].precision"),
        ("{runs: [{name: a, method: free_run, background_factor: 2}]}", "assimilation.runs[0].background_factor"),
        ("{runs: [{name: a, method: 3dvar, held_states: 2}]}", "assimilation.runs[0].held_states"),
        ("{spin_up_cycles: 5}", "assimilation.spin_up_cycles is not a known key"),
    ])
    func mistakesOfSeasAreNamed(section: String, message: String) throws {
        let error = try refusal(of: ExperimentTests.minimal + "assimilation: \(section)\n")
        #expect(error.what.contains(message), "\(error)")
    }
}
