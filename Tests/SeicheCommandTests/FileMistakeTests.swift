import Foundation
import Testing

private let trained = "data/tiny/emulators/implicit/latest.nc"
private let simulated = "data/tiny/training/simulation_0001.nc"
private let tested = "data/tiny/test/simulation_0000.nc"

/// What can be wrong with the files that commands read.
private let mistakes = [
    Mistake("no simulations", "train --set simulations.directory=nowhere", says: "there is no data set in 'nowhere/training'", "seiche simulate"),
    Mistake("a truncated simulation", "train --name new", says: simulated, "truncated or damaged") { try $0.truncate(simulated) },
    Mistake("a simulation that is not NetCDF", "train --name new", says: simulated, "is not a NetCDF file") { try $0.write("text", to: simulated) },
    Mistake("a simulation without u", "train --name new", says: simulated, "no variable 'u'", "zeta") { try $0.rewrite(simulated, .without("u")) },
    Mistake("a test simulation without zeta", "compare", says: tested, "no variable 'zeta'") { try $0.rewrite(tested, .without("zeta")) },
    Mistake("a field of the wrong shape", "train --name new", says: simulated, "variable 'v'", "but [9, 14, 16] is needed") {
        try $0.rewrite(simulated, .turned("v"))
    },
    Mistake("NaN in a wet cell", "train --name new", says: simulated, "zeta", "is nan at state 3, (x, y) = (5, 4)", "wet") {
        try $0.rewrite(simulated, .notANumber("zeta", time: 3, y: 4, x: 5))
    },
    Mistake("NaN on an open face of a test simulation", "compare", says: tested, "u in", "is nan at state 3, (x, y) = (5, 4)") {
        try $0.rewrite(tested, .notANumber("u", time: 3, y: 4, x: 5))
    },
    Mistake("NaN where a forecast starts", "forecast", says: tested, "is nan at state 0") {
        try $0.rewrite(tested, .notANumber("zeta", time: 0, y: 4, x: 5))
    },
    Mistake("a truncated simulation to go on with", "simulate", says: simulated, "not what this experiment would write", "truncated", "--overwrite") {
        try $0.truncate(simulated)
    },
    Mistake("simulations of another experiment", "simulate --set model.drag=2.0e-3", says: "drag is 0.001, not 0.002", "--overwrite"),
    Mistake("too few states for the forecasts", "compare --set simulations.test.steps=60 --set comparison.lead_steps=50", says: tested, "13 states, not 61"),
    Mistake("too few states for the maps", "plot --lead 50", says: "13 states", "--lead"),
    Mistake("a start after the end", "forecast --start 13", says: "13 states", "no state 13"),
    Mistake("no such simulation", "forecast --simulation 5", says: "trajectory 5", "'data/tiny/test', which has 1", "count from 0"),
    Mistake("plot before compare", "plot", says: "there is no 'data/tiny/emulators/comparison.nc'", "seiche compare") {
        try FileManager.default.removeItem(atPath: $0.path("data/tiny/emulators/comparison.nc"))
    },
    Mistake("the time of an unknown run", "train --name new --time-of nobody", says: "no run 'nobody'", "data/tiny/emulators/nobody/latest.nc", "seiche train"),
    Mistake("weights of another network to start from", "train --name new --from explicit", says: "cannot start from 'data/tiny/emulators/explicit/best.nc'", "not implicit(products: 2, stresses: 4)", "--from"),
    Mistake("a checkpoint of another network", "train --set emulators.implicit.products=3", says: trained, "implicit(products: 2, stresses: 4), not implicit(products: 3, stresses: 4)", "--restart"),
    Mistake("a checkpoint of another kind", "train --emulator explicit --name implicit", says: trained, "implicit(products: 2, stresses: 4), not explicit", "--name"),
    Mistake("a checkpoint of another experiment", "train --set training.batch_size=4", says: trained, "its training.batch_size is 2, not 4", "--restart"),
    Mistake("a checkpoint of another optimiser", "train --set training.optimiser=lbfgs", says: trained, "its training.optimiser is adam, not lbfgs"),
    Mistake("a checkpoint of another loss", "train --set training.loss.steps=2", says: trained, "its training.loss.steps is 1, not 2"),
    Mistake("a checkpoint of another judge", "train --set training.validation.rollout_steps=4", says: trained, "its training.validation.rollout_steps is left out, not 4"),
    Mistake("a checkpoint of another learning rate", "train --set emulators.implicit.learning_rate=0.1", says: trained, "its learning rate is 0.02, not 0.1"),
    Mistake("forecasts longer than the validation simulations", "train --name new --set training.validation.rollout_steps=5", says: "no 6 consecutive states", "has 5", "forecast fewer"),
    Mistake("a loss over more steps than there are", "train --name new --set training.loss.steps=9", says: "no 10 consecutive states", "has 9"),
    Mistake("a simulation too few", "train", says: "data/tiny/training", "holds 1 simulations, the experiment 2", "seiche simulate") {
        try FileManager.default.removeItem(atPath: $0.path(simulated))
    },
    Mistake("a truncated checkpoint", "train", says: trained, "truncated or damaged") { try $0.truncate(trained) },
    Mistake("a simulation as emulator", "forecast --emulator \(tested)", says: tested, "is not an emulator checkpoint", "seiche train"),
    Mistake("a text as emulator", "check --emulator tiny.yaml", says: "'tiny.yaml'", "is not a NetCDF file"),
    Mistake("an unknown emulator", "forecast --emulator nobody", says: "no emulator 'nobody'", "data/tiny/emulators/nobody/best.nc", "seiche train"),
    Mistake("an unknown emulator among others", "compare --emulator implicit --emulator nobody", says: "no emulator 'nobody'"),
    Mistake("an emulator for another time step", "forecast --emulator explicit --set model.time_step=150", says: "'explicit' steps 300.0 s, the experiment 150.0 s"),
    Mistake("simulations of another time step", "train --name new --set model.time_step=150", says: "data/tiny/training/simulation_0000.nc", "the time step is 300.0 s, not 150.0 s"),
    Mistake("simulations of another drag", "train --name new --set model.drag=0.5", says: "data/tiny/training/simulation_0000.nc", "drag", "0.5"),
    Mistake("tested on another drag", "check --set model.drag=0.5", says: tested, "drag", "0.5"),
    Mistake("a run by steps asked for by time", "train --time-of explicit", says: trained, "by steps", "--restart"),
    Mistake("an emulator for another grid", "forecast --emulator explicit --set simulations.directory=coarse --set model.spacing=2.0e4", says: "20000.0", "10000.0") {
        try FileManager.default.createDirectory(atPath: $0.path("coarse"), withIntermediateDirectories: false)
        try FileManager.default.copyItem(atPath: $0.path("data/tiny/test"), toPath: $0.path("coarse/test"))
        try $0.rewrite("coarse/test/simulation_0000.nc", .spaced(2e4))
    },
    Mistake("compare before train", "compare --set training.directory=none", says: "no trained emulator in 'none'", "seiche train"),
    Mistake("check before train", "check --set training.directory=none", says: "no trained emulator in 'none'", "seiche train"),
]

@Suite struct FileMistakeTests {
    @Test(arguments: mistakes)
    func givesOneClearMessage(_ mistake: Mistake) async throws { try await expectOneClearMessage(mistake) }

    @Test func aCheckpointOfAnotherGridNamesTheGrid() async throws {
        let workplace = try Workplace(copyOf: await TinyExperiment.made().workplace)
        let other = ["--set", "model.size=[15,13]", "--set", "simulations.directory=data/other"]
        #expect(try await workplace.start(["simulate", "tiny.yaml"] + other).outcome().status == 0)
        let outcome = try await workplace.start(["train", "tiny.yaml"] + other).outcome()
        #expect(outcome.status == 1)
        for words in [trained, "the training simulations have changed: its model.size is [16, 14], not [15, 13]", "--restart"] {
            #expect(outcome.errors.contains(words), "\(outcome.errors)")
        }
    }

    @Test func figuresWithoutGnuplot() async throws {
        try await expectOneClearMessage(
            Mistake("figures without gnuplot", "plot", says: "figures need gnuplot", "apt-get install"), environment: ["PATH": "/nowhere"])
    }
}
