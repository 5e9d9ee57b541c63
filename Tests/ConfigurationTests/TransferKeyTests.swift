import Basics
import Configuration
import Foundation
import Testing

/// The section `transfer`: cases that emulators were not trained on.
@Suite struct TransferKeyTests {
    private static let cases = ExperimentTests.minimal + """
        model: {domain: basin, time_step: 900}
        transfer:
          simulations: 3
          hours: 12.5
          cases:
            - {name: far, set: ["model.size=[40, 30]", model.time_step=1500]}
            - name: sea
              experiment: EXPERIMENT
              set: [model.drag=2.0e-3]

        """.replacingOccurrences(of: "EXPERIMENT", with: "\(repository)/experiments/north_sea.yaml")

    @Test func casesAreExperimentsWithKeysChanged() throws {
        let experiment = try Experiment.parse(Self.cases)
        #expect((experiment.transfer.simulations, experiment.transfer.hours, experiment.transfer.cases.count) == (3, 12.5, 2))
        let far = try experiment.experiment(of: experiment.transfer.cases[0])
        var expected = experiment
        expected.model.domain = .basin(nx: 40, ny: 30, spacing: 1e4)
        expected.model.timeStep = 1500
        #expect(far == expected)
        let sea = try experiment.experiment(of: experiment.transfer.cases[1])
        #expect(sea.name == "north_sea" && sea.model.drag == 0.002 && sea.model.timeStep == 300)
    }

    @Test func theyAreWrittenAndReadAgain() throws {
        let experiment = try Experiment.parse(Self.cases)
        #expect(try Experiment.parse(experiment.resolvedYAML) == experiment)
        #expect(try !experiment.yaml(of: .test).contains("transfer"))
        #expect(try Experiment.parse(ExperimentTests.minimal).transfer.cases.isEmpty)
    }

    @Test(arguments: [
        ("{cases: [{name: a}]}", "transfer.cases[0].name is 'a', a case that differs from the experiment in nothing"),
        ("{cases: [{nam: a, set: [b=1]}]}", "the required key transfer.cases[0].name is missing"),
        ("{cases: [{name: a, sets: [b=1], experiment: c}]}", "transfer.cases[0].sets is not a known key"),
        ("{cases: [{name: a, set: [b=1]}, {name: a, set: [c=1]}]}", "transfer.cases gives two cases one name"),
        ("{cases: [{name: a, set: []}]}", "transfer.cases[0].set is"),
        ("{cases: 3}", "transfer.cases is '3', expected a list of one or more sections"),
        ("{simulations: 0}", "transfer.simulations is '0'"), ("{hours: 0}", "transfer.hours is '0'"),
    ])
    func mistakesAreNamed(section: String, message: String) throws {
        #expect(try refusal(of: ExperimentTests.minimal + "transfer: \(section)\n").what.contains(message))
    }

    @Test func aCaseThatCannotBeReadSaysWhich() throws {
        let experiment = try Experiment.parse(ExperimentTests.minimal)
        for (given, words) in [
            (Experiment.Transfer.Case(name: "odd", set: ["model.timestep=3"]), "did you mean model.time_step?"),
            (.init(name: "odd", experiment: "nowhere.yaml"), "nowhere.yaml"),
        ] {
            let error = try #require(throws: SeicheError.self) { try experiment.experiment(of: given) }
            #expect(error.what.hasPrefix("transfer case 'odd': ") && error.description.contains(words), "\(error)")
        }
    }

    @Test func theBasinsDepthIsAnOption() throws {
        let text = ExperimentTests.minimal + "model: {domain: basin, mean_depth: 900, depth_variance: 0}\n"
        let experiment = try Experiment.parse(text)
        #expect((experiment.model.meanDepth, experiment.model.depthVariance) == (900, 0))
        #expect(try Experiment.parse(experiment.resolvedYAML) == experiment)
        #expect(try !Experiment.parse(ExperimentTests.minimal + "model: {domain: basin}\n").resolvedYAML.contains("depth_variance"))
        #expect(try refusal(of: ExperimentTests.minimal + "model: {mean_depth: 900}\n").what.contains("model.mean_depth has no meaning here"))
    }

    @Test func lorenz96HasNone() throws {
        #expect(try refusal(of: "name: a\nmodel: {kind: lorenz96}\ntransfer: {hours: 1}\n").what.contains("transfer has no meaning here"))
    }
}
