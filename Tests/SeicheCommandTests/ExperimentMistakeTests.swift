import Foundation
import Testing

private let north = "name: north\nmodel: {bathymetry: sea.nc}\nsimulations: {directory: data/north}\ntraining: {steps: 1}\n"

private let ring = "name: ring\nmodel: {kind: lorenz96}\nsimulations: {directory: data/ring}\n"

private let emulator = "data/tiny/emulators/implicit/best.nc"

/// What can be wrong with an experiment and with the options beside it.
private let mistakes = [
    Mistake("a missing experiment", "simulate nowhere.yaml", says: "nowhere.yaml", "there is no such file"),
    Mistake("an experiment that is a folder", "simulate folder.yaml", says: "folder.yaml") {
        try FileManager.default.createDirectory(atPath: $0.path("folder.yaml"), withIntermediateDirectories: false)
    },
    Mistake("an empty experiment", "simulate empty.yaml", says: "empty.yaml is empty") { try $0.write("", to: "empty.yaml") },
    Mistake("a YAML syntax error", "train broken.yaml", says: "broken.yaml, line 3", "not valid YAML") {
        try $0.write("name: x\nmodel: {size: [16, 14\n", to: "broken.yaml")
    },
    Mistake("an unknown key in the file", "compare slip.yaml", says: "slip.yaml, line 4: training.bach_size is not a known key", "did you mean training.batch_size?") {
        try $0.write("name: x\ntraining:\n  steps: 3\n  bach_size: 3\n", to: "slip.yaml")
    },
    Mistake("an unknown key on the command line", "train --set training.stepz=3", says: "training.stepz", "did you mean training.steps?"),
    Mistake("an ill-typed value", "train --set training.steps=many", says: "training.steps is 'many', expected a whole number"),
    Mistake("an unstable implicitness", "simulate --set model.implicitness=0.4", says: "model.implicitness is '0.4'", "from 0.5 to 1.0", "why: below 0.5 the scheme is unstable"),
    Mistake("a value out of range", "check --set check.directions=0", says: "check.directions is '0', expected a whole number from 1 to 10000"),
    Mistake("--set without =", "train --set training.steps", says: "--set training.steps", "section.key=value"),
    Mistake("two ends of training", "train --set training.seconds=5", says: "training.seconds", "only one can end the training"),
    Mistake("a forecast longer than the simulations", "compare --set comparison.lead_steps=50", says: "50 steps", "only 12 steps", "lower comparison.lead_steps"),
    Mistake("a basin without room", "simulate --set model.size=[5,5] --set simulations.directory=small", says: "model.size[0] is '5'", "from 12 to 20000"),
    Mistake("a basin beyond memory", "simulate --set model.size=[5000000000,5000000000] --set simulations.directory=new", says: "model.size[0]", "20000"),
    Mistake("an endless training", "train --name new --set training.steps=null --set training.seconds=1e30", says: "training.seconds"),
    Mistake("an endless simulation", "simulate --set simulations.test.steps=9223372036854775807", says: "simulations.test.steps"),
    Mistake(
        "a field smoother than the domain", "simulate --set initial.kind=smooth_random --set initial.correlation_length=5e10 --set simulations.directory=new",
        says: "correlation lengths", "16 x 14 cells"),
    Mistake("a seed that no file can hold", "simulate --set simulations.seed=9223372036854775808 --set simulations.directory=new", says: "9223372036854775808", "below 2^63"),
    Mistake("a wind file for a basin", "simulate --set model.wind.file=wind.nc --set simulations.directory=new", says: "model.wind.file is 'wind.nc'", "grid of its own"),
    Mistake("rotation too fast", "simulate --set model.coriolis=0.01 --set simulations.directory=new", says: "Coriolis parameter is 0.01 1/s", "at most 0.9"),
    Mistake("a missing wind file", "simulate forced.yaml --set model.wind.file=lost.nc", says: "there is no file 'lost.nc'") {
        try ForcedSea.write(into: $0)
    },
    Mistake("a tide where there is land", "simulate land.yaml", says: "model.open_boundary.edges names the east edge, where no cell is wet") {
        try ForcedSea.write(into: $0)
        let tide = "open_boundary: {edges: [west, east], constituents: [{name: M2, amplitude: 1}]}"
        try $0.write(ForcedSea.experiment.replacingOccurrences(of: "open_boundary: {file: boundary.nc}", with: tide), to: "land.yaml")
    },
    Mistake("missing bathymetry", "simulate north.yaml", says: "there is no file 'sea.nc'") { try $0.write(north, to: "north.yaml") },
    Mistake("bathymetry that is not NetCDF", "simulate north.yaml", says: "'sea.nc'", "it is not a NetCDF file") {
        try $0.write(north, to: "north.yaml")
        try $0.write("12.5 14.0 9.1\n", to: "sea.nc")
    },
    Mistake("bathymetry without longitudes", "simulate north.yaml", says: "'sea.nc' has no variable", "channel_error") {
        try $0.write(north, to: "north.yaml")
        try FileManager.default.copyItem(atPath: $0.path("data/tiny/emulators/comparison.nc"), toPath: $0.path("sea.nc"))
    },
    Mistake("simulations in a file", "simulate --set simulations.directory=tiny.yaml/data", says: "cannot create the folder 'tiny.yaml'"),
    Mistake("simulations where nothing can be written", "simulate --set simulations.directory=/proc/seiche", says: "cannot create the folder '/proc/seiche'"),
    Mistake(
        "a data set beyond the disk", "simulate --set simulations.test.steps=100000000 --set simulations.test.count=10000 --set simulations.directory=new",
        says: "10003 files in 'new' need at most", "B are free", "free some space"),
    Mistake("two data sets in one folder", "simulate tiny.yaml ./tiny.yaml", says: "'tiny.yaml' and './tiny.yaml' would write to one folder, 'data/tiny'"),
    Mistake("a size that is not there", "simulate --size ful", says: "tiny.yaml has no size 'ful'", "its sizes are small"),
    Mistake("a network beyond memory", "train --emulator unet --set emulators.unet.widths=[1024,1024,1024,1024]", says: "width_3 1024", "at most 64000000", "lower its sizes"),
    Mistake("an emulator that there is not", "train --emulator magic", says: "no emulator 'magic'", "implicit, explicit, flux_form"),
    Mistake("an emulator of another model", "train --emulator relu_rk4", says: "no emulator 'relu_rk4'", "implicit, explicit, flux_form"),
    Mistake("training in a file", "train --set training.directory=tiny.yaml/data", says: "cannot create the folder 'tiny.yaml'"),
    Mistake("a comparison in a file", "compare --set training.directory=tiny.yaml/data --emulator \(emulator)", says: "cannot create the folder 'tiny.yaml'"),
    Mistake("a forecast in a file", "forecast --output tiny.yaml/forecast.nc", says: "cannot create the folder 'tiny.yaml'"),
    Mistake("a forecast over a folder", "forecast --output data", says: "'data'", "folder"),
]

