import Basics
import Dispatch
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite struct ConcurrencyTests {
    private struct Failure: Error, Equatable { let index: Int }

    @Test(arguments: [0, 1, 2, 1000]) func everyIndexRunsOnce(count: Int) throws {
        let slots = Slots<Int>(count)
        try concurrentForEach(count) { slots.set($0, $0 * $0) }
        #expect(slots.values == (0..<count).map { $0 * $0 })
    }

    @Test(arguments: 0..<20) func errorOfTheLowestIndexIsThrown(_: Int) {
        let done = Slots<Int>(100)
        #expect(throws: Failure(index: 17)) {
            try concurrentForEach(100) { index in
                if index % 10 == 7, index > 10 { throw Failure(index: index) }
                done.set(index, index)
            }
        }
        #expect(done.values.count == 91, "the others must have ended before the error is thrown")
    }

    @Test func singleIndexThrowsToo() {
        #expect(throws: Failure(index: 0)) { try concurrentForEach(1) { throw Failure(index: $0) } }
    }

    @Test(arguments: [1, 2, 3], [0, 1, 2, 40]) func noMoreThreadsRunThanAreAllowed(threads: Int, count: Int) {
        let running = Mutex((now: 0, most: 0))
        let slots = Slots<Int>(count)
        forEach(count, threads: threads) { index in
            running.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            usleep(500)
            slots.set(index, index)
            running.withLock { $0.now -= 1 }
        }
        #expect(slots.values == Array(0..<count))
        #expect(running.withLock { $0.most } <= threads)
    }

    /// Pieces as short as those of a small network, so that threads join, come too late and fall asleep.
    @Test func noneOfManyShortPiecesIsLost() {
        let slots = Mutex([Int](repeating: 0, count: 7))
        for round in 0..<3000 {
            forEach(7, threads: 4) { index in slots.withLock { $0[index] += 1 } }
            if round % 500 == 0 { usleep(300) }
        }
        #expect(slots.withLock { $0 } == [Int](repeating: 3000, count: 7))
    }

    /// Within a piece of work, and from threads that come while the team works, everything is done all the same.
    @Test func workWithinWorkAndFromOtherThreadsIsDone() {
        let count = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            for _ in 0..<50 {
                forEach(5, threads: 3) { _ in
                    forEach(3, threads: 3) { _ in count.add(1, ordering: .relaxed) }
                }
            }
        }
        #expect(count.load(ordering: .relaxed) == 4 * 50 * 5 * 3)
    }

    @Test func theNumberOfThreadsIsReadStrictly() throws {
        #expect(try ThreadCount.read(nil) == nil)
        #expect(try ThreadCount.read("") == nil)
        #expect(try ThreadCount.read("3") == 3)
        for text in ["0", "-1", "two", "1.5", "9999999"] {
            #expect(complaint(.invalidInput, "SEICHE_THREADS is '\(text)'", "from 1 to 1024") { _ = try ThreadCount.read(text) } == nil)
        }
    }

    @Test func unsetSlotsAreLeftOut() {
        let slots = Slots<String>(3)
        slots.set(2, "c")
        slots.set(0, "a")
        #expect(slots.values == ["a", "c"])
    }
}
