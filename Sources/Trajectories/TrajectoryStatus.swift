import Basics

/// Whether a simulation still has to be made.
public enum TrajectoryStatus: Equatable, Sendable {
    /// There is no such file.
    case missing
    /// The file is complete and made with the same settings.
    case complete
    /// There is a file, but of another simulation, or one that cannot be read; the text says why.
    case differs(String)

    /// The status of `path`, where `difference` opens the file and tells what is not as expected.
    ///
    /// Fields need not be read: files appear only when finished, so one that is there is whole.
    init(of path: String, difference: () throws -> String?) {
        guard Files.exists(path) else {
            self = .missing
            return
        }
        do {
            self = try difference().map { .differs($0) } ?? .complete
        } catch let error as SeicheError {
            // One line, for a message of which it becomes a part.
            self = .differs(error.what + (error.why.map { "; \($0)" } ?? ""))
        } catch {
            self = .differs("\(error)")
        }
    }
}
