import Basics

extension GridLayout {
    /// The sum of what `body` writes for the rows it is given: `sums[j]` of row j, zero before. Rows are added in their order, however many threads
    /// there are.
    @inline(__always)
    func sumOfRows(leastWork: Int, _ body: (_ rows: Range<Int>, _ sums: UnsafeMutablePointer<Double>) -> Void) -> Double {
        let sums = UnsafeMutablePointer<Double>.allocate(capacity: ny)
        defer { sums.deallocate() }
        sums.initialize(repeating: 0, count: ny)
        concurrentRanges(ny, leastWork: leastWork) { rows, _ in body(rows, sums) }
        var total = 0.0
        for j in 0..<ny { total += sums[j] }
        return total
    }
}
