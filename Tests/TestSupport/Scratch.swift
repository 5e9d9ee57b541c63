import Foundation

/// A folder of its own for each test, removed when the test ends.
public final class Scratch: Sendable {
    public let folder: String

    public init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("seiche-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    public func path(_ name: String) -> String { folder + "/" + name }

    /// Everything in the folder, hidden files too.
    public var contents: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()) ?? [] }

    public func bytes(_ name: String) -> Data { FileManager.default.contents(atPath: path(name)) ?? Data() }

    public func write(_ data: Data, to name: String) throws { try data.write(to: URL(fileURLWithPath: path(name))) }
}

/// Whether a variable of the environment is set.
func environmentHolds(_ name: String) -> Bool { ProcessInfo.processInfo.environment[name] != nil }
