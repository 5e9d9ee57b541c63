import ArgumentParser
import Basics
import Configuration

/// What every command that reads an experiment takes.
struct ExperimentOptions: ParsableArguments {
    @Argument(help: "The experiment, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
    var experiment: String

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp("Override a key of the experiment; may be repeated. null takes a key away.", valueName: "key=value"))
    var set: [String] = []

    func load() throws -> Experiment { try Experiment.load(path: experiment, overrides: set) }
}
