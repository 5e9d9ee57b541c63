import Basics
import Foundation

/// The file SHA256SUMS of a data set, as `sha256sum -c SHA256SUMS` in its folder reads it.
///
/// The sums are the system's `sha256sum`'s, or `shasum`'s where that is missing.
struct ChecksumFile {
    static let name = "SHA256SUMS"

    private let folder: String
    private var path: String { "\(folder)/\(Self.name)" }
    private let program: (path: String, arguments: [String])

    /// - Parameter folder: of the data set.
    init(folder: String) throws {
        self.folder = folder
        let places = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let candidates = [("sha256sum", []), ("shasum", ["-a", "256"])].flatMap { name, arguments in
            places.map { (path: "\($0)/\(name)", arguments: arguments) }
        }
        guard let found = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
            throw SeicheError(
                .file, "checksums need sha256sum or shasum, but there is neither on PATH", remedy: "install coreutils, or put it on PATH")
        }
        program = found
    }

    /// Whether the file is there and lists exactly these files, paths relative to the folder, in this order.
    func lists(_ files: [String]) -> Bool {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return false }
        return text.split(separator: "\n").map { $0.dropFirst(66) }.elementsEqual(files.map { Substring($0) })
    }

    /// To be called before a file of the data set changes: sums that may be wrong are worse than none.
    func remove() throws { try Files.remove(path) }

    /// Writes the sums of the files, paths relative to the folder, in their order. `progress` hears how many are done.
    func write(_ files: [String], progress: @Sendable (Int) -> Void) throws {
        // So many names fit on every system's command line.
        let starts = Array(stride(from: 0, to: files.count, by: 50))
        let lines = Slots<String>(starts.count)
        try concurrentForEach(starts.count) { k in
            if Interruption.isRequested { return }
            let batch = Array(files[starts[k]..<min(starts[k] + 50, files.count)])
            lines.set(k, try sums(batch))
            progress(batch.count)
        }
        if Interruption.isRequested {
            throw SeicheError(.interrupted, "stopped; all simulations are there, their checksums are not", remedy: "run the same command again")
        }
        try Files.writeAtomically(lines.values.joined(), to: path)
    }

    private func sums(_ files: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: program.path)
        process.arguments = program.arguments + files
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        do { try process.run() } catch {
            throw SeicheError(.file, "'\(program.path)' could not be started for the checksums", why: error.localizedDescription)
        }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        // Ctrl-C reaches the program too; the caller tells of the stop.
        if Interruption.isRequested { return "" }
        guard process.terminationStatus == 0, text.split(separator: "\n").count == files.count else {
            throw SeicheError(
                .file, "'\(program.path)' did not give the checksums of '\(folder)'; it ended with status \(process.terminationStatus)",
                remedy: "look at what it said, and run the same command again")
        }
        return text
    }
}
