import Synchronization

/// Runs `body(0) ... body(count - 1)` on the machine's cores, or on as many threads as SEICHE_THREADS says, and returns when all are done.
///
/// The error of the lowest index that failed is thrown after all have ended. Results must not depend on the order:
/// each call writes only what belongs to its index (see `Slots`).
public func concurrentForEach(_ count: Int, _ body: @Sendable (Int) throws -> Void) throws {
    let threads = try ThreadCount.chosen.get()
    guard count > 1 else {
        if count == 1 { try body(0) }
        return
    }
    let firstFailure = Mutex<(index: Int, error: any Error)?>(nil)
    let guarded: @Sendable (Int) -> Void = { index in
        do {
            try ThreadCount.$isShared.withValue(true) { try body(index) }
        } catch {
            firstFailure.withLock { recorded in
                if recorded.map({ index < $0.index }) ?? true { recorded = (index, error) }
            }
        }
    }
    forEach(count, threads: threads ?? ThreadCount.cores, guarded)
    if let failure = firstFailure.withLock({ $0 }) { throw failure.error }
}

/// Calls `body` with ranges that cover 0..<count and their numbers, side by side where there is work enough for more than one of the threads
/// that `concurrentForEach` has, and not within one of its calls. Results must not depend on the ranges.
///
/// - Parameters:
///   - leastWork: how many of the `count` are worth a thread.
///   - limit: the largest number of ranges.
public func concurrentRanges(_ count: Int, leastWork: Int, atMost limit: Int = .max, _ body: (Range<Int>, Int) -> Void) {
    let strips = min(ThreadCount.free, limit, count / max(1, leastWork))
    guard strips > 1 else { return body(0..<count, 0) }
    ThreadTeam.shared.run(strips, threads: strips) { body(count * $0 / strips..<count * ($0 + 1) / strips, $0) }
}

/// At most `threads` calls at a time; each thread takes the next index when it is free. Within another such call, one after the other.
package func forEach(_ count: Int, threads: Int, _ body: @Sendable (Int) -> Void) {
    ThreadTeam.shared.run(count, threads: threads, body)
}
