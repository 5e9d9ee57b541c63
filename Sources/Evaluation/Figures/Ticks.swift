import Foundation

/// Round numbers for axes and colour scales.
enum Ticks {
    /// Some `count` round values (steps of 1, 2, 2.5 or 5 times a power of ten) within the range.
    static func within(_ lower: Double, _ upper: Double, count: Int) -> [Double] {
        let span = upper - lower
        guard span > 0, span.isFinite, count > 0 else { return [lower] }
        let step = roundedUp(span / Double(count), to: [1, 2, 2.5, 5, 10])
        // The margin keeps an end that is a tick but for rounding.
        let first = Int((lower / step - 1e-9).rounded(.up))
        let last = Int((upper / step + 1e-9).rounded(.down))
        return first <= last ? (first...last).map { Double($0) * step } : []
    }

    /// The smallest round number at or above a positive `value`; 1 where there is nothing to see, for 0.
    static func roundedUp(_ value: Double, to mantissas: [Double] = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]) -> Double {
        // Beyond these the products below leave the range of Double; gnuplot could not draw them either.
        guard value > 1e-300, value < 1e300 else { return value >= 1e300 ? 1e300 : 1 }
        let power = pow(10, log10(value).rounded(.down))
        return (mantissas.first { $0 * power >= value * (1 - 1e-9) } ?? 10) * power
    }

    /// "-0.05", "1e-05": as few digits as tell the ticks apart.
    static func label(_ value: Double) -> String {
        value == 0 ? "0" : String(format: "%.4g", value).replacingOccurrences(of: "-", with: "\u{2212}")
    }

    /// "5°W", "0°", "12.5°N".
    static func degrees(_ value: Double, positive: String, negative: String) -> String {
        let size = String(format: "%.4g", abs(value))
        return size == "0" ? "0°" : "\(size)°\(value < 0 ? negative : positive)"
    }

    /// In gnuplot's form, ("5°W" -5, "0°" 0).
    static func list(_ ticks: [Double], label: (Double) -> String) -> String {
        "(" + ticks.map { "\(GnuplotScript.quote(label($0))) \($0)" }.joined(separator: ", ") + ")"
    }
}
