import Basics
import Dynamics
import Foundation

/// One field on a map.
public struct MapPanel: Sendable {
    public var title: String
    /// [y, x] as in `ShallowWaterGrid`; dry cells are ignored.
    public var values: [Double]
    public var scale: ColorScale

    public init(title: String, values: [Double], scale: ColorScale) {
        self.title = title
        self.values = values
        self.scale = scale
    }
}

/// Maps of fields on one grid, in rows and columns: land grey, wet cells without a finite value black, the aspect ratio right.
///
/// A colour bar stands right of every panel whose right neighbour has another scale.
public struct MapFigure: Figure {
    public let title: String
    public let rows: [[MapPanel]]
    public let size: (width: Int, height: Int)
    private let coordinates: ShallowWaterGrid.Coordinates
    /// Whether each cell is water, [y, x].
    private let wet: [Bool]
    private let layout: MapLayout
    /// The colour bar right of each panel, nil for panels that share the next one's.
    private let bars: [[ColorBar?]]

    /// `rows` of equal numbers of panels, drawn from the top; `width` of the figure in pixels, its height follows from the grid.
    /// Geographic coordinates are drawn with the aspect ratio of the middle latitude, projected ones in km.
    ///
    /// Throws `SeicheError(.invalidInput)` when rows differ in length, a field does not fit the grid or the width has no room for the panels.
    public init(title: String = "", rows: [[MapPanel]], coordinates: ShallowWaterGrid.Coordinates, wet: [Bool], width: Int = 1600) throws {
        let axes = try MapAxes(coordinates)
        guard let first = rows.first, !first.isEmpty, rows.allSatisfy({ $0.count == first.count }) else {
            throw SeicheError(.invalidInput, "a map figure needs rows of equally many panels, but has \(rows.map(\.count))")
        }
        guard wet.count == axes.nx * axes.ny else {
            throw SeicheError(.invalidInput, "the mask has \(wet.count) cells, the map \(axes.nx) x \(axes.ny)")
        }
        for panel in rows.joined() where panel.values.count != wet.count {
            throw SeicheError(.invalidInput, "the field '\(panel.title)' has \(panel.values.count) values, the map \(axes.nx) x \(axes.ny) cells")
        }
        self.title = title
        self.rows = rows
        self.coordinates = coordinates
        self.wet = wet
        let bars = rows.map { row in row.indices.map { Self.bar(row, $0, of: rows, wet: wet) } }
        let lengths = first.indices.map { column in bars.compactMap { $0[column]?.labelLength }.max() }
        layout = try MapLayout(rowCount: rows.count, barLabelLengths: lengths, aspect: axes.aspect, hasTitle: !title.isEmpty, width: width)
        self.bars = bars
        size = (width, layout.height)
    }

    public func draw(on script: inout GnuplotScript) throws {
        let axes = try MapAxes(coordinates)
        script.line("set multiplot")
        script.line("set border lw 1 lc rgb '\(FigureStyle.frame)'")
        script.line("unset key")
        script.line("set xrange [\(axes.x.edge0):\(axes.x.edge1)]")
        script.line("set yrange [\(axes.y.edge0):\(axes.y.edge1)]")
        if !title.isEmpty {
            let top = 1 - 0.55 * FigureStyle.lineHeight / Double(layout.height)
            script.line("set label 1 \(GnuplotScript.quote(title)) at screen 0.5, screen \(top) center noenhanced font ',\(FigureStyle.titleSize)'")
        }
        for (row, panels) in rows.enumerated() {
            for (column, panel) in panels.enumerated() {
                draw(panel, row: row, column: column, axes: axes, on: &script)
                script.line("unset label 1")
            }
        }
        script.line("unset multiplot")
    }

