#if canImport(Glibc)
import Glibc
#endif

/// Memory for a field, on whole cache lines; freed by `deallocate`.
///
/// A solve takes its fields anew. The system hands out large ones by pages of 4 KiB that it finds and clears one by one when they are
/// first touched, which took a quarter of a solve of 1024^2 cells. Where it has pages of 2 MiB to give, these are asked for; that it
/// has none is no error.
func allocateField(byteCount: Int) -> UnsafeMutableRawPointer {
    let page = 1 << 21
    guard byteCount >= 2 * page else { return .allocate(byteCount: byteCount, alignment: 64) }
    let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: page)
    #if os(Linux) && canImport(Glibc)
    _ = madvise(memory, byteCount / page * page, MADV_HUGEPAGE)
    #endif
    return memory
}
