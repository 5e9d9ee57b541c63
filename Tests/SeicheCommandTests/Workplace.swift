import Foundation
import TestSupport

/// The built command: SEICHE_BINARY, or what `swift build -c release --product seiche` made.
private let binary = ProcessInfo.processInfo.environment["SEICHE_BINARY"] ?? packageRoot + "/.build/release/seiche"

/// The Fortran program: RUN_SHALLOW_WATER, or what `make run-shallow-water` made.
let fortranProgram = ProcessInfo.processInfo.environment["RUN_SHALLOW_WATER"] ?? packageRoot + "/fortran/build/run_shallow_water"

let packageRoot = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

/// A working directory with `tiny.yaml` in it, removed with the last reference. The experiment's relative paths stay within it.
final class Workplace: Sendable {
    private let scratch: Scratch
    var folder: String { scratch.path("work") }

    init() throws {
        scratch = try Scratch()
        try FileManager.default.createDirectory(atPath: scratch.path("work"), withIntermediateDirectories: false)
        try FileManager.default.copyItem(atPath: packageRoot + "/experiments/tiny.yaml", toPath: path("tiny.yaml"))
    }

    /// With everything that `other` has.
    init(copyOf other: Workplace) throws {
        scratch = try Scratch()
        try FileManager.default.copyItem(atPath: other.folder, toPath: folder)
    }

    func path(_ name: String) -> String { folder + "/" + name }

    func write(_ text: String, to name: String) throws { try text.write(toFile: path(name), atomically: false, encoding: .utf8) }

    /// Every file below the folder by its relative path, hidden ones too.
    var files: [String: Data] {
        var result: [String: Data] = [:]
        for name in names {
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: path(name), isDirectory: &isFolder), !isFolder.boolValue {
                result[name] = FileManager.default.contents(atPath: path(name)) ?? Data()
            }
        }
        return result
    }

    /// Files in the making, which carry hidden names.
    var unfinished: [String] { names.filter { "/\($0)".contains("/.") } }

    private var names: [String] { FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? [] }

    func modificationTime(_ name: String) -> Date? {
        (try? FileManager.default.attributesOfItem(atPath: path(name)))?[.modificationDate] as? Date
    }

    /// Runs `seiche` to its end.
    func run(_ arguments: String...) async throws -> Outcome { try await start(arguments).outcome() }

    /// Starts `seiche`, or another program, here, with nothing in its environment but PATH, HOME and what is given.
    func start(_ arguments: [String], of program: String = binary, environment: [String: String] = [:]) throws -> RunningCommand {
        try RunningCommand(
            program, arguments, in: self,
            environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder]
                .merging(environment) { $1 },
            streams: scratch.path("streams-\(UUID().uuidString)"))
    }
}

/// What a command left behind.
struct Outcome: Sendable {
    /// The exit code; for a process that a signal ended, minus the signal's number.
    let status: Int32
    let output: String
    let errors: String
}

/// A command while it runs.
final class RunningCommand: Sendable {
    private let process: Process
    private let streams: String
    private let end: AsyncStream<Never>
    /// Its folder must not go before the command has ended.
    private let workplace: Workplace

    /// Standard output and error go to files, which never fill up as pipes do.
    fileprivate init(_ path: String, _ arguments: [String], in workplace: Workplace, environment: [String: String], streams: String) throws {
        process = Process()
        self.workplace = workplace
        self.streams = streams
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: workplace.folder)
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try Self.file(streams + ".out")
        process.standardError = try Self.file(streams + ".err")
        let (end, continuation) = AsyncStream.makeStream(of: Never.self)
        self.end = end
        process.terminationHandler = { _ in continuation.finish() }
        // A child inherits the signals that its parent's thread blocks, and threads of a pool block them all; a shell's block none.
        var (none, before) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try process.run()
    }

    private static func file(_ path: String) throws -> FileHandle {
        try Data().write(to: URL(fileURLWithPath: path))
        return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }

    /// Waits for the end.
    func outcome() async throws -> Outcome {
        for await _ in end {}
        let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        return Outcome(
            status: status, output: try String(contentsOfFile: streams + ".out", encoding: .utf8),
            errors: try String(contentsOfFile: streams + ".err", encoding: .utf8))
    }

    /// Sends a signal as soon as `condition` holds; returns whether the command was still at work then.
    ///
    /// The watch has a thread of its own: tests that run beside this one may keep Swift's tasks waiting for seconds.
    func send(_ signal: Int32, when condition: @escaping @Sendable () -> Bool) async -> Bool {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [process] in
                while process.isRunning, !condition() { usleep(500) }
                let isRunning = process.isRunning
                if isRunning { kill(process.processIdentifier, signal) }
                continuation.resume(returning: isRunning)
                // What does not obey must not hold up the tests.
                for _ in 0..<300 where process.isRunning { usleep(100_000) }
                if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            }
        }
    }

    /// Whether the command has written to standard error, as it does once it is at work.
    var hasSpoken: Bool { ((try? FileManager.default.attributesOfItem(atPath: streams + ".err")[.size] as? Int) ?? 0) > 0 }
}
