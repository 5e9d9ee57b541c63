import ArgumentParser
import Basics
import Configuration

struct SubgridCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subgrid",
        abstract: "Learn a term that stands for the fast variables of two-level Lorenz '96.",
        discussion: """
            A one-level model gets a term in every cell, a polynomial or a small net of the slow variable there, fitted offline to the tendencies \
            that it lacks, or online to what becomes of its states over a window of steps. Prints forecast errors and climatologies beside the \
            two-level model's, and writes DIRECTORY/subgrid.nc, with DIRECTORY from subgrid.directory, and each model as a checkpoint beside it, which \
            `seiche assimilate` takes.
            """)

    @Argument(help: "The experiment, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
    var experiment: String

    @OptionGroup var changes: ExperimentChanges

    func run() throws {
        Interruption.watch()
        let experiment = try changes.load(experiment)
        guard let wanted = experiment.subgrid, let ring = experiment.model.lorenz96, ring.fastPerSector > 0 else {
            throw SeicheError(
                .invalidInput, "'\(self.experiment)' has no section subgrid, or its model has no fast variables",
                remedy: "start from experiments/subgrid_lorenz96.yaml")
        }
        try Files.createFolder(wanted.directory)
        let study = try SubgridStudy(experiment, wanted)
        let (results, judge) = try study.run()
        print(study.report(results, judge))
        let path = "\(wanted.directory)/subgrid.nc"
        try study.write(results, judge, to: path)
        for path in [path] + (try study.writeModels(results, to: wanted.directory)) { print("written to \(path)") }
    }
}
