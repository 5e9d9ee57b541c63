import Basics
import Dynamics
import NetCDF

extension NetCDFFile {
    /// Rebuilds the header that `defineTrajectoryFrame` wrote.
    func readTrajectoryHeader(startTime: Double) throws -> TrajectoryHeader {
        let names = (try attributeIfPresent("model_parameters")?.text ?? "").split(separator: " ").map(String.init)
        var header = TrajectoryHeader(grid: try readGrid(), timeStep: try number("time_step"), startTime: startTime)
        guard header.timeStep > 0, header.timeStep.isFinite else {
            throw SeicheError(.file, "the time_step of '\(path)' is \(header.timeStep) s", remedy: "simulate it again")
        }
        header.precision = try variable("zeta").type == .double ? .double : .float
        for name in names { header.parameters[name] = try number(name) }
        header.seed = try wholeNumber("seed").flatMap { UInt64(exactly: $0) }
        header.index = try wholeNumber("simulation_index").map { Int($0) }
        for (name, field) in TrajectoryHeader.Texts.attributes {
            header.texts[keyPath: field] = try attributeIfPresent(name)?.text ?? ""
        }
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
                coordinates: isGeographic ? .geographic(longitude: x, latitude: y) : .projected(x: x, y: y))
        } catch let error as SeicheError where error.category == .invalidInput {
            throw SeicheError(.file, "the grid in '\(path)' cannot be used: \(error.what)", why: error.why, remedy: "simulate it again")
        }
    }

    private func number(_ name: String) throws -> Double {
        guard let value = try attribute(name).number else {
            throw SeicheError(.file, "the global attribute '\(name)' of '\(path)' is not one number", remedy: "simulate it again")
        }
        return value
    }

    private func wholeNumber(_ name: String) throws -> Int64? {
        switch try attributeIfPresent(name) {
        case .int64(let values): values.first
        case .int32(let values): values.first.map(Int64.init)
        default: nil
        }
    }
}
