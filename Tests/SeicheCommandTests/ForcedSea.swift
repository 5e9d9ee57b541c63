import Basics
import Dynamics
import Foundation
import NetCDF
import Trajectories

/// A small sea with tides at its western edge and wind that begins at some time, in three files and an experiment, as a user would have them.
struct ForcedSea: Sendable {
    static let (nx, ny) = (20, 14)
    static let command = ["simulate", "forced.yaml"]
    static let simulations = ["test/simulation_0000", "training/simulation_0000", "training/simulation_0001", "validation/simulation_0000"]
        .map { "data/forced/\($0).nc" }
    /// s since 2000-01-01 of 2020-06-01 00:00:00
    static let start = 644_284_800.0
    static let frequencies = [1.405e-4, 0.729e-4]
    static let cells = (3...10).map { $0 * nx }

    static let experiment = """
        name: forced
        model:
          bathymetry: sea.nc
          minimum_depth: 5
          linear_drag: 1.0e-5
          rotation: {latitude: 55.6, beta_plane: true}
          wind: {file: wind.nc}
          open_boundary: {file: boundary.nc}
          start: 2020-06-01 00:00:00
        initial: {kind: smooth_random, rms: 0.05, correlation_length: 2.0e+4}
        simulations:
          directory: data/forced
          spin_up_steps: 2
          training: {count: 2, steps: 6}
          validation: {count: 1, steps: 3}
          test: {count: 1, steps: 12}
          precision: double
        training: {steps: 5, directory: data/forced/emulators}
        comparison: {lead_steps: 3}
        """

    /// An empty folder with the four files.
    static func workplace() throws -> Workplace {
        let workplace = try Workplace()
        try write(into: workplace)
        return workplace
    }

    static func write(into workplace: Workplace) throws {
        try workplace.write(experiment, to: "forced.yaml")
        try writeBathymetry(to: workplace.path("sea.nc"))
        try writeWind(to: workplace.path("wind.nc"))
        try writeBoundary(to: workplace.path("boundary.nc"))
    }

    private static func writeBathymetry(to path: String) throws {
        try NetCDFFile.writeAtomically(to: path) { file in
            try file.defineDimension("lat", length: ny)
            try file.defineDimension("lon", length: nx)
            try file.defineVariable("lon", Double.self, dimensions: ["lon"]).write((0..<nx).map { Double($0) / 10 })
            try file.defineVariable("lat", Double.self, dimensions: ["lat"]).write((0..<ny).map { 55 + Double($0) / 10 })
            try file.defineVariable("elevation", Double.self, dimensions: ["lat", "lon"]).write((0..<nx * ny).map { cell in
                let (i, j) = (cell % nx, cell / nx)
                return (2...11).contains(j) && i < nx - 1 ? -30 - 10 * cosine(0.7 * Double(i + j)) : 20
            })
        }
    }

    /// Still until an hour after the start, then rising, different from place to place.
    static func writeWind(to path: String, strength: Double = 1) throws {
        try NetCDFFile.writeAtomically(to: path) { file in
            try file.defineDimension("time", length: 4)
            try file.defineDimension("lat", length: ny)
            try file.defineDimension("lon", length: nx)
            try file.defineVariable(
                "time", Double.self, dimensions: ["time"], attributes: [("units", "minutes since 2020-05-31 18:00:00")]).write([0, 420, 450, 900])
            for (name, phase) in [("tau_x", 0.0), ("tau_y", 1)] {
                try file.defineVariable(name, Float.self, dimensions: ["time", "lat", "lon"], attributes: [("units", "N m-2")]).write(
                    (0..<4 * nx * ny).map { Float($0 < 2 * nx * ny ? 0 : strength * cosine(0.3 * Double($0) + phase)) })
            }
        }
    }

    /// Two tides of different size and phase in every cell, on a level that falls from 1 m to 0.4 m within six hours.
    static func writeBoundary(to path: String, amplitude: Double = 0.3) throws {
        try NetCDFFile.writeAtomically(to: path) { file in
            try file.defineDimension("boundary", length: cells.count)
            try file.defineDimension("constituent", length: 2)
            try file.defineDimension("time", length: 2)
            for (name, values) in [("boundary_x", cells.map { Int32($0 % nx) }), ("boundary_y", cells.map { Int32($0 / nx) })] {
                try file.defineVariable(name, Int32.self, dimensions: ["boundary"]).write(values)
            }
            try file.defineVariable(
                "time", Double.self, dimensions: ["time"], attributes: [("units", "hours since 2020-06-01")]).write([0, 6])
            try file.defineVariable("zeta", Double.self, dimensions: ["time", "boundary"]).write((0..<2 * cells.count).map { $0 < cells.count ? 1 : 0.4 })
            try file.defineVariable("frequency", Double.self, dimensions: ["constituent"]).write(frequencies)
            for (name, scale) in [("amplitude", amplitude), ("phase", 1)] {
                try file.defineVariable(name, Double.self, dimensions: ["constituent", "boundary"]).write(
                    (0..<2 * cells.count).map { scale * (1 + 0.05 * Double($0)) })
            }
        }
    }

    /// What `writeBoundary` gives cell number `k` at a time in s since 2000-01-01.
    static func givenElevation(_ k: Int, at time: Double) -> Double {
        let level = 1 - 0.6 * min(max((time - start) / 21_600, 0), 1)
        return frequencies.indices.reduce(level) { sum, number in
            let size = 1 + 0.05 * Double(number * cells.count + k)
            return sum + 0.3 * size * cosine(frequencies[number] * time - size)
        }
    }
}
