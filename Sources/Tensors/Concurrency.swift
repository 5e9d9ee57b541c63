import Basics

/// How the kernels use the machine's cores.
///
/// Work is cut into parts that depend on shapes alone; each writes what is its own, and sums over parts are taken in their order. So no bit
/// depends on the number of threads.
package enum TensorThreads {
    /// For tests: at most as many threads as this, in place of what the environment says.
    @TaskLocal package static var limit: Int?

    /// Multiplications below which other threads are not asked: some 5 microseconds of work.
    static let smallestWork = 1 << 19

    /// Calls `body(0) ... body(count - 1)`, on all cores where `work` multiplications in all are worth it and the cores are not taken already.
    static func forEach(_ count: Int, work: Int, _ body: @Sendable (Int) -> Void) {
        if count > 1, work >= smallestWork {
            Basics.forEach(count, threads: limit ?? ThreadCount.free, body)
        } else {
            for k in 0..<count { body(k) }
        }
    }

    /// Calls `body` with ranges that cover 0..<count: the parts of a pass over many elements.
    static func forEachPart(of count: Int, _ body: @Sendable (Range<Int>) -> Void) {
        let size = 1 << 15
        forEach((count + size - 1) / size, work: 4 * count) { part in body(part * size..<min(count, (part + 1) * size)) }
    }
}
