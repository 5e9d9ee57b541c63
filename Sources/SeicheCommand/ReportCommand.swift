import ArgumentParser
import Basics

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write what was measured of emulators as one HTML page.",
        discussion: """
            Reads comparison.nc, jacobian.nc, transfer.nc, stability.nc, cost.nc and the figures of every FOLDER, each the training.directory of an \
            experiment, and says what is missing. The page holds its figures and needs nothing else.
            """)

    @Argument(help: "Folders of emulators.", completion: .directory)
    var folders: [String]

    @Option(help: ArgumentHelp("Figures of published nets to stand beside, such as experiments/published_nets.yaml.", valueName: "file"))
    var published: String?

    @Option(help: ArgumentHelp("The page; report.html in the first folder by default.", valueName: "file"))
    var output: String?

    func run() throws {
        guard let first = folders.first(where: Files.isFolder) else {
            throw SeicheError(
                .file, "there is no folder '\(folders.joined(separator: "', '"))' to report on", remedy: "train emulators first with `seiche train`")
        }
        let path = output ?? "\(first)/report.html"
        let report = try Report(folders.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }, publishedPath: published)
        try Files.createFolder(Files.folder(of: path))
        try Files.writeAtomically(report.page.html, to: path)
        print(path)
    }
}
