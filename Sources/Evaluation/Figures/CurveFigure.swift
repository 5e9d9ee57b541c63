import Basics
import Foundation

/// One labelled curve.
public struct Curve: Sendable {
    public enum Style: Equatable, Sendable { case line, lineWithMarkers, markers, dashed }

    public var label: String
    public var x: [Double]
    public var y: [Double]
    /// Lower and upper bounds at each x, drawn as a band: the spread over simulations, say.
    public var spread: (lower: [Double], upper: [Double])?
    public var style: Style
    /// Number of the colour, for curves that belong together; without it the curve's place in the figure. From eight on colours come again, with lines broken.
    public var color: Int?

    public init(
        label: String, x: [Double], y: [Double], spread: (lower: [Double], upper: [Double])? = nil, style: Style = .line, color: Int? = nil
    ) {
        self.label = label
        self.x = x
        self.y = y
        self.spread = spread
        self.style = style
        self.color = color
    }
}

/// An axis of a curve figure.
public struct CurveAxis: Sendable {
    /// Quantity and unit, "lead time (h)".
    public var label: String
    public var isLogarithmic: Bool
    /// Without it, what the curves need.
    public var range: ClosedRange<Double>?

    public init(label: String, isLogarithmic: Bool = false, range: ClosedRange<Double>? = nil) {
        self.label = label
        self.isLogarithmic = isLogarithmic
        self.range = range
    }

    /// Whether a value has a place on the axis.
    func shows(_ value: Double) -> Bool { value.isFinite && (!isLogarithmic || value > 0) }
}

/// Curves in one frame, the legend right of it. Values without a place (not finite, or not positive on a logarithmic axis) are gaps.
public struct CurveFigure: Figure {
    public let title: String
    public let curves: [Curve]
    public let x: CurveAxis
    public let y: CurveAxis
    public let size: (width: Int, height: Int)

    /// Throws `SeicheError(.invalidInput)` when a curve's vectors differ in length or nothing can be drawn.
    public init(title: String = "", curves: [Curve], x: CurveAxis, y: CurveAxis, width: Int = 1300, height: Int = 750) throws {
        for curve in curves {
            let counts = [curve.y.count] + (curve.spread.map { [$0.lower.count, $0.upper.count] } ?? [])
            guard counts.allSatisfy({ $0 == curve.x.count }) else {
                throw SeicheError(.invalidInput, "the curve '\(curve.label)' has \(curve.x.count) abscissae but \(counts) ordinates")
            }
        }
        for axis in [x, y] {
            if let range = axis.range, !axis.shows(range.lowerBound) || !axis.shows(range.upperBound) || range.lowerBound == range.upperBound {
                throw SeicheError(.invalidInput, "the axis '\(axis.label)' cannot run from \(range.lowerBound) to \(range.upperBound)")
            }
        }
        guard curves.contains(where: { curve in zip(curve.x, curve.y).contains { x.shows($0) && y.shows($1) } }) else {
            throw SeicheError(
                .invalidInput, "the figure '\(title)' has no point that can be drawn",
                why: "all values are missing or not finite" + (x.isLogarithmic || y.isLogarithmic ? ", or not positive on a logarithmic axis" : ""))
        }
        self.title = title
        self.curves = curves
        self.x = x
        self.y = y
        size = (width, height)
    }

    public func draw(on script: inout GnuplotScript) throws {
        script.line("set border 3 lw 1.2 lc rgb '\(FigureStyle.frame)'")
        script.line("set grid xtics ytics lc rgb '\(FigureStyle.grid)' lt 1 lw 1")
        script.line("set key outside right center vertical Left reverse noenhanced samplen 3 spacing 1.4 width 1")
        script.line("set title \(GnuplotScript.quote(title)) noenhanced font ',\(FigureStyle.titleSize)'")
        draw(x, name: "x", values: curves.flatMap(\.x), on: &script)
        draw(y, name: "y", values: curves.flatMap { $0.y + ($0.spread.map { $0.lower + $0.upper } ?? []) }, on: &script)

        // A band that reaches below a logarithmic axis goes down to the axis' end.
        let floor = curves.flatMap { $0.y + ($0.spread?.upper ?? []) }.filter(y.shows).min() ?? 1
        // Bands first, so that no band hides another curve.
        let bands = curves.enumerated().compactMap { band($0.element, color: color($0.element, $0.offset), floor: floor / 10, on: &script) }
        let lines = curves.enumerated().map { line($0.element, index: $0.offset, on: &script) }
        script.line("plot " + (bands + lines).joined(separator: ", "))
    }

    private func color(_ curve: Curve, _ index: Int) -> String { FigureStyle.curves[abs(curve.color ?? index) % FigureStyle.curves.count] }

    private func line(_ curve: Curve, index: Int, on script: inout GnuplotScript) -> String {
        let points = zip(curve.x, curve.y).flatMap { x.shows($0) && y.shows($1) ? [$0, $1] : [.nan, .nan] }
        let data = "\(script.store(points)) binary record=(\(curve.x.count)) format='%double%double' using 1:2"
        let dashes = FigureStyle.dashes[abs(curve.color ?? index) / FigureStyle.curves.count % FigureStyle.dashes.count]
        // Markers differ too, for readers and printers without colour; where colours come again they are the next ones.
        let marker = "pt \(FigureStyle.markers[(index + index / FigureStyle.curves.count) % FigureStyle.markers.count]) ps 1.3"
        let look =
            switch curve.style {
            case .line: "with lines lw 2.6 dt \(dashes)"
            case .dashed: "with lines lw 2.6 dt (12,6)"
            case .markers: "with points \(marker)"
            case .lineWithMarkers: "with linespoints lw 2.2 dt \(dashes) \(marker)"
            }
        return "\(data) \(look) lc rgb '\(color(curve, index))' title \(GnuplotScript.quote(curve.label))"
    }

    private func band(_ curve: Curve, color: String, floor: Double, on script: inout GnuplotScript) -> String? {
        guard let spread = curve.spread else { return nil }
        let rows = curve.x.indices.filter { x.shows(curve.x[$0]) && y.shows(spread.upper[$0]) && spread.lower[$0].isFinite }
        guard rows.count > 1 else { return nil }
        let points = rows.flatMap { [curve.x[$0], y.isLogarithmic ? max(spread.lower[$0], floor) : spread.lower[$0], spread.upper[$0]] }
        // The two digits before the colour are its transparency.
        let fill = "#c8" + color.dropFirst()
        return "\(script.store(points)) binary record=(\(rows.count)) format='%double%double%double' using 1:2:3 with filledcurves "
            + "fc rgb '\(fill)' fs solid noborder notitle"
    }

    private func draw(_ axis: CurveAxis, name: String, values: [Double], on script: inout GnuplotScript) {
        script.line("set \(name)label \(GnuplotScript.quote(axis.label)) noenhanced")
        script.line("set \(name)tics out nomirror scale 0.6")
        if let range = axis.range { script.line("set \(name)range [\(range.lowerBound):\(range.upperBound)]") }
        guard axis.isLogarithmic else { return }
        script.line("set logscale \(name)")
        let shown = axis.range.map { [$0.lowerBound, $0.upperBound] } ?? values.filter(axis.shows)
        // Within two decades powers of ten alone are too few labels.
        if let smallest = shown.min(), let largest = shown.max(), largest / smallest > 100 {
            script.line("set format \(name) '10^{%L}'")
        } else {
            script.line("set format \(name) '%g'")
        }
    }
}
