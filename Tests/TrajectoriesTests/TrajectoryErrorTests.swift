import Basics
import Dynamics
import NetCDF
import TestSupport
import Testing
import Trajectories

/// Files that look like trajectories and are not: each one is made whole except for one thing.
@Suite struct TrajectoryErrorTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    private struct Flaw {
        var without: String?
        var zetaColumns = 2
        var zeta: [Float] = [0, 1, 2, 3]
        var times: [Double] = [0, 300]
        var timeUnits = TrajectoryHeader.timeUnits
        var depth: [Double] = [5, 5]
        var timeStep: NetCDFAttribute = 300.0
    }

    /// A trajectory of two states on 2 x 1 cells, written by hand.
    private func write(_ flaw: Flaw) throws -> String {
        let path = scratch.path("flawed.nc")
        try NetCDFFile.writeAtomically(to: path) { file in
            try file.defineUnlimitedDimension("time")
            for (name, length) in [("x", 2), ("y", 1), ("x_face", 2), ("y_face", 1), ("three", 3)] { try file.defineDimension(name, length: length) }
            func put<Scalar: NetCDFScalar>(_ name: String, _ dimensions: [String], _ values: [Scalar], _ count: [Int]) throws {
                guard flaw.without != name else { return }
                try file.defineVariable(name, Scalar.self, dimensions: dimensions, fill: name == "zeta" ? Scalar.netCDF.defaultFill : nil)
                    .write(values, start: count.map { _ in 0 }, count: count)
            }
            try put("time", ["time"], flaw.times, [flaw.times.count])
            try file.variableIfPresent("time")?.setAttribute("units", .text(flaw.timeUnits))
            try put("x", ["x"], [0.5, 1.5], [2])
            try put("y", ["y"], [0.5], [1])
            try put("depth", ["y", "x"], flaw.depth, [1, 2])
            let states = flaw.times.count
            if flaw.zetaColumns == 2 { try put("zeta", ["time", "y", "x"], Array(flaw.zeta.prefix(2 * states)), [states, 1, 2]) }
            else { try put("zeta", ["time", "y", "three"], [Float](repeating: 0, count: 3 * states), [states, 1, 3]) }
            try put("u", ["time", "y", "x_face"], [Float](repeating: .nan, count: 2 * states).enumerated().map { $0 % 2 == 0 ? 1 : $1 }, [states, 1, 2])
            try put("v", ["time", "y_face", "x"], [Float](repeating: 0, count: 2 * states), [states, 1, 2])
            for name in ["dx", "dy"] where flaw.without != name { try file.setAttribute(name, 1.0) }
            try file.setAttribute("time_step", flaw.timeStep)
        }
        return path
    }

    private func openComplaint(_ flaw: Flaw, _ words: [String]) throws -> String? {
        let path = try write(flaw)
        return complaint(.file, words + ["flawed.nc"]) { _ = try Trajectory(path: path) }
    }

    @Test func flawlessFileOpens() throws {
        // NaN on the closed face of u is no flaw: it carries no value.
        let trajectory = try Trajectory(path: write(Flaw()))
        #expect(try trajectory.state(at: 1).vector == [2, 3, 1, 0, 0, 0])
    }

    @Test(arguments: ["zeta", "u", "v", "depth", "time", "x", "y", "dx", "dy"]) func somethingMissing(name: String) throws {
        #expect(try openComplaint(Flaw(without: name), ["'\(name)'"]) == nil)
    }

    @Test func wrongShape() throws {
        #expect(try openComplaint(Flaw(zetaColumns: 3), ["'zeta'", "[time 2, y 1, three 3]", "[2, 1, 2]"]) == nil)
    }

    @Test func wrongTimes() throws {
        #expect(try openComplaint(Flaw(times: [0, 301]), ["0.0 to 301.0", "time_step is 300.0"]) == nil)
        #expect(try openComplaint(Flaw(times: [0, .nan]), ["nan"]) == nil)
        #expect(try openComplaint(Flaw(times: []), ["no states"]) == nil)
        #expect(try openComplaint(Flaw(timeUnits: "hours since 1900-01-01"), ["hours since 1900-01-01"]) == nil)
        #expect(try openComplaint(Flaw(timeStep: "often"), ["'time_step'"]) == nil)
        #expect(try openComplaint(Flaw(timeStep: 0.0), ["time_step"]) == nil)
    }

    @Test func unusableDepth() throws {
        #expect(try openComplaint(Flaw(depth: [0, 0]), ["no cell", "wet"]) == nil)
        #expect(try openComplaint(Flaw(depth: [5, .nan]), ["depth", "(1, 0)"]) == nil)
    }

    @Test(arguments: [Float.nan, .infinity, Float.netCDF.defaultFill]) func badValueOnAWetCell(value: Float) throws {
        let trajectory = try Trajectory(path: write(Flaw(zeta: [0, 1, 2, value])))
        #expect(try trajectory.state(at: 0).zeta == [0, 1])
        #expect(complaint(.file, "zeta", "flawed.nc", "state 1", "(1, 0)") { _ = try trajectory.state(at: 1) } == nil)
        #expect(complaint(.file, "zeta", "state 1") { _ = try trajectory.floats() } == nil)
    }

    @Test func timesOutOfRange() throws {
        let trajectory = try Trajectory(path: write(Flaw()))
        #expect(complaint(.invalidInput, "2 ..< 3", "has 2") { _ = try trajectory.state(at: 2) } == nil)
        #expect(complaint(.invalidInput, "-1 ..< 0") { _ = try trajectory.state(at: -1) } == nil)
    }

    @Test func missingFile() {
        #expect(complaint(.file, "absent.nc") { _ = try Trajectory(path: scratch.path("absent.nc")) } == nil)
    }
}
