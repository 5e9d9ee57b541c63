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
        try checkTimes(timeValues, units: try times.attribute("units").text ?? "")
    }

    private func checkTimes(_ times: [Double], units: String) throws {
        guard !times.isEmpty else {
            throw SeicheError(.file, "the trajectory '\(path)' has no states", remedy: "simulate it again")
        }
        guard units == TrajectoryHeader.timeUnits else {
            throw SeicheError(
                .file, "times in '\(path)' are in '\(units)', not '\(TrajectoryHeader.timeUnits)'", remedy: "change the units of time back")
        }
        // `!(... <= ...)` also catches times that are not numbers.
        if let bad = times.indices.dropFirst().first(where: { !(abs(times[$0] - times[$0 - 1] - timeStep) <= 1e-6 * timeStep) }) {
            throw SeicheError(
                .file, "times in '\(path)' go from \(times[bad - 1]) to \(times[bad]) s at state \(bad), but its time_step is \(timeStep) s",
                why: "states were removed or joined", remedy: "use a trajectory with even spacing, or correct `time_step`")
        }
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

/// Whether a simulation still has to be made.
public enum TrajectoryStatus: Equatable, Sendable {
    /// There is no such file.
    case missing
    /// The file is complete and made with the same settings.
    case complete
    /// There is a file, but of another simulation, or one that cannot be read; the text says why.
    case differs(String)
}

extension Trajectory {
    /// Compares the file at `path` with what a simulation of `count` states under `header` would write. Texts may differ.
    /// Fields are not read: files appear only when finished, so one that is there is whole.
    public static func status(of path: String, expecting header: TrajectoryHeader, count: Int) -> TrajectoryStatus {
        guard Files.exists(path) else { return .missing }
        do {
            let found = try Trajectory(path: path)
            if let difference = found.header.difference(from: header) { return .differs(difference) }
            return found.count == count ? .complete : .differs("it has \(found.count) states, not \(count)")
        } catch let error as SeicheError {
            // One line, for a message of which it becomes a part.
            return .differs(error.what + (error.why.map { "; \($0)" } ?? ""))
        } catch {
            return .differs("\(error)")
        }
    }
}
