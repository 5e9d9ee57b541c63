import Basics
import Dynamics
import NetCDF

/// One Lorenz '96 trajectory in a file, opened for reading. May be used from several threads.
public struct Lorenz96Trajectory: Sendable {
    public let path: String
    public let header: Lorenz96Header
    /// Number of states.
    public let count: Int

    private let fields: [NetCDFVariable]

    /// Opens a trajectory and checks that every variable is there in the right shape and that times are evenly spaced.
    public init(path: String) throws {
        let file = try NetCDFFile(reading: path)
        let times = try file.variable(Lorenz96Layout.time).read(Double.self)
        let isTwoLevels = try file.variableIfPresent(Lorenz96Layout.fastField) != nil
        var header = Lorenz96Header(
            sectors: try file.dimension(Lorenz96Layout.sector).length,
            fastPerSector: isTwoLevels ? try file.dimension(Lorenz96Layout.fast).length : 0, timeStep: 0, startTime: times.first ?? 0)
        try file.readDescription(into: &header, precisionOf: Lorenz96Layout.slowField)
        try file.checkTimes(times, of: header)
        fields = try Lorenz96Layout.fields(of: header).map { try file.variable($0.name, shape: [times.count] + $0.lengths) }
        self.path = path
        self.header = header
        count = times.count
    }

    /// The states of a range of time indices.
    ///
    /// Throws `.invalidInput` for times that are not there, `.file` for a value that is missing or not finite.
    public func states(_ times: Range<Int>) throws -> [Lorenz96State] {
        guard times.lowerBound >= 0, times.upperBound <= count else {
            throw SeicheError(.invalidInput, "states \(times.lowerBound) ..< \(times.upperBound) are asked of '\(path)', which has \(count)")
        }
        var states = times.map { _ in Lorenz96State(sectors: header.sectors, fastPerSector: header.fastPerSector) }
        for (variable, field) in zip(fields, Lorenz96Layout.fields(of: header)) {
            let values = try variable.read(
                Double.self, start: [times.lowerBound] + field.lengths.map { _ in 0 }, count: [times.count] + field.lengths)
            let size = field.lengths.reduce(1, *)
            if let bad = values.firstIndex(where: { !(abs($0) < Lorenz96Layout.limit) }) {
                throw SeicheError(
                    .file, "\(field.name) in '\(path)' is \(values[bad]) at state \(times.lowerBound + bad / size), element \(bad % size)",
                    why: "the value is missing or damaged", remedy: "simulate it again")
            }
            for time in states.indices {
                states[time].vector.replaceSubrange(field.offset..<field.offset + size, with: values[time * size..<(time + 1) * size])
            }
        }
        return states
    }

    /// All states.
    public func states() throws -> [Lorenz96State] { try states(0..<count) }

    /// Compares the file at `path` with what a simulation of `count` states under `header`, deflated at this level, would write. Texts may differ.
    public static func status(of path: String, expecting header: Lorenz96Header, count: Int, deflate: Int) -> TrajectoryStatus {
        TrajectoryStatus(of: path) {
            let found = try Lorenz96Trajectory(path: path)
            if let difference = found.header.difference(from: header) { return difference }
            if found.count != count { return "it has \(found.count) states, not \(count)" }
            let level = try found.fields[0].deflateLevel()
            return level == deflate ? nil : "it is deflated at level \(level), not \(deflate)"
        }
    }
}
