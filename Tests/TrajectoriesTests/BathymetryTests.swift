import Basics
import Dynamics
import Foundation
import NetCDF
import TestSupport
import Testing
import Trajectories

@Suite struct BathymetryTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    private static let northSea = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../data/bathymetry/north_sea_etopo5.nc").path

    @Test func northSea() throws {
        let grid = try ShallowWaterGrid(bathymetry: Self.northSea, minimumDepth: 10)
        #expect((grid.nx, grid.ny) == (217, 145))
        #expect(abs(grid.dx - 5180) < 5)
        #expect(abs(grid.dy - 9266) < 1)
        guard case .geographic(let longitude, let latitude) = grid.coordinates else { return #expect(Bool(false), "not geographic") }
        #expect(longitude.first == -5 && longitude.last == 13 && latitude.first == 50 && latitude.last == 62)
        let wet = grid.wet
        #expect(grid.depth.allSatisfy { $0 == 0 || $0 >= 10 })
        #expect(grid.depth.contains(10), "shallow water is deepened")
        func isWet(_ lon: Double, _ lat: Double) -> Bool { wet[Int(((lat - 50) * 12).rounded()) * 217 + Int(((lon + 5) * 12).rounded())] }
        #expect(isWet(3, 56) && isWet(1.5, 51), "the North Sea and the Strait of Dover")
        #expect(!isWet(9, 52) && !isWet(-2, 53) && !isWet(9, 61), "Germany, England, Norway")
        #expect(regionCount(wet, nx: 217) == 1)
        let shallow = try ShallowWaterGrid(bathymetry: Self.northSea, minimumDepth: 1)
        #expect(shallow.wet == wet)
        #expect(zip(shallow.depth, grid.depth).allSatisfy { max($0, 10) == $1 || $1 == 0 })
    }

    /// How many regions of wet cells touching side to side there are, by spreading the lowest label until nothing changes.
    private func regionCount(_ wet: [Bool], nx: Int) -> Int {
        var label = wet.indices.map { wet[$0] ? $0 : Int.max }
        var hasChanged = true
        while hasChanged {
            hasChanged = false
            for sweep in [Array(wet.indices), wet.indices.reversed()] {
                for cell in sweep where wet[cell] {
                    var lowest = label[cell]
                    if cell % nx > 0 { lowest = min(lowest, label[cell - 1]) }
                    if cell % nx < nx - 1 { lowest = min(lowest, label[cell + 1]) }
                    if cell >= nx { lowest = min(lowest, label[cell - nx]) }
                    if cell + nx < wet.count { lowest = min(lowest, label[cell + nx]) }
                    if lowest < label[cell] {
                        label[cell] = lowest
                        hasChanged = true
                    }
                }
            }
        }
        return Set(label).subtracting([Int.max]).count
    }

    private func write(_ heights: [Double], lon: [Double] = [0, 1, 2, 3], lat: [Double] = [50, 51, 52], fill: Double? = nil) throws -> String {
        let path = scratch.path("heights.nc")
        try NetCDFFile.writeAtomically(to: path) { file in
            try file.defineDimension("lat", length: lat.count)
            try file.defineDimension("lon", length: lon.count)
            try file.defineVariable("lat", Double.self, dimensions: ["lat"]).write(lat)
            try file.defineVariable("lon", Double.self, dimensions: ["lon"]).write(lon)
            try file.defineVariable("elevation", Double.self, dimensions: ["lat", "lon"], fill: fill).write(heights)
        }
        return path
    }

    @Test func onlyTheLargestSeaStaysWetAndCornersDoNotJoin() throws {
        let grid = try ShallowWaterGrid(
            bathymetry: write([
                -7, 5, -3, -3,
                -7, 5, 0, -3,
                5, -4, 5, -0.5,
            ]), minimumDepth: 2)
        #expect(grid.depth == [
            0, 0, 3, 3,
            0, 0, 0, 3,
            0, 0, 0, 2,
        ])
        let degree = 6_371_000 * Double.pi / 180
        #expect(abs(grid.dy - degree) < 1e-6)
        #expect(abs(grid.dx - degree * cos(51 * Double.pi / 180)) < 1e-6)
    }

    @Test func rowsDoNotTouchRoundTheEdge() throws {
        // The last cell of a row and the first of the next are neighbours in memory only.
        let grid = try ShallowWaterGrid(
            bathymetry: write([
                5, 5, 5, -1,
                -1, -1, 5, 5,
                5, 5, 5, 5,
            ]), minimumDepth: 1)
        #expect(grid.wet.filter { $0 }.count == 2)
        #expect(!grid.wet[3])
    }

    @Test func unusableFiles() throws {
        let sea = [Double](repeating: -10, count: 12)
        func fails(_ words: String, _ body: () throws -> Void) -> String? { complaint(.file, "heights.nc", words, about: body) }
        var path = try write(sea.map { -$0 })
        #expect(fails("under water") { _ = try ShallowWaterGrid(bathymetry: path, minimumDepth: 1) } == nil)
        path = try write(sea, lon: [0, 1, 2, 4])
        #expect(fails("'lon'") { _ = try ShallowWaterGrid(bathymetry: path, minimumDepth: 1) } == nil)
        path = try write(sea, lat: [52, 51, 50])
        #expect(fails("'lat'") { _ = try ShallowWaterGrid(bathymetry: path, minimumDepth: 1) } == nil)
        path = try write(Array(sea.prefix(4)), lat: [50])
        #expect(fails("1 point") { _ = try ShallowWaterGrid(bathymetry: path, minimumDepth: 1) } == nil)
        path = try write(sea.enumerated().map { $0 == 6 ? -999 : $1 }, fill: -999)
        #expect(fails("longitude 2.0, latitude 51.0") { _ = try ShallowWaterGrid(bathymetry: path, minimumDepth: 1) } == nil)
        path = try write(sea.enumerated().map { $0 == 6 ? .nan : $1 })
        #expect(fails("missing at longitude 2.0") { _ = try ShallowWaterGrid(bathymetry: path, minimumDepth: 1) } == nil)
        for depth in [0.1, -1, .nan, .infinity] {
            #expect(complaint(.invalidInput, "minimum depth") { _ = try ShallowWaterGrid(bathymetry: path, minimumDepth: depth) } == nil)
        }
        #expect(complaint(.file, "absent.nc") { _ = try ShallowWaterGrid(bathymetry: scratch.path("absent.nc"), minimumDepth: 1) } == nil)
    }
}
