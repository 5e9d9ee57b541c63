import Basics
import Foundation

/// Draws figures as PNG files through gnuplot (5.2 or later, its `pngcairo` terminal, else `png`).
///
/// Gnuplot works in a temporary folder. Only a whole PNG is renamed to its place, so a failure leaves what was there before.
public struct FigureRenderer: Sendable {
    private let gnuplot: String?

    /// `gnuplot` is the path of the program; without it, the first of that name on PATH.
    public init(gnuplot: String? = nil) { self.gnuplot = gnuplot }

    /// Draws `figure` into the PNG file `path`, making its folder when it is missing.
    ///
    /// Throws `SeicheError`: `.invalidInput` when the figure cannot be drawn as described, `.file` when gnuplot is missing
    /// or fails (with what it said) or the file cannot be written.
    public func render(_ figure: some Figure, to path: String) throws {
        var script = GnuplotScript()
        let (width, height) = figure.size
        guard (1...20_000).contains(width), (1...20_000).contains(height) else {
            throw SeicheError(.invalidInput, "a figure of \(width) x \(height) pixels cannot be drawn", remedy: "ask for 1 to 20000 pixels each way")
        }
        script.line("set encoding utf8")
        let options = "enhanced font 'Sans,\(FigureStyle.textSize)' size \(width),\(height) background rgb 'white'"
        script.line("if (strstrt(GPVAL_TERMINALS, 'pngcairo') > 0) { set terminal pngcairo \(options) } else { set terminal png truecolor \(options) }")
        script.line("set output 'figure.png'")
        try figure.draw(on: &script)
        script.line("unset output")

        let program = try locate()
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("seiche-figure-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let png = try run(program, script, in: folder, drawing: path)
        do {
            let target = URL(fileURLWithPath: path)
            try FileManager.default.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
            try png.write(to: target, options: .atomic)
        } catch {
            throw SeicheError(.file, "the figure \(path) cannot be written", why: error.localizedDescription, remedy: "check the folder's permissions and free space")
        }
    }

    private static let remedy = "install gnuplot (Debian: apt-get install gnuplot-nox), or put it on PATH"

    private func locate() throws -> String {
        let candidates = gnuplot.map { [$0] }
            ?? (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/gnuplot" }
        guard let found = candidates.first(where: FileManager.default.isExecutableFile(atPath:)) else {
            let place = gnuplot.map { "at \($0)" } ?? "on PATH"
            throw SeicheError(.file, "figures need gnuplot, but there is none \(place)", remedy: Self.remedy)
        }
        return found
    }

    /// The whole PNG that gnuplot drew.
    private func run(_ program: String, _ script: GnuplotScript, in folder: URL, drawing path: String) throws -> Data {
        let complaints = folder.appendingPathComponent("stderr.txt")
        let process = Process()
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for file in script.files { try file.contents.write(to: folder.appendingPathComponent(file.name)) }
            try Data(script.text.utf8).write(to: folder.appendingPathComponent("figure.gp"))
            try Data().write(to: complaints)
            process.executableURL = URL(fileURLWithPath: program)
            // -d: without the user's own ~/.gnuplot, so that a figure looks the same everywhere.
            process.arguments = ["-d", "figure.gp"]
            process.currentDirectoryURL = folder
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            // A file rather than a pipe: a full pipe that nobody empties would stall gnuplot.
            process.standardError = try FileHandle(forWritingTo: complaints)
            try process.run()
        } catch {
            throw SeicheError(
                .file, "gnuplot (\(program)) could not be started for the figure \(path)", why: error.localizedDescription, remedy: Self.remedy)
        }
        process.waitUntilExit()
        let png = (try? Data(contentsOf: folder.appendingPathComponent("figure.png"))) ?? Data()
        guard process.terminationStatus == 0, Self.isWholePNG(png) else {
            let said = ((try? String(contentsOf: complaints, encoding: .utf8)) ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
            throw SeicheError(
                .file, "gnuplot (\(program)) did not draw the figure \(path); it ended with status \(process.terminationStatus)",
                why: said.isEmpty ? "it gave no reason" : "it said: \(said)", remedy: "check that it is gnuplot 5.2 or later with a PNG terminal")
        }
        return png
    }

    /// From the signature to the end chunk, which comes last.
    static func isWholePNG(_ data: Data) -> Bool {
        data.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
            && data.suffix(8).elementsEqual([0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82])
    }
}
