import Basics
import Foundation
import Testing

import Configuration

/// Experiments that make data sets: their sizes, and the Lorenz '96 model.
@Suite struct DataExperimentTests {
    static let committed = (try? FileManager.default.contentsOfDirectory(atPath: "\(repository)/experiments/data").sorted()) ?? []

    @Test(arguments: committed, [nil, "small", "full"])
    func committedExperimentsLoadInEverySize(file: String, size: String?) throws {
        let experiment = try Experiment.load(path: "\(repository)/experiments/data/\(file)", size: size)
        #expect(experiment.name + ".yaml" == file)
        #expect(experiment.simulations.directory == "data/\(size ?? "small")/\(experiment.name)")
        #expect(try Experiment.parse(experiment.resolvedYAML) == experiment)
    }

    /// 25 hours each; 60,000 states at every time step.
    @Test func theFullBasinIsThePublishedOne() throws {
        #expect(Self.committed.count == 10)
        for domain in ["basin", "north_sea"] {
            for (timeStep, count) in [(300, 200), (600, 300), (900, 600), (1500, 1000)] {
                let experiment = try Experiment.load(path: "\(repository)/experiments/data/\(domain)_dt\(timeStep).yaml", size: "full")
                #expect(experiment.model.timeStep == Double(timeStep))
                #expect(experiment.simulations.training.count == count)
                #expect(experiment.simulations.training.steps * timeStep == 25 * 3600)
                #expect(experiment.simulations.test.steps == experiment.simulations.training.steps)
            }
        }
        let ring = try Experiment.load(path: "\(repository)/experiments/data/lorenz96_one_level.yaml", size: "full")
        #expect(ring.model.lorenz96 == Experiment.Lorenz96())
        #expect((ring.simulations.training.count, ring.simulations.training.steps) == (1000, 604))
    }

    private static let sized = ExperimentTests.minimal + """
        simulations: {seed: 7, training: {count: 3, steps: 9}}
        sizes:
          full:
            simulations: {directory: big, training: {count: 30}}
            training: {batch_size: null, warm_up_steps: 4}

        """

    @Test func aSizeChangesItsKeysOnly() throws {
        let small = try Experiment.parse(Self.sized)
        #expect(try Experiment.parse(Self.sized, size: "small") == small)
        var expected = small
        expected.simulations.directory = "big"
        expected.simulations.training.count = 30
        expected.training.warmUpSteps = 4
        #expect(try Experiment.parse(Self.sized, size: "full") == expected)
        expected.simulations.training.count = 31
        #expect(try Experiment.parse(Self.sized, size: "full", overrides: ["simulations.training.count=31"]) == expected, "overrides come last")
    }

    @Test(arguments: [
        ("sizes: 3", nil, "e.yaml, line 3: sizes is '3', expected a section of sizes by name"),
        ("sizes: {full: 3}", nil, "e.yaml, line 3: sizes.full is '3', expected a section of keys that differ"),
        ("sizes: {small: {name: b}}", nil, "e.yaml, line 3: sizes.small is given, but this is the name of the experiment as it stands"),
        ("sizes: {full: {name: b}}", "fall", "e.yaml has no size 'fall'"),
        ("sizes:\n  full:\n    training:\n      bach_size: 3", "full", "e.yaml, line 6: training.bach_size is not a known key"),
        ("sizes:\n  full:\n    training:\n      bach_size: 3", nil, "e.yaml, line 6: training.bach_size is not a known key"),
        ("sizes: {full: {model: {drag: -1}}}", "small", "e.yaml, line 3: model.drag is '-1', expected a number of at least 0.0"),
        ("sizes: {full: {sizes: {a: {name: b}}}}", "full", "e.yaml, line 3: sizes is not a known key"),
    ]) func refusesASize(yaml: String, size: String?, what: String) throws {
        let error = try #require(throws: SeicheError.self) {
            try Experiment.parse(ExperimentTests.minimal + yaml + "\n", source: "e.yaml", size: size)
        }
        #expect(error.what == what)
        if size == "fall" { #expect(error.remedy == "did you mean full?") }
    }

