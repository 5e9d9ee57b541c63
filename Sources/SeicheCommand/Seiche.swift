import ArgumentParser
import Basics
import Foundation
import Tensors

@main
struct Seiche: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seiche",
        abstract: "Learn emulators of an implicit shallow-water solver, and compare them with it.",
        discussion: """
            An experiment is a YAML file (see experiments/). The usual order is simulate, train, compare, check, plot, report; transfer and cost \
            say more.
            Any key can be overridden, for example with --set training.steps=500.
            """,
        version: Provenance.version,
        subcommands: [
            SimulateCommand.self, TrainCommand.self, ForecastCommand.self, CompareCommand.self, CheckCommand.self, TransferCommand.self,
            AssimilateCommand.self, TuneCommand.self, SubgridCommand.self, CostCommand.self, PlotCommand.self, ReportCommand.self, ExportCommand.self,
        ])

    /// Errors of the package go to standard error as they are, without the usage text, and end with exit code 1
    /// (130 after an interruption, as a shell would say); misused options are ArgumentParser's, with exit code 64.
    static func main() {
        keepFreedMemory()
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error as SeicheError {
            ProgressLine.clear()
            FileHandle.standardError.write(Data("seiche: \(error)\n".utf8))
            Foundation.exit(error.category == .interrupted ? 130 : 1)
        } catch {
            exit(withError: error)
        }
    }
}
