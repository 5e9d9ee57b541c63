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
    }

    func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        _ = silenceHDF5?(0, nil, nil)
        return try body()
    }

    // A thread-safe HDF5 keeps one error printer per thread, and netCDF-C switches it off only in the thread that
    // called it first; in any other, even a lookup that may fail writes pages to standard error. So switch it off in
    // the thread at hand: H5Eset_auto2(H5E_DEFAULT, NULL, NULL). Looked up at run time, because netCDF-C brings HDF5
    // along, and linking it by name would need its place, which differs between systems; without it nothing is lost but silence.
    private typealias SetErrorPrinter = @convention(c) (Int64, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Int32
    private let silenceHDF5: SetErrorPrinter? = dlsym(dlopen(nil, RTLD_LAZY), "H5Eset_auto2").map { unsafeBitCast($0, to: SetErrorPrinter.self) }
}
