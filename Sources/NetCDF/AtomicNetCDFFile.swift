import Basics
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A file in the making: written under a temporary name beside its target, which it becomes with `finish()` or not at all.
///
/// If it is dropped, abandoned, or `finish()` fails, the temporary is removed and an existing target stays as it was. Only a
/// process that is killed leaves a temporary behind: a hidden name ending in ".partial", safe to delete.
/// One thread makes the file; its `file` may be used as any other.
public final class AtomicNetCDFFile {
    /// Where the finished file will be.
    public let target: String
    /// The file to write to.
    public let file: NetCDFFile
    private var progress = Progress.pending
    private enum Progress { case pending, finished, abandoned }

    public init(target: String) throws {
        guard !Files.isFolder(target) else {
            throw SeicheError(.file, "cannot write '\(target)': it is a folder", remedy: "name a file in it")
        }
        self.target = target
        file = try NetCDFFile(creating: Self.temporaryName(for: target))
    }

    deinit { abandon() }

    /// Closes the file, brings it to the disk and gives it its name. Does nothing once finished; after `abandon()` it is an error.
    public func finish() throws {
        switch progress {
        case .finished: return
        case .abandoned:
            throw SeicheError(.file, "cannot finish '\(target)': it was abandoned", remedy: "write it again from the start")
        case .pending: break
        }
        do {
            try file.close()
            try Files.syncAndRename(file.path, to: target)
            progress = .finished
        } catch {
            abandon()
            throw error
        }
    }

    /// Gives up: the temporary is removed. Does nothing once finished.
    public func abandon() {
        guard progress == .pending else { return }
        progress = .abandoned
        try? file.close()
        try? Files.remove(file.path)
    }

    // The process and a counter keep two writers of one target apart, in this process and in another.
    private static func temporaryName(for target: String) -> String {
        let serial = LibraryLock.shared.withLock {
            counter += 1
            return counter
        }
        return "\(Files.folder(of: target))/.\(Files.name(of: target)).\(getpid())-\(serial).partial"
    }
    nonisolated(unsafe) private static var counter = 0
}

extension NetCDFFile {
    /// Writes a file all or nothing: `body` fills it, and only when it returns without error does `path` appear (or change).
    public static func writeAtomically<Result>(to path: String, _ body: (NetCDFFile) throws -> Result) throws -> Result {
        let pending = try AtomicNetCDFFile(target: path)
        do {
            let result = try body(pending.file)
            try pending.finish()
            return result
        } catch {
            pending.abandon()
            throw error
        }
    }
}
