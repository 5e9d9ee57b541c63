#if canImport(Glibc)
import Glibc
#endif
import Synchronization

/// Memory for the fields of solves, kept for the next solve when it is given back.
///
/// Solves come in thousands and take the same fields each time. The system clears every page that it hands out, and finds it when it is first
/// touched: at 1024^2 cells that took half of a solve. So what is given back waits here, up to `limit` bytes, and is handed out as
/// it is. For new large fields pages of 2 MiB are asked for; that the system has none is no error.
enum FieldMemory {
    /// Bytes that may wait.
    static let limit = 512 << 20
    private static let page = 1 << 21

    private struct Waiting: Sendable {
        /// Addresses of blocks, by their size.
        var blocks: [Int: [UInt]] = [:]
        var bytes = 0
    }

    private static let waiting = Mutex(Waiting())

    /// Aligned to cache lines, with any content.
    static func take(_ byteCount: Int) -> UnsafeMutableRawPointer {
        let known = waiting.withLock { waiting -> UInt? in
            guard let block = waiting.blocks[byteCount]?.popLast() else { return nil }
            waiting.bytes -= byteCount
            return block
        }
        if let known, let block = UnsafeMutableRawPointer(bitPattern: known) { return block }
        guard byteCount >= 2 * page else { return .allocate(byteCount: byteCount, alignment: 64) }
        let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: page)
        #if os(Linux) && canImport(Glibc)
        _ = madvise(memory, byteCount / page * page, MADV_HUGEPAGE)
        #endif
        return memory
    }

    /// Takes back what `take` gave. Where too much waits, all that waits is freed: it is of sizes that are no longer asked for.
    static func give(_ block: UnsafeMutableRawPointer, _ byteCount: Int) {
        let unwanted = waiting.withLock { waiting -> [UInt] in
            var unwanted: [UInt] = []
            if waiting.bytes + byteCount > limit {
                unwanted = waiting.blocks.values.flatMap(\.self)
                waiting = Waiting()
            }
            if byteCount > limit { return unwanted + [UInt(bitPattern: block)] }
            waiting.blocks[byteCount, default: []].append(UInt(bitPattern: block))
            waiting.bytes += byteCount
            return unwanted
        }
        for block in unwanted { UnsafeMutableRawPointer(bitPattern: block)?.deallocate() }
    }
}
