import Basics
import Dynamics
import NetCDF
import TestSupport
import Testing
import Trajectories

/// Grids whose opposite edges meet, in memory and in files.
@Suite struct PeriodicGridTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    /// `smallGrid`: cells (3, 0) and (1, 1) are dry.
    private func grid(x: Bool, y: Bool) throws -> ShallowWaterGrid {
        let plain = try smallGrid()
        return try ShallowWaterGrid(nx: 4, ny: 3, dx: 1000, dy: 2000, depth: plain.depth, periodicX: x, periodicY: y)
    }

    @Test func facesAcrossTheEdgeAreOpenWhereBothCellsAreWet() throws {
        let (closed, both) = (try grid(x: false, y: false), try grid(x: true, y: true))
        let (east, north) = (both.openEast, both.openNorth)
        #expect([3, 7, 11].map { east[$0] } == [false, true, true], "(3, 0) is dry")
        #expect((8...11).map { north[$0] } == [true, true, true, false], "(3, 0) is dry")
        #expect([3, 7, 11].allSatisfy { !closed.openEast[$0] } && (8...11).allSatisfy { !closed.openNorth[$0] })
        #expect((0..<12).allSatisfy { $0 % 4 == 3 || east[$0] == closed.openEast[$0] })
        #expect((0..<8).allSatisfy { north[$0] == closed.openNorth[$0] })
        #expect(try grid(x: true, y: false).openNorth == closed.openNorth)
    }

    @Test func wetCellsAlongEdges() throws {
        let grid = try grid(x: false, y: false)
        #expect(grid.wetCells(along: .south) == [0, 1, 2])
        #expect(grid.wetCells(along: .north) == [8, 9, 10, 11])
        #expect(grid.wetCells(along: .west) == [0, 4, 8])
        #expect(grid.wetCells(along: .east) == [7, 11])
    }

    @Test(arguments: [false, true], [false, true]) func aFileKeepsThePeriodicEdges(x: Bool, y: Bool) throws {
        let header = TrajectoryHeader(grid: try grid(x: x, y: y), timeStep: 300, precision: .double)
        let states = try writeSample(to: scratch.path("t.nc"), header: header)
        let trajectory = try Trajectory(path: scratch.path("t.nc"))
        #expect(trajectory.header == header)
        #expect(try trajectory.states() == states, "velocities across the edge come back")
        let names = try NetCDFFile(reading: scratch.path("t.nc")).attributeNames()
        #expect(names.contains("periodic_x") == x && names.contains("periodic_y") == y, "closed edges leave no trace")
        for otherX in [false, true] {
            let other = TrajectoryHeader(grid: try grid(x: otherX, y: y), timeStep: 300, precision: .double)
            #expect((header.difference(from: other) == nil) == (otherX == x))
        }
    }

    @Test func centreVelocitiesTakeTheFaceAcrossTheEdge() throws {
        let header = TrajectoryHeader(grid: try grid(x: true, y: true), timeStep: 300, precision: .double)
        let states = try writeSample(to: scratch.path("t.nc"), header: header, count: 1, options: .init(centreVelocities: true))
        let file = try NetCDFFile(reading: scratch.path("t.nc"))
        let (u, v) = (try file.variable("u_center").read(Double.self), try file.variable("v_center").read(Double.self))
        #expect(u[4] == (states[0].u[4] + states[0].u[7]) / 2 && states[0].u[7] != 0)
        #expect(v[1] == (states[0].v[1] + states[0].v[9]) / 2 && states[0].v[9] != 0)
    }

    /// A sea on both sides of a land bridge is one where the edges meet, and two where they do not.
    @Test func seasJoinAcrossAPeriodicEdge() throws {
        let path = scratch.path("heights.nc")
        try NetCDFFile.writeAtomically(to: path) { file in
            try file.defineDimension("lat", length: 3)
            try file.defineDimension("lon", length: 6)
            try file.defineVariable("lon", Double.self, dimensions: ["lon"]).write([0, 1, 2, 3, 4, 5])
            try file.defineVariable("lat", Double.self, dimensions: ["lat"]).write([50, 51, 52])
            try file.defineVariable("elevation", Double.self, dimensions: ["lat", "lon"]).write((0..<18).map { $0 % 6 == 2 ? 5 : -20 })
        }
        let closed = try ShallowWaterGrid(bathymetry: path, minimumDepth: 1)
        #expect(closed.wet == (0..<18).map { $0 % 6 > 2 })
        let periodic = try ShallowWaterGrid(bathymetry: path, minimumDepth: 1, periodicX: true)
        #expect(periodic.wet == (0..<18).map { $0 % 6 != 2 })
        #expect(periodic.periodicX && !periodic.periodicY)
        // The same along y.
        try NetCDFFile.writeAtomically(to: path) { file in
            try file.defineDimension("lat", length: 4)
            try file.defineDimension("lon", length: 2)
            try file.defineVariable("lon", Double.self, dimensions: ["lon"]).write([0, 1])
            try file.defineVariable("lat", Double.self, dimensions: ["lat"]).write([50, 51, 52, 53])
            try file.defineVariable("elevation", Double.self, dimensions: ["lat", "lon"]).write((0..<8).map { $0 / 2 == 1 ? 5 : -20 })
        }
        #expect(try ShallowWaterGrid(bathymetry: path, minimumDepth: 1).wet == (0..<8).map { $0 / 2 > 1 })
        #expect(try ShallowWaterGrid(bathymetry: path, minimumDepth: 1, periodicY: true).wet == (0..<8).map { $0 / 2 != 1 })
    }
}
