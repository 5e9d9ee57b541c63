import Basics
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

    @Test func unsetSlotsAreLeftOut() {
        let slots = Slots<String>(3)
        slots.set(2, "c")
        slots.set(0, "a")
        #expect(slots.values == ["a", "c"])
    }
}
