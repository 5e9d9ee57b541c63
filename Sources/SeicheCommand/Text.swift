import Evaluation
import Foundation

/// Numbers and tables for people.
enum Text {
    /// Three significant digits: 0.0123, 1.23e-05, 12.3; "failed" where not finite.
    static func figure(_ value: Double) -> String {
        guard value.isFinite else { return "failed" }
        let magnitude = abs(value)
        if value == 0 { return "0" }
        if magnitude < 1e-4 || magnitude >= 1e4 { return String(format: "%.2e", value) }
        let digits = max(0, 2 - Int(floor(log10(magnitude))))
        return String(format: "%.\(digits)f", value)
    }

    /// Mean and, where there is one, standard deviation: 0.0123 +- 0.0004.
    static func figure(_ statistics: SampleStatistics) -> String {
        figure(statistics.mean) + (statistics.deviation.isFinite ? " +- " + figure(statistics.deviation) : "")
    }

    /// 512 B, 3.4 kB, 7.2 GB, in powers of 1000.
    static func bytes(_ count: Double) -> String {
        let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
        var (value, unit) = (count, 0)
        while value >= 999.5, unit + 1 < units.count { (value, unit) = (value / 1000, unit + 1) }
        return String(format: value < 9.95 && unit > 0 ? "%.1f" : "%.0f", value) + " " + units[unit]
    }

    /// Columns set flush: the first left, the others right.
    static func table(_ rows: [[String]]) -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + padding : padding + cell
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
