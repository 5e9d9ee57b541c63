import Basics
import Dynamics
import Evaluation
import Foundation
import Testing

/// A folder that exists for one test.
private func withTemporaryFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("seiche-figure-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
}

private func contents(of folder: String) throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }

/// Width and height from the header of a PNG file, after its signature.
private func pngSize(_ path: String) throws -> (width: Int, height: Int) {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    try #require(data.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) && data.count > 24)
    func number(_ offset: Int) -> Int { data[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
    return (number(16), number(20))
}

/// A program that stands in for gnuplot.
private func impostor(_ shell: String, in folder: String) throws -> String {
    let path = folder + "/gnuplot-impostor"
    try "#!/bin/sh\n\(shell)\n".write(toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return path
}

/// An island sea of 36 x 28 cells with two waves, in the look of a real figure.
func demonstrationMaps(title: String = "Twelve hours ahead", width: Int = 1600) throws -> MapFigure {
    let (nx, ny) = (36, 28)
    let cells = (0..<nx * ny).map { (x: Double($0 % nx), y: Double($0 / nx)) }
    let wet = cells.map { hypot($0.x - 24, $0.y - 9) > 4 && $0.x > 2 + 2 * sin($0.y / 3) && $0.y < 26 }
    let truth = cells.map { 0.13 * sin($0.x / 4) * cos($0.y / 5) }
    let emulator = cells.map { 0.12 * sin($0.x / 4 + 0.1) * cos($0.y / 5) }
    let elevation = ColorScale(label: "elevation (m)")
    return try MapFigure(
        title: title,
        rows: [
            [
                MapPanel(title: "Fortran model", values: truth, scale: elevation),
                MapPanel(title: "emulator", values: emulator, scale: elevation),
                MapPanel(title: "difference", values: zip(emulator, truth).map { $0 - $1 }, scale: ColorScale(label: "difference (m)", group: "difference")),
            ]
        ],
        coordinates: .geographic(longitude: (0..<nx).map { -5 + 0.5 * Double($0) }, latitude: (0..<ny).map { 50 + 0.43 * Double($0) }),
        wet: wet, width: width)
}

func demonstrationCurves(title: String = "Error on unseen simulations", label: String = "implicit emulator") throws -> CurveFigure {
    let hours = (1...144).map { Double($0) / 12 }
    let growth = hours.map { 2e-4 * pow($0, 1.4) + 1e-5 }
    return try CurveFigure(
        title: title,
        curves: [
            Curve(label: label, x: hours, y: growth, spread: (growth.map { $0 / 1.6 }, growth.map { $0 * 1.5 })),
            Curve(label: "explicit emulator", x: hours, y: growth.map { $0 * 14 }, spread: (growth.map { $0 * 8 }, growth.map { $0 * 22 })),
            Curve(label: "persistence", x: hours, y: hours.map { 0.09 * (1 - exp(-2 * $0)) }, style: .dashed),
        ],
        x: CurveAxis(label: "lead time (h)", range: 0...12), y: CurveAxis(label: "RMS error of the elevation (m)", isLogarithmic: true))
}

@Suite struct FigureTests {
    @Test func mapsAreAPNGOfTheAskedSize() throws {
        try withTemporaryFolder { folder in
            let figure = try demonstrationMaps(width: 1200)
            // The folder is made on the way.
            try FigureRenderer().render(figure, to: folder + "/new/maps.png")
            #expect(figure.size.width == 1200)
            #expect(try pngSize(folder + "/new/maps.png") == figure.size)
            #expect(try contents(of: folder + "/new") == ["maps.png"])
        }
    }

    @Test func curvesAreAPNGOfTheAskedSize() throws {
        try withTemporaryFolder { folder in
            try FigureRenderer().render(demonstrationCurves(), to: folder + "/curves.png")
            #expect(try pngSize(folder + "/curves.png") == (1300, 750))
        }
    }

    /// Where colours come again, dashes and markers tell curves apart.
    @Test(arguments: [Curve.Style.line, .lineWithMarkers]) func manyCurvesLookDifferent(style: Curve.Style) throws {
        try withTemporaryFolder { folder in
            let curves = (0..<20).map { Curve(label: "curve \($0)", x: [0, 1, 2], y: [0, 1, 4].map { Double($0 + 1) }, style: style) }
            let figure = try CurveFigure(curves: curves, x: CurveAxis(label: "x"), y: CurveAxis(label: "y"))
            try FigureRenderer(gnuplot: try impostor("cp figure.gp '\(folder)/kept'; exec gnuplot -d figure.gp", in: folder)).render(figure, to: folder + "/a.png")
            let script = try String(contentsOfFile: folder + "/kept", encoding: .utf8)
            let looks = script.matches(of: /with lines\w* (.*?) title/).map { String($0.output.1) }
            #expect(looks.count == 20 && Set(looks).count == 20, "\(looks)")
            let markers = looks.compactMap { $0.firstMatch(of: /pt \d+/)?.output }
            let colors = looks.compactMap { $0.firstMatch(of: /#\w+/)?.output }
            if style == .lineWithMarkers { #expect(Set(zip(colors, markers).map { $0 + $1 }).count == 20, "without dashes, as short lines hide them") }
        }
    }

    @Test(arguments: ["it's", "''; exit status 3 #'", "a_b^{c}@d~e&f", "\"$HOME\" `id`", "%d \\n \\", "two\nlines", "°±é海", "{", "{/Symbol", ""])
    func hostileTextIsDrawnNotRun(text: String) throws {
        try withTemporaryFolder { folder in
            try FigureRenderer().render(demonstrationCurves(title: text, label: text), to: folder + "/curves.png")
            try FigureRenderer().render(demonstrationMaps(title: text, width: 900), to: folder + "/maps.png")
            #expect(try pngSize(folder + "/curves.png") == (1300, 750))
        }
    }

    @Test func missingGnuplotIsOneClearError() throws {
        try withTemporaryFolder { folder in
            let renderer = FigureRenderer(gnuplot: "/nowhere/gnuplot")
            let error = try #require(throws: SeicheError.self) { try renderer.render(demonstrationCurves(), to: folder + "/a.png") }
            #expect(error.category == .file)
            #expect(error.what == "figures need gnuplot, but there is none at /nowhere/gnuplot")
            #expect(error.remedy?.contains("gnuplot-nox") == true)
            #expect(try contents(of: folder) == [])
        }
    }

    @Test(arguments: [
        "echo 'no such terminal' >&2; exit 3", "echo 'no such terminal' >&2", "echo 'no such terminal' >&2; printf '\\211PNG\\r\\n\\032\\nhalf' > figure.png",
        "gnuplot -d figure.gp; echo 'no such terminal' >&2; exit 4",
    ])
    func failingGnuplotLeavesThePreviousFigure(shell: String) throws {
        try withTemporaryFolder { folder in
            let renderer = FigureRenderer(gnuplot: try impostor(shell, in: folder))
            try "before".write(toFile: folder + "/a.png", atomically: true, encoding: .utf8)
            let error = try #require(throws: SeicheError.self) { try renderer.render(demonstrationCurves(), to: folder + "/a.png") }
            #expect(error.category == .file)
            #expect(error.why == "it said: no such terminal")
            #expect(try String(contentsOfFile: folder + "/a.png", encoding: .utf8) == "before")
            #expect(try contents(of: folder) == ["a.png", "gnuplot-impostor"])
        }
    }

    @Test func unwritableFolderIsOneClearError() throws {
        try withTemporaryFolder { folder in
            try "a file".write(toFile: folder + "/file", atomically: true, encoding: .utf8)
            let error = try #require(throws: SeicheError.self) { try FigureRenderer().render(demonstrationCurves(), to: folder + "/file/a.png") }
            #expect(error.category == .file)
            #expect(error.what.hasSuffix("/file/a.png cannot be written"))
        }
    }

    @Test func figuresThatCannotBeDrawnAreRefused() throws {
        let scale = ColorScale(label: "m")
        let axes = ShallowWaterGrid.Coordinates.projected(x: [500, 1500, 2500], y: [500, 1500])
        func maps(_ rows: [[MapPanel]], wet: Int = 6, width: Int = 800) -> SeicheError? {
            do { _ = try MapFigure(rows: rows, coordinates: axes, wet: .init(repeating: true, count: wet), width: width) } catch { return error as? SeicheError }
            return nil
        }
        let good = MapPanel(title: "a", values: .init(repeating: 0, count: 6), scale: scale)
        let short = MapPanel(title: "b", values: [1, 2], scale: scale)
        #expect(maps([[good]]) == nil)
        #expect(maps([]) != nil)
        #expect(maps([[good, good], [good]])?.what == "a map figure needs rows of equally many panels, but has [2, 1]")
        #expect(maps([[short]])?.what == "the field 'b' has 2 values, the map 3 x 2 cells")
        #expect(maps([[good]], wet: 5)?.what == "the mask has 5 cells, the map 3 x 2")
        #expect(maps([[good, good, good]], width: 300)?.what == "300 pixels have no room for 3 maps side by side")

        #expect(throws: SeicheError.self) {
            try MapFigure(
                rows: [[MapPanel(title: "a", values: [0, 0, 0, 0], scale: scale)]], coordinates: .projected(x: [0, 1e-300], y: [0, 1e300]),
                wet: .init(repeating: true, count: 4))
        }

        let linear = CurveAxis(label: "x")
        func curves(_ curve: Curve, y: CurveAxis = linear) -> SeicheError? {
            do { _ = try CurveFigure(title: "t", curves: [curve], x: linear, y: y) } catch { return error as? SeicheError }
            return nil
        }
        #expect(curves(Curve(label: "c", x: [1, 2], y: [1]))?.what == "the curve 'c' has 2 abscissae but [1] ordinates")
        #expect(curves(Curve(label: "c", x: [1], y: [.nan]))?.what == "the figure 't' has no point that can be drawn")
        #expect(curves(Curve(label: "c", x: [1], y: [-1]), y: CurveAxis(label: "y", isLogarithmic: true)) != nil)
        #expect(curves(Curve(label: "c", x: [1], y: [-1])) == nil)
        #expect(curves(Curve(label: "c", x: [1], y: [1]), y: CurveAxis(label: "y", isLogarithmic: true, range: 0...1)) != nil)
    }

    @Test func flatAndExtremeValuesAreStillDrawn() throws {
        try withTemporaryFolder { folder in
            for isLogarithmic in [false, true] {
                let curves = [Curve(label: "one point", x: [1], y: [2]), Curve(label: "flat", x: [1, 2], y: [0, 0])]
                let figure = try CurveFigure(curves: curves, x: CurveAxis(label: "x"), y: CurveAxis(label: "y", isLogarithmic: isLogarithmic))
                try FigureRenderer().render(figure, to: folder + "/a.png")
            }
            for value in [Double.leastNonzeroMagnitude, 1e-17, 1e250, 1.7e308] {
                let panel = MapPanel(title: "a", values: [value, 0, 0, 0], scale: ColorScale(label: "m"))
                let figure = try MapFigure(rows: [[panel]], coordinates: .projected(x: [500, 1500], y: [500, 1500]), wet: .init(repeating: true, count: 4), width: 500)
                try FigureRenderer().render(figure, to: folder + "/a.png")
            }
        }
    }

    @Test func fieldsWithoutFiniteValuesAreStillDrawn() throws {
        try withTemporaryFolder { folder in
            let panels = [[Double.nan, 1, 2, 3], [.infinity, .infinity, .nan, .nan], [0, 0, 0, 0]].map {
                MapPanel(title: "a", values: $0, scale: ColorScale(label: "m", kind: .sequential, group: "\($0[1])"))
            }
            let figure = try MapFigure(rows: [panels], coordinates: .projected(x: [500, 1500], y: [500, 1500]), wet: [true, true, false, true])
            try FigureRenderer().render(figure, to: folder + "/a.png")
            #expect(try pngSize(folder + "/a.png") == figure.size)
        }
    }
}
