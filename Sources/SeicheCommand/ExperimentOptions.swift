import ArgumentParser
import Basics
import Configuration

/// What every command that reads an experiment takes.
struct ExperimentOptions: ParsableArguments {
    @Argument(help: "The experiment, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
    var experiment: String

    @OptionGroup var changes: ExperimentChanges

    /// An experiment that there is something to learn from.
    func load() throws -> Experiment {
        let loaded = try changes.load(experiment)
        if let ring = loaded.model.lorenz96 {
            guard ring.fastPerSector == 0 else {
                throw SeicheError(
                    .invalidInput, "'\(experiment)' is an experiment of the Lorenz '96 model of two levels, but only one level is learned from",
                    remedy: "leave out model.fast_per_sector, or read the trajectories with tools of your own (docs/data.md)")
            }
        } else {
            try loaded.model.checkLearnable()
        }
        return loaded
    }

    /// One of the shallow-water model, for commands that know no other.
    func loadShallowWater() throws -> Experiment {
        let loaded = try load()
        guard loaded.model.lorenz96 == nil else {
            throw SeicheError(
                .invalidInput, "'\(experiment)' is an experiment of the Lorenz '96 model, of which this command knows nothing",
                remedy: "use train, compare and check")
        }
        return loaded
    }
}

/// What changes an experiment on the command line.
struct ExperimentChanges: ParsableArguments {
    @Option(help: ArgumentHelp("A size from the experiment's section sizes; small is the experiment as it stands.", valueName: "name"))
    var size: String?

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp("Override a key of the experiment; may be repeated. null takes a key away.", valueName: "key=value"))
    var set: [String] = []

    func load(_ path: String) throws -> Experiment { try Experiment.load(path: path, size: size, overrides: set) }
}
