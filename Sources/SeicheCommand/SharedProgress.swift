import Synchronization

/// A progress line to which several threads add.
final class SharedProgress: Sendable {
    private let state: Mutex<(done: Int, line: ProgressLine)>

    init(_ title: String, total: Int) { state = Mutex((0, ProgressLine(title, total: total))) }

    func add(_ count: Int) {
        guard count > 0 else { return }
        state.withLock {
            $0.done += count
            $0.line.update($0.done)
        }
    }
}
