import Dispatch
import Synchronization

/// Runs `body(0) ... body(count - 1)` on the machine's cores and returns when all are done.
///
/// The error of the lowest index that failed is thrown after all have ended. Results must not depend on the order:
/// each call writes only what belongs to its index (see `Slots`).
public func concurrentForEach(_ count: Int, _ body: @Sendable (Int) throws -> Void) throws {
    guard count > 1 else {
        if count == 1 { try body(0) }
        return
    }
    let firstFailure = Mutex<(index: Int, error: any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: count) { index in
        do {
            try body(index)
        } catch {
            firstFailure.withLock { recorded in
                if recorded.map({ index < $0.index }) ?? true { recorded = (index, error) }
            }
        }
    }
    if let failure = firstFailure.withLock({ $0 }) { throw failure.error }
}
