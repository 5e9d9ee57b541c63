import Basics
import Foundation
import Training

/// A training's log as events for TensorBoard: the same numbers as in log.jsonl, beside it.
final class EventLog {
    private let file: FileHandle

    /// Opens the file for appending; events after step `step`, left by a run that was killed after its last checkpoint, are dropped.
    init(path: String, from step: Int) throws {
        let old = step == 0 ? nil : FileManager.default.contents(atPath: path)
        var kept = EventRecords.kept(of: Array(old ?? Data()), upTo: step)
        if kept.isEmpty { kept = EventRecords.header(wallTime: Date().timeIntervalSince1970) }
        do {
            try Data(kept).write(to: URL(fileURLWithPath: path), options: .atomic)
            file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            try file.seekToEnd()
        } catch {
            throw SeicheError(.file, "cannot write the events '\(path)'", why: error.localizedDescription, remedy: "check the folder and the disk")
        }
    }

    func append(_ values: [(tag: String, value: Double)], step: Int) throws {
        try file.write(contentsOf: Data(EventRecords.scalars(values, step: step, wallTime: Date().timeIntervalSince1970)))
    }
}
