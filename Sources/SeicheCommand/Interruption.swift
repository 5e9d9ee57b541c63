import Basics
import Foundation
import Synchronization

/// Whether the user asked to stop (SIGINT, SIGTERM): long work looks here between two steps, saves, and ends.
enum Interruption {
    private static let requested = Atomic<Bool>(false)

    static var isRequested: Bool { requested.load(ordering: .relaxed) }

    /// Throws where a stop was asked for, in work whose results are written at its end.
    static func check() throws {
        if isRequested { throw SeicheError(.interrupted, "stopped; nothing was written") }
    }

    /// From here on the two signals only set the flag; a second one ends the process at once.
    static func watch() {
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                Interruption.requested.store(true, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
        }
    }
}
