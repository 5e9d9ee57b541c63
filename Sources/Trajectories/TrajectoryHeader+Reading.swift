import Basics
import Dynamics
import NetCDF

extension NetCDFFile {
    /// Rebuilds the header that `defineTrajectoryFrame` wrote.
    func readTrajectoryHeader(startTime: Double) throws -> TrajectoryHeader {
        var header = TrajectoryHeader(grid: try readGrid(), timeStep: 0, startTime: startTime)
        try readDescription(into: &header, precisionOf: "zeta")
        return header
    }

    private func readGrid() throws -> ShallowWaterGrid {
        let isGeographic = try variableIfPresent(TrajectoryLayout.geographic.x) != nil
        let layout = isGeographic ? TrajectoryLayout.geographic : .projected
        let x = try variable(layout.x).read(Double.self)
        let y = try variable(layout.y).read(Double.self)
        let depth = try variable("depth", shape: [y.count, x.count]).read(Double.self)
        do {
            return try ShallowWaterGrid(
                nx: x.count, ny: y.count, dx: try number("dx"), dy: try number("dy"), depth: depth,
                coordinates: isGeographic ? .geographic(longitude: x, latitude: y) : .projected(x: x, y: y),
                periodicX: try attributeIfPresent("periodic_x")?.number == 1, periodicY: try attributeIfPresent("periodic_y")?.number == 1)
        } catch let error as SeicheError where error.category == .invalidInput {
            throw SeicheError(.file, "the grid in '\(path)' cannot be used: \(error.what)", why: error.why, remedy: "simulate it again")
        }
    }
}
