import Basics
import Dynamics
import NetCDF
import TestSupport
import Testing
import Trajectories

/// Files of wind and open boundaries.
@Suite struct ForcingFileTests {
    let scratch: Scratch
    let grid: ShallowWaterGrid

    init() throws {
        scratch = try Scratch()
        grid = try smallGrid()
    }

    private typealias Wind = ShallowWaterForcing.Wind
    private typealias OpenBoundary = ShallowWaterForcing.OpenBoundary

    /// A wind file: two components over these dimensions, with these times.
    private func windFile(
        _ times: [Double] = [0, 6], units: String = "hours since 2000-01-02 12:00:00", dimensions: [(String, Int)] = [], x: [Double] = [0.1, 0.2],
        y: [Double] = [-0.1, 0.3], axis: [Double]? = nil, attributes: [(String, NetCDFAttribute)] = []
    ) throws -> String {
        let path = scratch.path("wind.nc")
        let file = try NetCDFFile(creating: path)
        try file.defineDimension("time", length: times.count)
        for (name, length) in dimensions { try file.defineDimension(name, length: length) }
        try file.defineVariable("time", Double.self, dimensions: ["time"], attributes: units.isEmpty ? [] : [("units", .text(units))]).write(times)
        if let axis { try file.defineVariable("lat", Double.self, dimensions: ["lat"]).write(axis) }
        for (name, values) in [("tau_x", x), ("tau_y", y)] {
            try file.defineVariable(name, Double.self, dimensions: ["time"] + dimensions.map(\.0), attributes: attributes).write(values)
        }
        try file.close()
        return path
    }

    @Test func windOverTime() throws {
        let wind = try Wind(file: windFile(), on: grid)
        #expect(wind == .uniform(times: [129_600, 151_200], x: [0.1, 0.2], y: [-0.1, 0.3]))
    }

    @Test(arguments: [("seconds", 1.0), ("minutes", 60), ("hours", 3600), ("days", 86_400)])
    func unitsOfTime(unit: String, seconds: Double) throws {
        guard case .uniform(let times, _, _) = try Wind(file: windFile(units: "\(unit) since 1999-12-31"), on: grid) else {
            Issue.record("not a uniform wind")
            return
        }
        #expect(times == [-86_400, 6 * seconds - 86_400])
    }

    @Test(arguments: [["y", "x"], ["lat", "lon"]]) func windOverTheGrid(names: [String]) throws {
        let (x, y) = ((0..<24).map { Double($0) / 10 }, (0..<24).map { -Double($0) })
        let path = try windFile(dimensions: [(names[0], 3), (names[1], 4)], x: x, y: y)
        #expect(try Wind(file: path, on: grid) == .fields(times: [129_600, 151_200], x: x, y: y))
    }

    private func complaintOfWind(_ words: String..., file: () throws -> String) -> String? {
        complaint(.file, ["wind.nc"] + words) { _ = try Wind(file: file(), on: grid) }
    }

