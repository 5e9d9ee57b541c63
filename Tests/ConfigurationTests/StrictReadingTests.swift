import Basics
import Foundation
import Testing

import Configuration

@Suite struct StrictReadingTests {
    /// What the file adds to a valid one, and the whole first line of the error.
    static let refusals: [(yaml: String, what: String)] = [
        ("colour: red", "e.yaml, line 3: colour is not a known key"),
        ("simulations:\n  training:\n    cuont: 3", "e.yaml, line 5: simulations.training.cuont is not a known key"),
        ("elephants:\n  size: 3", "e.yaml, line 3: elephants is not a known key"),
        ("model: {drag: 1e999}", "e.yaml, line 3: model.drag is '1e999', expected a number of at least 0.0"),
        ("check: {directions: many}", "e.yaml, line 3: check.directions is 'many', expected a whole number from 1 to 10000"),
        ("check: {directions: 2.0}", "e.yaml, line 3: check.directions is '2.0', expected a whole number from 1 to 10000"),
        ("check: {directions: 0}", "e.yaml, line 3: check.directions is '0', expected a whole number from 1 to 10000"),
        ("check: {directions: \"2\"}", "e.yaml, line 3: check.directions is the text \"2\", expected a whole number from 1 to 10000"),
        ("check: {directions: [1]}", "e.yaml, line 3: check.directions is a list of 1 value, expected a whole number from 1 to 10000"),
        ("check:\n  directions:", "e.yaml, line 4: check.directions is no value, expected a whole number from 1 to 10000"),
        ("check: {seed: -1}", "e.yaml, line 3: check.seed is '-1', expected a whole number of at least 0"),
        ("check: {step_sizes: []}", "e.yaml, line 3: check.step_sizes is a list of 0 values, expected a list of one or more, each a number"),
        ("check:\n  step_sizes:\n  - 0.1\n  - x", "e.yaml, line 6: check.step_sizes[1] is 'x', expected a number above 0"),
        ("model: {drag: nan}", "e.yaml, line 3: model.drag is 'nan', expected a number of at least 0.0"),
        ("model: {drag: .inf}", "e.yaml, line 3: model.drag is '.inf', expected a number of at least 0.0"),
        ("model: {drag: 0x10}", "e.yaml, line 3: model.drag is '0x10', expected a number of at least 0.0"),
        ("model: {drag: 1,5}", "e.yaml, line 3: model.5 is not a known key"),
        ("model: {solver_tolerance: 1}", "e.yaml, line 3: model.solver_tolerance is '1', expected a number above 0 and below 1.0"),
        ("model: {implicitness: 0.49}", "e.yaml, line 3: model.implicitness is '0.49', expected a number from 0.5 to 1.0"),
        ("model: {domain: baltic}", "e.yaml, line 3: model.domain is 'baltic', expected north_sea or basin"),
        ("model: {domain: basin, size: [3]}", "e.yaml, line 3: model.size is a list of 1 value, expected a list of 2, each a whole number"),
        ("model: 3", "e.yaml, line 3: model is '3', expected a section of keys with values"),
        ("simulations: {directory: \"\"}", "e.yaml, line 3: simulations.directory is the text \"\", expected text that is not empty"),
    ]

    @Test(arguments: refusals)
    func refuses(yaml: String, what: String) throws {
        #expect(try refusal(of: ExperimentTests.minimal + yaml + "\n").what == what)
    }

    @Test func suggestsTheNearestName() throws {
        #expect(
            try refusal(of: "name: a\ntraining: {steps: 5, bach_size: 1}").remedy == "did you mean training.batch_size?")
        let far = try #require(try refusal(of: ExperimentTests.minimal + "check: {elephants: 1}").remedy)
        #expect(far == "the keys here are check.directions, check.step_sizes, check.seed")
        let missing = try refusal(of: "nmae: a\ntraining: {steps: 5}")
        #expect(missing.what == "e.yaml, line 1: the required key name is missing")
        #expect(missing.remedy == "is nmae meant to be name?")
    }

    @Test(arguments: [("kitten", "sitting", 3), ("", "abc", 3), ("name", "nmae", 1), ("steps", "steps", 0)])
    func editDistances(a: String, b: String, distance: Int) {
        #expect(editDistance(a, b) == distance)
        #expect(editDistance(b, a) == distance)
    }

    @Test func refusesKeysGivenTwice() throws {
        let error = try refusal(of: "name: a\ntraining:\n  steps: 5\n  steps: 6\n")
        #expect(error.what.hasPrefix("e.yaml, line 3: steps appears more than once"))
    }

    @Test func refusesTextThatIsNotYAML() throws {
        let error = try refusal(of: "name: a\nmodel: {drag: 1\ntraining: [\n")
        #expect(error.what.hasPrefix("e.yaml, line "))
        #expect(error.what.contains("is not valid YAML"))
        #expect(try refusal(of: "").what == "e.yaml is empty")
        #expect(try refusal(of: "just text").what == "e.yaml, line 1: found 'just text', expected keys with values (name: ...)")
        #expect(try refusal(of: "name: a\n---\nname: b\n").what.contains("is not valid YAML"))
    }

    @Test func refusesFilesThatCannotBeRead() throws {
        let missing = try #require(throws: SeicheError.self) { try Experiment.load(path: "/nowhere/a.yaml") }
        #expect(missing.what == "the experiment /nowhere/a.yaml cannot be read")
        #expect(missing.why == "there is no such file")
        #expect(missing.category == .invalidInput)
        let directory = try #require(throws: SeicheError.self) { try Experiment.load(path: "/tmp") }
        #expect(directory.what == "the experiment /tmp cannot be read")

        let binary = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).yaml")
        try Data([0xff, 0xfe, 0x00, 0xc3]).write(to: binary)
        defer { try? FileManager.default.removeItem(at: binary) }
        let notText = try #require(throws: SeicheError.self) { try Experiment.load(path: binary.path) }
        #expect(notText.what.hasSuffix("is not UTF-8 text"))
    }

    @Test func overridesAreCheckedLikeTheFile() throws {
        let minimal = ExperimentTests.minimal
        #expect(try refusal(of: minimal, overrides: ["model.drg=1"]).what == "--set model.drg=1: model.drg is not a known key")
        #expect(
            try refusal(of: minimal, overrides: ["model.drag=x"]).what
                == "--set model.drag=x: model.drag is 'x', expected a number of at least 0.0")
        #expect(
            try refusal(of: minimal, overrides: ["name.x=1"]).what
                == "--set name.x=1: name is 'a', not a section that could hold x")
        #expect(try refusal(of: minimal, overrides: ["name=null"]).what == "e.yaml, line 1: the required key name is missing")
        for text in ["model.drag", "=1", "model..drag=1", ""] {
            #expect(try refusal(of: minimal, overrides: [text]).what == "--set \(text): expected a key and a value")
        }
        #expect(try refusal(of: minimal, overrides: ["model.drag="]).what == "--set model.drag=: the value is empty")
        #expect(try refusal(of: minimal, overrides: ["check.step_sizes=[1"]).what.contains("is not valid YAML"))
    }

    @Test func laterOverridesWinAndMakeSections() throws {
        let experiment = try Experiment.parse(
            "name: a", overrides: ["training.steps=7", "training.steps=8", "name=bc", "simulations.directory=x=y"])
        #expect(experiment.training.budget == .steps(8))
        #expect(experiment.name == "bc")
        #expect(experiment.simulations.directory == "x=y")
    }
}
