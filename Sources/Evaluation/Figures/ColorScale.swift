/// How the values of a map become colours, and the text at the colour bar. Panels with equal scales share one range.
public struct ColorScale: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        /// Blue below zero, white at zero, red above, as far on both sides: for anomalies and differences.
        case diverging
        /// Dark to light: for quantities of one sign.
        case sequential
    }

    /// Quantity and unit, "surface elevation (m)".
    public var label: String
    public var kind: Kind
    /// Tells scales apart that would be equal but are to have ranges of their own.
    public var group: String
    /// The values at the ends; without it, what the panels' values need. Values beyond it take the end's colour.
    public var range: ClosedRange<Double>?

    public init(label: String, kind: Kind = .diverging, group: String = "", range: ClosedRange<Double>? = nil) {
        self.label = label
        self.kind = kind
        self.group = group
        self.range = range
    }

    /// The range that shows all finite `values`: symmetric about zero and round for a diverging scale.
    func range(showing values: some Sequence<Double>) -> ClosedRange<Double> {
        if let range, range.lowerBound < range.upperBound { return range }
        let finite = values.filter(\.isFinite)
        guard let smallest = finite.min(), let largest = finite.max() else { return -1...1 }
        switch kind {
        case .diverging:
            let limit = Ticks.roundedUp(max(abs(smallest), abs(largest)))
            return -limit...limit
        case .sequential:
            return smallest < largest ? smallest...largest : smallest - 1...largest + 1
        }
    }

    /// Gnuplot's palette. Lightness carries the order, so it survives grey printing and every kind of colour blindness.
    var palette: String {
        let stops: [(Double, String)]
        switch kind {
        case .diverging:
            stops = [
                (0, "#0b2f5b"), (0.2, "#2f6fae"), (0.36, "#86b6d9"), (0.5, "#f7f7f5"), (0.64, "#eba887"), (0.8, "#c24a3a"), (1, "#611122"),
            ]
        case .sequential:
            stops = [(0, "#0d1b3e"), (0.25, "#1f4e79"), (0.5, "#2a8a8c"), (0.75, "#7cc288"), (1, "#f4f1b8")]
        }
        return "defined (" + stops.map { "\($0.0) '\($0.1)'" }.joined(separator: ", ") + ")"
    }
}
