import ArgumentParser
import Basics
import Configuration
import Dynamics
import Emulators
import Foundation
import Trajectories

struct CostCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cost",
        abstract: "Measure time and memory of steps, tangent-linears and adjoints of the Fortran model and of emulators.",
        discussion: """
            At a state of the experiment's first test simulation, for one sample and for an ensemble of 16 whose members run side by side, \
            on one core and on all (or SEICHE_THREADS). Each setting is measured in a process of its own. Times are medians of repeats, until \
            half of them lie within a fiftieth; other work on the machine shows in their spread. Writes cost.nc into training.directory.
            """)

    @OptionGroup var options: ExperimentOptions

    @OptionGroup var emulators: EmulatorOptions

    @Option(help: "How long each measurement is repeated at most, in s.")
    var seconds: Double = 2

    /// What one process measures: "fortran", or an emulator; set by the command itself.
    @Option(help: .hidden)
    var probe: String?

    @Option(help: .hidden)
    var precision: EmulatorPrecision = .double

    static let batches = [1, 16]

    func validate() throws {
        if !(seconds > 0) { throw ValidationError("--seconds must be above 0.") }
    }

    func run() throws {
        let experiment = try options.loadShallowWater()
        if let probe { return try measure(probe, experiment) }
        Interruption.watch()
        let sources: [EmulatorSource] = try emulators.load(experiment)
        let path = "\(experiment.training.directory)/cost.nc"
        try Files.createFolder(Files.folder(of: path))
        let table = try table(experiment, sources)
        try table.write(to: path)
        print(table.report)
        print("written to \(path)")
    }

    // MARK: All settings

    private func table(_ experiment: Experiment, _ sources: [EmulatorSource]) throws -> CostTable {
        let grid = try Scenario(experiment).start(.test, 0).grid
        let available = ThreadCount.free
        var table = CostTable(
            labels: ["Fortran model"] + sources.map(\.label), threads: available > 1 ? [1, available] : [1], batches: Self.batches,
            cells: "\(grid.nx) x \(grid.ny) cells, steps of \(Text.figure(experiment.model.timeStep)) s")
        let subjects: [(model: Int, name: String, precision: EmulatorPrecision)] = [(model: 0, name: Self.fortran, precision: EmulatorPrecision.double)]
            + sources.enumerated().flatMap { k, source in CostTable.precisions.map { (k + 1, source.path, $0) } }
        let line = ProgressLine("measuring, settings", total: subjects.count * table.threads.count)
        for (done, subject) in subjects.enumerated() {
            for (position, threads) in table.threads.enumerated() {
                try Interruption.check()
                let (lines, failure) = try child(subject.name, subject.precision, threads: threads)
                for (operation, batch, figure) in lines {
                    let key = CostTable.Key(
                        model: subject.model, precision: subject.precision, threads: threads, operation: operation, batch: batch)
                    table.figures[key] = figure
                }
                if let failure {
                    table.failures.append("\(table.labels[subject.model]), \(subject.precision.rawValue), threads \(threads), failed: \(failure)")
                }
                line.update(done * table.threads.count + position + 1)
            }
        }
        return table
    }

    private typealias Line = (operation: CostTable.Operation, batch: Int, figure: CostTable.Figure)

    /// Measures one setting in a process of its own, whose memory nothing else has touched and whose threads are its own: what it measured,
    /// and what stopped it before its end.
    private func child(_ subject: String, _ precision: EmulatorPrecision, threads: Int) throws -> (lines: [Line], failure: String?) {
        let process = Process()
        let (output, errors) = (Pipe(), Pipe())
        process.executableURL = Bundle.main.executableURL
        process.arguments = ["cost", options.experiment] + (options.changes.size.map { ["--size", $0] } ?? [])
            + options.changes.set.flatMap { ["--set", $0] }
            + ["--probe", subject, "--precision", precision.rawValue, "--seconds", "\(seconds)"]
        process.environment = ProcessInfo.processInfo.environment.merging([ThreadCount.variable: "\(threads)"]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        do { try process.run() } catch {
            throw SeicheError(.file, "the command could not start itself for a measurement", why: error.localizedDescription)
        }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let message = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        try Interruption.check()
        let lines = text.split(separator: "\n").compactMap { line -> Line? in
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 5, let operation = CostTable.Operation(rawValue: words[0]), let batch = Int(words[1]),
                let time = Double(words[2]), let spread = Double(words[3]), let bytes = Double(words[4])
            else { return nil }
            return (operation, batch, .init(seconds: time, spread: spread, bytes: bytes))
        }
        guard process.terminationStatus != 0 else { return (lines, nil) }
        let first = message.split(separator: "\n").first.map(String.init) ?? "it ended with status \(process.terminationStatus)"
        return (lines, first.hasPrefix("seiche: ") ? String(first.dropFirst(8)) : first)
    }

    // MARK: One setting

    private static let fortran = "fortran"

    private func measure(_ subject: String, _ experiment: Experiment) throws {
        let scenario = try Scenario(experiment)
        let (model, first) = try scenario.spunUp(.test, 0)
        var states = [first]
        while states.count < Self.batches.max() ?? 1 { states.append(try model.step(states[states.count - 1])) }
        guard subject != Self.fortran else { return try report(model, states) }
        let source = try EmulatorSource(subject, experiment: experiment)
        try report(source.checkpoint.emulator(on: model.grid, timeStep: model.timeStep, precision: precision), states)
    }

    private func report(_ model: some TangentLinearModel<ShallowWaterState> & AdjointModel<ShallowWaterState>, _ states: [ShallowWaterState]) throws {
        for batch in Self.batches {
            let probe = CostProbe(model: model, states: Array(states[..<batch]), directions: Array(states[..<batch].reversed()))
            for operation in CostTable.Operation.allCases {
                let figure = try probe.measure(operation, seconds: seconds)
                print("\(operation.rawValue) \(batch) \(figure.seconds) \(figure.spread) \(figure.bytes)")
            }
        }
    }
}