    @Test func windFilesThatCannotServe() throws {
        #expect(complaintOfWind("no file") { scratch.path("wind.nc") } == nil)
        #expect(complaintOfWind("'time'", "has no units", "try:") { try windFile(units: "") } == nil)
        #expect(complaintOfWind("'fortnights since 2000-01-01'", "seconds|minutes|hours|days") { try windFile(units: "fortnights since 2000-01-01") } == nil)
        #expect(complaintOfWind("'hours since 2000-02-30'") { try windFile(units: "hours since 2000-02-30") } == nil)
        #expect(complaintOfWind("'time'", "does not increase", "value 1 of 2") { try windFile([6, 6]) } == nil)
        #expect(complaintOfWind("value [time 1] of variable 'tau_y'", "missing") { try windFile(y: [0, .nan]) } == nil)
        #expect(complaintOfWind("'tau_x'", "[2, 2, 2]", "[2, 3, 4]", "cdo remapbil") {
            try windFile(dimensions: [("y", 2), ("x", 2)], x: .init(repeating: 0, count: 8), y: .init(repeating: 0, count: 8))
        } == nil)
        #expect(complaintOfWind("'tau_x'", "'N m-2 s'", "N/m2") { try windFile(attributes: [("units", "N m-2 s")]) } == nil)
        #expect(complaintOfWind("'tau_x'", "is packed", "ncpdq") { try windFile(attributes: [("scale_factor", 0.1)]) } == nil)
        let still = [Double](repeating: 0, count: 24)
        #expect(complaintOfWind("axis 'lat'", "from 52.0 to 50.0", "cdo invertlat") {
            try windFile(dimensions: [("lat", 3), ("lon", 4)], x: still, y: still, axis: [52, 51, 50])
        } == nil)
        var holed = still
        holed[13] = Double.netCDF.defaultFill
        #expect(complaintOfWind("value [time 1, y 0, x 1] of variable 'tau_x'") { try windFile(dimensions: [("y", 3), ("x", 4)], x: holed, y: still) } == nil)
    }

    @Test func otherCalendarsAreRefused() throws {
        let path = scratch.path("wind.nc")
        let file = try NetCDFFile(creating: path)
        try file.defineDimension("time", length: 1)
        try file.defineVariable(
            "time", Double.self, dimensions: ["time"], attributes: [("units", "days since 2000-01-01"), ("calendar", "noleap")]).write([0])
        try file.close()
        #expect(complaintOfWind("calendar", "'noleap'") { path } == nil)
    }

    /// What a boundary file of two cells may hold.
    private func boundaryFile(
        x: [Int32] = [0, 0], y: [Int32] = [0, 2], elevations: Bool = false, tides: Bool = false, leaving out: String = "",
        phaseDimensions: [String] = ["constituent", "boundary"]
    ) throws -> String {
        let path = scratch.path("boundary.nc")
        let file = try NetCDFFile(creating: path)
        try file.defineDimension("boundary", length: x.count)
        try file.defineDimension("time", length: 3)
        try file.defineDimension("constituent", length: 2)
        for (name, values) in [("boundary_x", x), ("boundary_y", y)] where name != out {
            try file.defineVariable(name, Int32.self, dimensions: ["boundary"]).write(values)
        }
        func define(_ name: String, _ dimensions: [String], _ values: [Double], units: String) throws {
            guard name != out else { return }
            try file.defineVariable(name, Double.self, dimensions: dimensions, attributes: [("units", .text(units))]).write(values)
        }
        if elevations {
            try define("time", ["time"], [0, 1, 3], units: "days since 2000-01-01")
            try define("zeta", ["time", "boundary"], [1, 2, 3, 4, 5, 6], units: "m")
        }
        if tides {
            try define("frequency", ["constituent"], [1e-4, 2e-4], units: "rad s-1")
            try define("amplitude", ["constituent", "boundary"], [1, 2, 3, 4], units: "m")
            try define("phase", phaseDimensions, [0.1, 0.2, 0.3, 0.4], units: "rad")
        }
        try file.close()
        return path
    }

    @Test func boundaryWithElevationsAndTides() throws {
        let both = try OpenBoundary(file: boundaryFile(elevations: true, tides: true), on: grid)
        #expect(both == OpenBoundary(
            cells: [0, 8],
            constituents: [
                .init(frequency: 1e-4, amplitude: [1, 2], phase: [0.1, 0.2]), .init(frequency: 2e-4, amplitude: [3, 4], phase: [0.3, 0.4]),
            ],
            times: [0, 86_400, 259_200], zeta: [1, 2, 3, 4, 5, 6]))
        #expect(try OpenBoundary(file: boundaryFile(elevations: true), on: grid).constituents.isEmpty)
        #expect(try OpenBoundary(file: boundaryFile(tides: true), on: grid).times.isEmpty)
    }

    private func complaintOfBoundary(_ words: String..., file: () throws -> String) -> String? {
        complaint(.file, ["boundary.nc"] + words) { _ = try OpenBoundary(file: file(), on: grid) }
    }

    @Test func boundaryFilesThatCannotServe() {
        #expect(complaintOfBoundary("neither elevations nor tides", "zeta(time, boundary)") { try boundaryFile() } == nil)
        #expect(complaintOfBoundary("no variable 'boundary_y'") { try boundaryFile(tides: true, leaving: "boundary_y") } == nil)
        #expect(complaintOfBoundary("value 1 of 'boundary_x'", "is 4", "0 ... 3") { try boundaryFile(x: [0, 4], tides: true) } == nil)
        #expect(complaintOfBoundary("value 0 of 'boundary_y'", "is -1") { try boundaryFile(y: [-1, 0], tides: true) } == nil)
        #expect(complaintOfBoundary("cell 1", "(x, y) = (3, 0)", "is dry") { try boundaryFile(x: [0, 3], y: [0, 0], tides: true) } == nil)
        #expect(complaintOfBoundary("cell 1", "comes twice") { try boundaryFile(y: [1, 1], tides: true) } == nil)
        #expect(complaintOfBoundary("no variable 'phase'") { try boundaryFile(tides: true, leaving: "phase") } == nil)
        #expect(complaintOfBoundary("no variable 'time'") { try boundaryFile(elevations: true, leaving: "time") } == nil)
        #expect(complaintOfBoundary("'phase'", "ncpdq -a constituent,boundary") {
            try boundaryFile(tides: true, phaseDimensions: ["boundary", "constituent"])
        } == nil)
    }
}
