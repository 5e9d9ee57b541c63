import Basics
import Configuration
import Testing

/// The section `assimilation` of experiments with Lorenz '96.
@Suite struct AssimilationKeyTests {
    private static let ring = "name: a\nmodel: {kind: lorenz96}\n"

    @Test func theCommittedExperimentIsReadAndSurvivesARoundTrip() throws {
        let experiment = try Experiment.load(path: "\(repository)/experiments/assimilation_lorenz96.yaml")
        let assimilation = try #require(experiment.lorenz96.assimilation)
        #expect(assimilation.cycles == 1000 && assimilation.runs.map(\.interval) == [1, 1, 4, 1, 4])
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
    ])
    func mistakesAreNamed(section: String, message: String) throws {
        let error = try refusal(of: Self.ring + "assimilation: \(section)\n")
        #expect(error.what.contains(message), "\(error)")
    }

    @Test func seasHaveNoSuchSection() throws {
        #expect(try refusal(of: ExperimentTests.minimal + "assimilation: {cycles: 10}\n").description.contains("assimilation"))
    }
}
