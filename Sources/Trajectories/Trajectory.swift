import Basics
import Dynamics
import NetCDF

/// One simulation in a file, opened for reading. May be used from several threads.
public struct Trajectory: Sendable {
    public let path: String
    public let header: TrajectoryHeader
    /// Number of states.
    public let count: Int

    let fields: [TrajectoryLayout.Field]
    let variables: [NetCDFVariable]
    private let fills: [Double?]

    public var grid: ShallowWaterGrid { header.grid }
    /// Time between two states, in s.
    public var timeStep: Double { header.timeStep }

    /// Opens a trajectory and checks that every variable is there in the right shape and that times are evenly spaced.
    public init(path: String) throws {
        let file = try NetCDFFile(reading: path)
        let times = try file.variable(TrajectoryLayout.time)
        let timeValues = try times.read(Double.self)
        header = try file.readTrajectoryHeader(startTime: timeValues.first ?? 0)
        let grid = header.grid
        self.path = path
        count = timeValues.count
        fields = TrajectoryLayout(of: grid).fields(of: grid)
        variables = try fields.map { try file.variable($0.name, shape: [timeValues.count, grid.ny, grid.nx]) }
        fills = try variables.map { try $0.fillValue() }
        let units = try times.attribute("units").text ?? ""
        guard units == TrajectoryHeader.timeUnits else {
            throw SeicheError(
                .file, "times in '\(path)' are in '\(units)', not '\(TrajectoryHeader.timeUnits)'", remedy: "change the units of time back")
        }
        try file.checkTimes(timeValues, of: header)
    }

    /// The state at a time index 0 ..< `count`. Dry cells and closed faces hold zero.
    public func state(at time: Int) throws -> ShallowWaterState {
        var state = ShallowWaterState(nx: grid.nx, ny: grid.ny)
        state.vector = try read(time..<time + 1, as: Double.self)
        return state
    }

    /// The states of a range of time indices.
    public func states(_ times: Range<Int>) throws -> [ShallowWaterState] { try times.map { try state(at: $0) } }

    /// All states.
    public func states() throws -> [ShallowWaterState] { try states(0..<count) }

    /// Fields in Float, laid out [time, 3, y, x] with zeta, u, v as in `ShallowWaterState.vector`; zero on dry cells and closed faces.
    public func floats(_ times: Range<Int>) throws -> [Float] { try read(times, as: Float.self) }

    /// The whole trajectory in Float, [time, 3, y, x].
    public func floats() throws -> [Float] { try floats(0..<count) }

    /// The same in Double.
    public func doubles(_ times: Range<Int>) throws -> [Double] { try read(times, as: Double.self) }

    private func read<Scalar: NetCDFScalar & BinaryFloatingPoint>(_ times: Range<Int>, as scalar: Scalar.Type) throws -> [Scalar] {
        guard times.lowerBound >= 0, times.upperBound <= count else {
            throw SeicheError(.invalidInput, "states \(times.lowerBound) ..< \(times.upperBound) are asked of '\(path)', which has \(count)")
        }
        let (nx, ny) = (grid.nx, grid.ny)
        let cells = nx * ny
        return try [Scalar](unsafeUninitializedCapacity: times.count * 3 * cells) { buffer, initialized in
            var offset = 0
            for time in times {
                for (position, field) in fields.enumerated() {
                    let part = UnsafeMutableBufferPointer(rebasing: buffer[offset..<offset + cells])
                    try variables[position].read(into: part, start: [time, 0, 0], count: [1, ny, nx])
                    if let bad = Self.clear(part, where: field.isActive, fill: fills[position].map { Scalar($0) }) {
                        throw SeicheError(
                            .file, "\(field.name) in '\(path)' is \(part[bad]) at state \(time), (x, y) = (\(bad % nx), \(bad / nx))",
                            why: "this cell or face is wet, so it must have a finite value", remedy: "simulate it again")
                    }
                    offset += cells
                }
            }
            initialized = offset
        }
    }

    /// Zeroes what is not active; returns the first active point whose value is missing or not finite.
    private static func clear<Scalar: BinaryFloatingPoint>(
        _ values: UnsafeMutableBufferPointer<Scalar>, where isActive: [Bool], fill: Scalar?
    ) -> Int? {
        for cell in values.indices {
            if !isActive[cell] {
                values[cell] = 0
            } else if !values[cell].isFinite || values[cell] == fill {
                return cell
            }
        }
        return nil
    }
}

// MARK: - Resuming

extension Trajectory {
    /// How the fields lie in the file.
    var options: TrajectoryWriter.Options {
        get throws {
            TrajectoryWriter.Options(
                deflate: try variables[0].deflateLevel(),
                centreVelocities: try variables[0].file.variableIfPresent(TrajectoryLayout.uCentre) != nil)
        }
    }

    /// Compares the file at `path` with what a simulation of `count` states under `header` would write. Texts may differ, and without
    /// `options` the way in which the fields lie in the file.
    public static func status(
        of path: String, expecting header: TrajectoryHeader, count: Int, options: TrajectoryWriter.Options? = nil
    ) -> TrajectoryStatus {
        TrajectoryStatus(of: path) {
            let found = try Trajectory(path: path)
            if let difference = found.header.difference(from: header) { return difference }
            if found.count != count { return "it has \(found.count) states, not \(count)" }
            return try options.flatMap { try found.options.difference(from: $0) }
        }
    }
}
