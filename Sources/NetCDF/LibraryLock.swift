#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The one lock around netCDF-C, which is not thread safe: not even for calls on different files.
/// Recursive, so that a locked operation may be built from locked operations.
final class LibraryLock: @unchecked Sendable {
    static let shared = LibraryLock()

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    private init() {
        var attributes = pthread_mutexattr_t()
        pthread_mutexattr_init(&attributes)
        pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_RECURSIVE))
        pthread_mutex_init(mutex, &attributes)
        pthread_mutexattr_destroy(&attributes)
        Self.leaveHDF5AloneAtExit()
    }

    func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        _ = silenceHDF5?(0, nil, nil)
        return try body()
    }

    // netCDF-C brings HDF5 along, which needs two settings that netCDF-C does not make. They are looked up at run time: linking
    // HDF5 by name would need its place, which differs between systems. Without them nothing is lost but good manners.

    // H5Eset_auto2(H5E_DEFAULT, NULL, NULL) before each call: a thread-safe HDF5 keeps one error printer per thread, and
    // netCDF-C switches it off only in the thread that called it first. In any other, even a lookup that may fail prints pages.
    private typealias SetErrorPrinter = @convention(c) (Int64, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Int32
    private let silenceHDF5: SetErrorPrinter? = LibraryLock.symbol("H5Eset_auto2").map { unsafeBitCast($0, to: SetErrorPrinter.self) }

    // H5dont_atexit() once, before anything else: after a full disk, HDF5 1.10 keeps the file it could not write and crashes over
    // it when the process ends, which would hide our error.
    private static func leaveHDF5AloneAtExit() {
        typealias DoNotCleanUp = @convention(c) () -> Int32
        _ = symbol("H5dont_atexit").map { unsafeBitCast($0, to: DoNotCleanUp.self)() }
    }

    private static func symbol(_ name: String) -> UnsafeMutableRawPointer? { dlsym(dlopen(nil, RTLD_LAZY), name) }
}
