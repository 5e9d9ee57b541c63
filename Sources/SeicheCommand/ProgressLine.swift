import Foundation

/// A line on standard error that says how far a long piece of work is and how long it will still take.
///
/// On a terminal the line is rewritten in place a few times a second; elsewhere one is printed every 15 seconds, so that logs stay short.
final class ProgressLine {
    private let title: String
    private var total: Int
    private let start = Date()
    private let startedAt: Int
    private var lastShown = Date.distantPast
    private static let isTerminal = isatty(STDERR_FILENO) != 0

    /// - Parameter startedAt: units that were already done, so that the estimate counts only this run's.
    init(_ title: String, total: Int, startedAt: Int = 0) {
        self.title = title
        self.total = total
        self.startedAt = startedAt
    }

    /// Shows how much is done, with `detail` after it, unless the last line was shown a moment ago; `total` where it has changed.
    func update(_ done: Int, of total: Int? = nil, detail: String = "") {
        let total = total ?? self.total
        self.total = total
        let now = Date()
        let isLast = done >= total
        guard isLast || now.timeIntervalSince(lastShown) > (Self.isTerminal ? 0.2 : 15) else { return }
        lastShown = now
        let elapsed = now.timeIntervalSince(start)
        let fresh = done - startedAt
        let remaining = fresh > 0 ? elapsed / Double(fresh) * Double(total - done) : .infinity
        var line = "\(title)  \(done)/\(total)"
        if !detail.isEmpty { line += "  \(detail)" }
        line += isLast ? "  took \(Self.time(elapsed))" : "  \(Self.time(remaining)) left"
        Self.write(Self.isTerminal ? "\r\u{1B}[2K" + line + (isLast ? "\n" : "") : line + "\n")
    }

    /// Takes an unfinished line away, so that an error starts on a line of its own.
    static func clear() {
        if isTerminal { write("\r\u{1B}[2K") }
    }

    /// 42 s, 3 min 05 s, 2 h 10 min.
    static func time(_ seconds: TimeInterval) -> String {
        guard seconds.isFinite else { return "?" }
        let whole = Int(seconds.rounded())
        if seconds < 10 { return String(format: "%.1f s", seconds) }
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return String(format: "%d min %02d s", whole / 60, whole % 60) }
        return String(format: "%d h %02d min", whole / 3600, whole % 3600 / 60)
    }

    private static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
