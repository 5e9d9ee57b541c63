import Basics
import Dynamics
import Foundation

/// The two axes of a map in the units they are drawn in, from the cells' centres.
struct MapAxes {
    struct Axis {
        let first: Double
        let spacing: Double
        let count: Int
        let title: String
        let label: @Sendable (Double) -> String

        /// Outer edges of the first and the last cell.
        var edge0: Double { first - spacing / 2 }
        var edge1: Double { first + (Double(count) - 0.5) * spacing }
    }

    let x: Axis
    let y: Axis
    /// Height of the map over its width, as on the ground.
    let aspect: Double

    var nx: Int { x.count }
    var ny: Int { y.count }

    init(_ coordinates: ShallowWaterGrid.Coordinates) throws {
        switch coordinates {
        case .projected(let xs, let ys):
            x = try Self.axis(xs.map { $0 / 1000 }, title: "x (km)", label: Ticks.label)
            y = try Self.axis(ys.map { $0 / 1000 }, title: "y (km)", label: Ticks.label)
            aspect = (y.edge1 - y.edge0) / (x.edge1 - x.edge0)
        case .geographic(let longitude, let latitude):
            x = try Self.axis(longitude, title: "") { Ticks.degrees($0, positive: "E", negative: "W") }
            y = try Self.axis(latitude, title: "") { Ticks.degrees($0, positive: "N", negative: "S") }
            let middle = (y.edge0 + y.edge1) / 2 * .pi / 180
            aspect = (y.edge1 - y.edge0) / ((x.edge1 - x.edge0) * max(cos(middle), 0.01))
        }
        guard (0.01...100).contains(aspect) else {
            throw SeicheError(
                .invalidInput, "a map \(aspect) times as high as wide cannot be drawn", why: "the coordinates may be in different units")
        }
    }

    private static func axis(_ centres: [Double], title: String, label: @escaping @Sendable (Double) -> String) throws -> Axis {
        guard let first = centres.first, let last = centres.last, centres.count > 1, (last - first).isFinite, last > first else {
            throw SeicheError(.invalidInput, "a map needs at least two columns and rows with increasing coordinates")
        }
        let spacing = (last - first) / Double(centres.count - 1)
        return Axis(first: first, spacing: spacing, count: centres.count, title: title, label: label)
    }
}

/// Where the panels and colour bars of a map figure stand. Reckoned in pixels, given as fractions of the figure from its lower left corner.
struct MapLayout {
    struct Box {
        let left, right, bottom, top: Double
    }

    private static let leftMargin = 80.0
    private static let bottomMargin = 2 * FigureStyle.lineHeight + 8
    private static let titleHeight = 1.7 * FigureStyle.lineHeight
    /// Between neighbours whose outermost tick labels, such as 1000 and 0, stand side by side.
    private static let gap = 36.0
    private static let barWidth = 18.0
    private static let barGap = 14.0
    let height: Int
    private let width: Double
    private let panelWidth: Double
    private let panelHeight: Double
    private let rowHeight: Double
    private let rowCount: Int
    /// Left edges of the columns.
    private let lefts: [Double]
    /// From a colour bar to the middle of the text beside it, per column: past the longest tick label.
    private let labelOffsets: [Double]

    /// `barLabelLengths` are the characters of the longest tick label at a colour bar right of each column, nil where no row
    /// has a bar. A column keeps room for bars when any of its rows has one, so that columns line up.
    init(rowCount: Int, barLabelLengths: [Int?], aspect: Double, hasTitle: Bool, width: Int) throws {
        let columnCount = barLabelLengths.count
        // A character more than there are, as a minus is wider than the mean.
        labelOffsets = barLabelLengths.map { 8 + Double(($0 ?? 0) + 1) * FigureStyle.characterWidth + 0.5 * FigureStyle.lineHeight }
        let rooms = zip(barLabelLengths, labelOffsets).map { length, offset in
            length == nil ? Self.gap : Self.barGap + Self.barWidth + offset + 1.4 * FigureStyle.lineHeight
        }
        let panelWidth = (Double(width) - Self.leftMargin - rooms.reduce(0, +)) / Double(columnCount)
        guard panelWidth >= 80 else {
            let needed = Int(Double(columnCount) * 80 + Self.leftMargin + rooms.reduce(0, +)) + 1
            throw SeicheError(.invalidInput, "\(width) pixels have no room for \(columnCount) maps side by side", remedy: "ask for at least \(needed)")
        }
        self.panelWidth = panelWidth
        panelHeight = panelWidth * aspect
        rowHeight = panelHeight + Self.titleHeight
        self.rowCount = rowCount
        self.width = Double(width)
        let top = hasTitle ? 1.3 * FigureStyle.lineHeight : 8
        height = Int((Double(rowCount) * rowHeight + Self.bottomMargin + top).rounded(.up))
        lefts = (0..<columnCount).map { column in
            Self.leftMargin + rooms[..<column].reduce(0, +) + Double(column) * panelWidth
        }
    }

    func box(row: Int, column: Int) -> Box {
        let bottom = Self.bottomMargin + Double(rowCount - 1 - row) * rowHeight
        let left = lefts[column]
        return Box(
            left: left / width, right: (left + panelWidth) / width,
            bottom: bottom / Double(height), top: (bottom + panelHeight) / Double(height))
    }

    func bar(row: Int, column: Int) -> Box {
        let panel = box(row: row, column: column)
        let left = panel.right + Self.barGap / width
        return Box(left: left, right: left + Self.barWidth / width, bottom: panel.bottom, top: panel.top)
    }

    /// Where the text beside a colour bar is centred, running upwards.
    func barLabel(row: Int, column: Int) -> (x: Double, y: Double) {
        let bar = bar(row: row, column: column)
        return (bar.right + labelOffsets[column] / width, (bar.bottom + bar.top) / 2)
    }

    /// As many ticks as have room for their labels.
    func tickCount(alongX: Bool) -> Int {
        alongX ? max(2, Int(panelWidth / (7 * FigureStyle.characterWidth))) : max(2, Int(panelHeight / (2.4 * FigureStyle.lineHeight)))
    }
}
