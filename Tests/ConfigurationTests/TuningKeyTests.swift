import Basics
import Configuration
import Testing

/// The sections `tuning` and `subgrid`.
@Suite struct TuningKeyTests {
    private static let ring = "name: a\nmodel: {kind: lorenz96}\n"

    @Test(arguments: ["tune_lorenz96", "tune_lorenz96_emulator", "tune_basin", "tune_basin_joint", "subgrid_lorenz96"])
    func theCommittedExperimentsAreReadAndSurviveARoundTrip(name: String) throws {
        let experiment = try Experiment.load(path: "\(repository)/experiments/\(name).yaml")
        #expect(experiment.tuning != nil || experiment.subgrid != nil)
        #expect(try Experiment.parse(experiment.resolvedYAML) == experiment)
        // What a data file says of its making leaves out what is done with it.
        let yaml = try experiment.yaml(of: .test)
        #expect(!yaml.contains("tuning:") && !yaml.contains("subgrid:"))
    }

    @Test func experimentsWithoutThemStayAsTheyWere() throws {
        let experiment = try Experiment.parse(Self.ring)
        #expect(experiment.tuning == nil && experiment.subgrid == nil)
        let yaml = try experiment.resolvedYAML
        #expect(!yaml.contains("tuning") && !yaml.contains("subgrid"))
    }

    @Test(arguments: [
        ("tuning: {repetitions: 0}", "tuning.repetitions is '0'"), ("tuning: {runs: [{times: 4}]}", "tuning.runs[0].name is missing"),
        ("tuning: {runs: [{name: a}, {name: a}]}", "two of one name"),
        ("tuning: {runs: [{name: a, observed: 1.5}]}", "tuning.runs[0].observed is '1.5'"),
        ("tuning: {runs: [{name: a, parameters: [{name: f, guess: 1}]}]}", "tuning.runs[0].parameters[0].deviation is missing"),
        ("tuning: {runs: [{name: a, parameters: [{name: f, guess: 1, deviation: 1}, {name: f, guess: 1, deviation: 1}]}]}", "the same twice"),
        ("tuning: {runs: [{name: a, parameters: [{name: f, guess: 1, deviation: 0}]}]}", "parameters[0].deviation is '0'"),
        ("tuning: {runs: [{name: a, observation_error: 0}]}", "observation_error is '0'"),
        ("subgrid: {window: 500, states: 500}", "subgrid.window is 500 steps"), ("subgrid: {width: 0}", "subgrid.width is '0'"),
        ("subgrid: {offline: {steps: 0}}", "subgrid.offline.steps is '0'"),
    ])
    func mistakesAreNamed(section: String, message: String) throws {
        let error = try refusal(of: Self.ring + section + "\n")
        #expect(error.what.contains(message), "\(error)")
    }

    @Test func seasHaveNoSubgridSection() throws {
        #expect(try refusal(of: ExperimentTests.minimal + "subgrid: {width: 8}\n").description.contains("subgrid"))
    }
}