    private func draw(_ panel: MapPanel, row: Int, column: Int, axes: MapAxes, on script: inout GnuplotScript) {
        let box = layout.box(row: row, column: column)
        script.line("set lmargin at screen \(box.left); set rmargin at screen \(box.right)")
        script.line("set bmargin at screen \(box.bottom); set tmargin at screen \(box.top)")
        script.line("set title \(GnuplotScript.quote(panel.title)) noenhanced font ',\(FigureStyle.textSize)' offset 0,-0.4")

        // Only the outer panels carry tick labels: the others share them.
        let bottom = row == rows.count - 1
        let xTicks = Ticks.within(axes.x.edge0, axes.x.edge1, count: layout.tickCount(alongX: true))
        let yTicks = Ticks.within(axes.y.edge0, axes.y.edge1, count: layout.tickCount(alongX: false))
        script.line("set xtics out nomirror scale 0.5 offset 0,0.3 noenhanced \(Ticks.list(xTicks) { bottom ? axes.x.label($0) : "" })")
        script.line("set ytics out nomirror scale 0.5 offset 0.4,0 noenhanced \(Ticks.list(yTicks) { column == 0 ? axes.y.label($0) : "" })")
        script.line("set xlabel \(GnuplotScript.quote(bottom ? axes.x.title : "")) noenhanced offset 0,0.5")
        script.line("set ylabel \(GnuplotScript.quote(column == 0 ? axes.y.title : "")) noenhanced offset 0.5,0")

        let range = Self.range(of: panel.scale, in: rows, wet: wet)
        script.line("set palette \(panel.scale.palette)")
        script.line("set cbrange [\(range.lowerBound):\(range.upperBound)]")
        if let bar = bars[row][column] {
            let place = layout.bar(row: row, column: column)
            let text = layout.barLabel(row: row, column: column)
            let extent = "origin screen \(place.left), screen \(place.bottom) size screen \(place.right - place.left), screen \(place.top - place.bottom)"
            script.line("set colorbox vertical user \(extent) border")
            script.line("set cbtics scale 0.4 offset -0.6,0 noenhanced \(Ticks.list(bar.ticks, label: Ticks.label))")
            script.line("set label 2 \(GnuplotScript.quote(panel.scale.label)) at screen \(text.x), screen \(text.y) center rotate by 90 noenhanced")
        } else {
            script.line("unset colorbox")
            script.line("unset label 2")
        }

        let place = "binary array=(\(axes.nx),\(axes.ny)) dx=\(axes.x.spacing) dy=\(axes.y.spacing) origin=(\(axes.x.first),\(axes.y.first))"
        let ground = script.store(
            Data(
                wet.flatMap { isWet in
                    let color = isWet ? FigureStyle.notFinite : FigureStyle.land
                    return [color.red, color.green, color.blue]
                }))
        // Cells that are NaN here stay as the layer below has them.
        let field = script.store(zip(panel.values, wet).map { $1 && $0.isFinite ? $0 : .nan })
        script.line("plot \(ground) \(place) format='%uchar%uchar%uchar' using 1:2:3 with rgbimage, \(field) \(place) format='%double' using 1 with image")
    }

    private struct ColorBar {
        let ticks: [Double]
        var labelLength: Int { ticks.map { Ticks.label($0).count }.max() ?? 0 }
    }

    /// Nil when the panel's right neighbour has the same scale, and so its bar.
    private static func bar(_ row: [MapPanel], _ column: Int, of rows: [[MapPanel]], wet: [Bool]) -> ColorBar? {
        let scale = row[column].scale
        if column + 1 < row.count, row[column + 1].scale == scale { return nil }
        let range = range(of: scale, in: rows, wet: wet)
        return ColorBar(ticks: Ticks.within(range.lowerBound, range.upperBound, count: 6))
    }

    /// What all panels with this scale need.
    private static func range(of scale: ColorScale, in rows: [[MapPanel]], wet: [Bool]) -> ClosedRange<Double> {
        let sharing = rows.joined().filter { $0.scale == scale }
        return scale.range(showing: sharing.lazy.flatMap { panel in zip(panel.values, wet).lazy.filter { $0.1 }.map { $0.0 } })
    }
}