@Suite struct ExperimentMistakeTests {
    @Test(arguments: mistakes)
    func givesOneClearMessage(_ mistake: Mistake) async throws { try await expectOneClearMessage(mistake) }

    @Test(arguments: ["cost", "forecast"])
    func whatKnowsShallowWaterOnlyRefusesLorenz96(command: String) async throws {
        try await expectOneClearMessage(
            Mistake("", "\(command) ring.yaml", says: "'ring.yaml' is an experiment of the Lorenz '96 model", "use train, compare and check") {
                try $0.write(ring, to: "ring.yaml")
            })
    }

    @Test func aNumberOfThreadsThatIsNone() async throws {
        try await expectOneClearMessage(
            Mistake("", "simulate --set simulations.directory=new", says: "SEICHE_THREADS is 'all'", "from 1 to 1024"),
            environment: ["SEICHE_THREADS": "all"])
    }

    @Test func noProgramForChecksums() async throws {
        try await expectOneClearMessage(
            Mistake("", "simulate --set simulations.directory=new", says: "checksums need sha256sum or shasum", "coreutils"),
            environment: ["PATH": "/nowhere"])
    }

    /// Options that ArgumentParser refuses: exit code 64 and how the command is used.
    @Test(arguments: [
        (["dance"], "Unexpected argument 'dance'"), (["train"], "Missing expected argument '<experiment>'"),
        (["train", "tiny.yaml", "--name", "../elsewhere"], "--name may hold letters"),
        (["forecast", "tiny.yaml", "--steps", "0"], "--steps must be at least 1"),
        (["forecast", "tiny.yaml", "--start", "-1"], "'--start"), (["plot", "tiny.yaml", "--lead", "0"], "--lead must be at least 1"),
        (["simulate", "tiny.yaml", "--seed", "3"], "Unknown option '--seed'"),
    ])
    func misusedOptionsShowTheUsage(arguments: [String], words: String) async throws {
        let workplace = try Workplace()
        let outcome = try await workplace.start(arguments).outcome()
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
        #expect(outcome.errors.contains("Usage: seiche"))
        #expect(Array(workplace.files.keys) == ["tiny.yaml"])
    }
}
