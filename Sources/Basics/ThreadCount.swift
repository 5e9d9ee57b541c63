#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// How many threads the user allows: the variable SEICHE_THREADS of the environment.
package enum ThreadCount {
    package static let variable = "SEICHE_THREADS"

    /// What the environment asks for, looked up once; nil for all cores.
    static let chosen: Result<Int?, SeicheError> = Result { () throws(SeicheError) in try read(getenv(variable).map { String(cString: $0) }) }

    /// Whether this is one of several calls that run side by side, so that the other cores are taken.
    @TaskLocal package static var isShared = false

    static let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    /// Threads that work may be shared out to here. One where their number cannot be read: what can throw says so.
    package static var free: Int {
        if isShared { return 1 }
        return switch chosen {
        case .success(let count): count ?? cores
        case .failure: 1
        }
    }

    /// A text that is no such number is an error: on a shared machine it must not mean all cores.
    package static func read(_ text: String?) throws(SeicheError) -> Int? {
        guard let text, !text.isEmpty else { return nil }
        guard let count = Int(text), (1...1024).contains(count) else {
            throw SeicheError(
                .invalidInput, "the environment's \(variable) is '\(text)', expected a whole number from 1 to 1024",
                remedy: "set it to the number of threads to use, or unset it for all cores")
        }
        return count
    }
}
