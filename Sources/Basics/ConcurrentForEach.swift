import Dispatch

/// Runs `body(0) ... body(count - 1)` on the machine's cores and returns when all are done.
///
/// The first error by index is thrown after all have ended. Results must not depend on the order:
/// each call writes only what belongs to its index.
public func concurrentForEach(_ count: Int, _ body: @Sendable (Int) throws -> Void) throws {
    guard count > 1 else {
        if count == 1 { try body(0) }
        return
    }
    let failures = FirstFailure()
    DispatchQueue.concurrentPerform(iterations: count) { index in
        do { try body(index) } catch { failures.record(error, at: index) }
    }
    if let error = failures.first { throw error }
}

private final class FirstFailure: @unchecked Sendable {
    private let queue = DispatchQueue(label: "seiche.first-failure")
    private var recorded: (index: Int, error: any Error)?

    func record(_ error: any Error, at index: Int) {
        queue.sync {
            if let recorded, recorded.index <= index { return }
            recorded = (index, error)
        }
    }

    var first: (any Error)? { queue.sync { recorded?.error } }
}
