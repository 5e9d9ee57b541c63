import Basics
import Configuration
import Evaluation
import Foundation

/// What was measured of emulators, gathered from the folders that trainings and measurements wrote, as one page.
///
/// Everything shown is read from NetCDF files and figures; what is not there yet is said where it would stand.
struct Report {
    let folders: [String]
    let published: PublishedNets
    let publishedPath: String?
    let basins: [BasinResults]
    var page: HTMLPage

    init(_ folders: [String], publishedPath: String?) throws {
        self.folders = folders
        self.publishedPath = publishedPath
        let published = try publishedPath.map { try PublishedNets.load(path: $0) } ?? PublishedNets()
        self.published = published
        basins = try folders.compactMap { try BasinResults($0, published) }.sorted { $0.timeStep < $1.timeStep }
        page = HTMLPage(title: "Emulators of an implicit solver: what was measured")
        try introduce()
        targets()
        errors()
        training()
        try jacobians()
        try transfer()
        try stability()
        try cost()
        try lorenz96()
        try figures()
    }

    private mutating func introduce() throws {
        page.section("What this is")
        page.paragraph(
            """
            A Fortran model of the shallow-water equations takes semi-implicit steps; emulators learned them, and are compared here with the model on \
            simulations that none has seen. Errors are root mean squares of elevation and velocities, each divided by its RMS over the training set. \
            What was not reached stands beside what was; what was not measured is said in its place.
            """)
        page.list([
            ("version", Provenance.version), ("made by", Provenance.command), ("on", Date().formatted(.iso8601)), ("processor", Self.processor),
            ("results in", folders.joined(separator: ", ")),
        ])
        if let publishedPath { page.paragraph("Published nets: \(published.provenance) (\(publishedPath)).") }
        for folder in folders where !Files.isFolder(folder) { page.missing("There is no folder '\(folder)' yet.") }
    }

    /// As the kernel names it, with the number of cores.
    private static var processor: String {
        let lines = ((try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "").split(separator: "\n")
        let name = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
        return "\(name ?? "of an unknown name"), \(ProcessInfo.processInfo.activeProcessorCount) cores"
    }

    private mutating func targets() {
        page.section("Targets")
        let all = Target.ofBasin(basins) + measuredTargets()
        guard !all.isEmpty else { return page.missing("Nothing has been compared yet: `seiche compare` writes comparison.nc.") }
        page.table(["of", "target", "measured"], all.map(\.row), isText: true, source: "the files named in the sections below")
    }

    private mutating func errors() {
        page.section("Errors by time step")
        guard !basins.isEmpty else { return page.missing("No comparison of the shallow-water model yet: `seiche compare` writes comparison.nc.") }
        page.paragraph(
            """
            One step is the mean over all states of the test simulations, the forecast ends 25 hours after the start of a simulation; ± is the \
            standard deviation over training seeds. Beside an emulator stands the published net of its kind, and by how much it is better.
            """)
        for basin in basins {
            page.heading("\(Text.figure(basin.timeStep)) s")
            let rows = basin.families.map { family -> [HTMLPage.Cell] in
                let net = family.members.contains { $0.isTrained } ? basin.published(beside: family.name) : nil
                func beside(_ published: Double?, _ figure: (BasinResults.Emulator) -> Double) -> [HTMLPage.Cell] {
                    guard let published else { return [.init(family.text(figure)), "", ""] }
                    let factor = published / family.mean(figure)
                    return [.init(family.text(figure)), .init(Text.figure(published)), .init(factor > 0 ? Text.measured(factor) : "–")]
                }
                return [.init(family.name), .init("\(family.members.count)"), .init(Text.count(family.mean(\.parameters)))]
                    + beside(net?.oneStep, \.oneStep) + beside(net?.end, \.end)
                    + [.init(Text.measured(family.largest(\.massDrift)))]
            }
            page.table(
                ["emulator", "seeds", "weights", "one step", "published", "factor", "end, \(Text.figure(basin.hours)) h", "published", "factor", "mass drift"],
                rows, source: "\(basin.path): one_step_error, error, relative_mass_drift")
            if basin.published(beside: "implicit") == nil { page.paragraph("No net was published for this time step.") }
        }
    }

    private mutating func training() {
        page.section("What training took")
        guard !basins.isEmpty else { return page.missing("No trained emulators yet: `seiche train` makes them.") }
        page.paragraph("Wall-clock time on this machine, whatever else it did. The published nets took 10 (explicit) and 24 to 72 hours (implicit) on a V100.")
        let rows = basins.flatMap { basin in
            basin.families.flatMap(\.members).filter(\.isTrained).map { emulator -> [HTMLPage.Cell] in
                [
                    .init(emulator.label), .init(Text.figure(basin.timeStep) + " s"), .init(Text.count(emulator.parameters)),
                    .init(Text.count(emulator.samples)), .init(emulator.seconds.isFinite ? ProgressLine.time(emulator.seconds) : "–"),
                    .init(Text.measured(emulator.oneStep)),
                ]
            }
        }
        page.table(
            ["run", "time step", "weights", "samples seen", "time", "one step"], rows,
            source: "comparison.nc of each folder: parameters, samples, training_seconds")
    }
}

extension Text {
    /// As `figure`, with a dash for what was not measured.
    static func measured(_ value: Double) -> String { value.isNaN ? "–" : figure(value) }

    /// A whole number, with a dash for what was not counted.
    static func count(_ value: Double) -> String { value.isFinite ? String(format: "%.0f", value) : "–" }
}
