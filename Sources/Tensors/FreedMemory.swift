#if canImport(Glibc)
import Glibc
#endif

/// Has the C library keep memory that tensors let go, for the next tensors, in place of handing it back to the system.
///
/// The system clears every page that it hands out: a tensor of some hundred kilobytes would cost more than the convolution that fills it. For
/// programs to call once, as it concerns all their memory; where the C library is not glibc nothing happens.
public func keepFreedMemory() {
    #if canImport(Glibc)
    // 1 GiB at the end of the heap is kept; blocks below 32 MiB, the largest that glibc allows, come from the heap.
    _ = mallopt(M_TRIM_THRESHOLD, 1 << 30)
    _ = mallopt(M_MMAP_THRESHOLD, 32 << 20)
    #endif
}
