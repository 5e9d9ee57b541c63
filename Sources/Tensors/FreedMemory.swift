#if canImport(Glibc)
import Glibc
#endif

/// Has the C library keep memory that tensors let go, for the next tensors, in place of handing it back to the system.
///
/// The system clears every page that it hands out: a tensor of some hundred kilobytes would cost more than the convolution that fills it. For
/// programs to call once, as it concerns all their memory; where the C library is not glibc nothing happens.
public func keepFreedMemory() {
    #if canImport(Glibc)
    // Swift's module of glibc leaves malloc.h out.
    guard let symbol = dlsym(nil, "mallopt") else { return }
    let mallopt = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
    let (trimThreshold, mapThreshold, mapCount): (Int32, Int32, Int32) = (-1, -3, -4)
    // 2 GiB at the end of the heap are kept.
    _ = mallopt(trimThreshold, Int32.max)
    // All blocks come from the heap: a threshold alone, of which glibc allows 32 MiB at most, would leave out the fields of large grids and batches.
    _ = mallopt(mapThreshold, 32 << 20)
    _ = mallopt(mapCount, 0)
    #endif
}