    @Test func aSizeThatNeedsTheOverridesIsLeftInPeace() throws {
        let yaml = "name: a\nsizes: {full: {simulations: {seed: 3}}}\n"
        #expect(try Experiment.parse(yaml, overrides: ["training.steps=3"]).simulations.seed == 1)
        #expect(try Experiment.parse(yaml, size: "full", overrides: ["training.steps=3"]).simulations.seed == 3)
    }

    @Test func aMisspelledSectionOfSizesIsNamed() throws {
        #expect(try refusal(of: ExperimentTests.minimal + "size: {full: {name: b}}\n").remedy == "did you mean sizes?")
    }

    // MARK: Lorenz '96

    static let ring = "name: a\nmodel: {kind: lorenz96, sectors: 36, fast_per_sector: 10, forcing: 10, time_step: 0.005}\n"

    @Test func aRingIsReadAndWritten() throws {
        let experiment = try Experiment.parse(Self.ring)
        var expected = Experiment.Lorenz96()
        (expected.sectors, expected.fastPerSector, expected.forcing, expected.timeStep) = (36, 10, 10, 0.005)
        #expect(experiment.model.lorenz96 == expected)
        #expect(experiment.simulations.training.roughness == 0)
        #expect(try Experiment.parse(experiment.resolvedYAML) == experiment)
        #expect(try !experiment.resolvedYAML.contains("\ninitial:"))
    }

    @Test(arguments: [
        ("name: a\nmodel: {kind: lorenz69}", "e.yaml, line 2: model.kind is 'lorenz69', expected shallow_water or lorenz96"),
        ("name: a\nmodel: {kind: lorenz96, drag: 1}", "e.yaml, line 2: model.drag has no meaning here: it applies only when model.kind is shallow_water"),
        ("name: a\nmodel: {kind: lorenz96, coupling: 1}", "e.yaml, line 2: model.coupling has no meaning here: it applies only when model.fast_per_sector is above 0"),
        ("name: a\nmodel: {kind: lorenz96, sectors: 3}", "e.yaml, line 2: model.sectors is '3', expected a whole number from 4 to 100000"),
        ("name: a\nmodel: {kind: lorenz96, forcng: 3}", "e.yaml, line 2: model.forcng is not a known key"),
        ("name: a\nmodel: {kind: lorenz96}\ninitial: {kind: bump}", "e.yaml, line 3: initial has no meaning here: it applies only when model.kind is shallow_water"),
        (
            "name: a\nmodel: {kind: lorenz96}\nsimulations: {test: {roughness: 1}}",
            "e.yaml, line 3: simulations has a roughness or velocities at cell centres, which a Lorenz '96 model has not"
        ),
        ("name: a\ntraining: {steps: 5}\nmodel: {forcing: 8}", "e.yaml, line 3: model.forcing has no meaning here: it applies only when model.kind is lorenz96"),
    ]) func refusesARing(yaml: String, what: String) throws {
        #expect(try refusal(of: yaml + "\n").what == what)
    }

    // MARK: What a file says of its making

    @Test func theTextOfASplitHoldsWhatDecidesItsFiles() throws {
        let text = try Experiment.parse(Self.sized).yaml(of: .validation)
        for same in [
            "simulations.directory=x", "simulations.validation.count=9", "simulations.training.steps=8", "training.batch_size=9",
            "simulations.test.roughness=1",
        ] {
            #expect(try Experiment.parse(Self.sized, overrides: [same]).yaml(of: .validation) == text, "\(same)")
        }
        for other in [
            "name=b", "model.drag=0.1", "initial.kind=bump", "simulations.seed=9", "simulations.validation.steps=8",
            "simulations.validation.roughness=1", "simulations.precision=double", "simulations.compression=2", "simulations.spin_up_steps=1",
            "simulations.centre_velocities=true",
        ] {
            #expect(try Experiment.parse(Self.sized, overrides: [other]).yaml(of: .validation) != text, "\(other)")
        }
    }
}
