import Basics
import Dynamics
import NetCDF

/// Writes one simulation into one CF-1.11 NetCDF-4 file, state by state, so that memory does not grow with its length.
///
/// The file appears under its name only with `finish()`; a writer that is dropped or abandoned leaves nothing. Only what the
/// grid calls alive is stored: zeta on wet cells (missing elsewhere), u and v on open faces (zero elsewhere, so that budgets
/// close). One thread uses a writer; different writers may work at once.
public final class TrajectoryWriter {
    public struct Options: Equatable, Sendable {
        /// 0 ... 9; 1 costs little and is nearly as small as 9.
        public var deflate: Int
        /// Also write `u_center` and `v_center`, the means of the two faces, for tools that take each staggered grid as its own.
        public var centreVelocities: Bool

        public init(deflate: Int = 1, centreVelocities: Bool = false) {
            self.deflate = deflate
            self.centreVelocities = centreVelocities
        }

        /// What keeps a file from being stored as `other` says, in words.
        func difference(from other: Options) -> String? {
            if deflate != other.deflate { return "it is deflated at level \(deflate), not \(other.deflate)" }
            guard centreVelocities != other.centreVelocities else { return nil }
            return centreVelocities ? "it has velocities at cell centres" : "it has no velocities at cell centres"
        }
    }

    public let header: TrajectoryHeader
    /// States written so far.
    public private(set) var count = 0

    private let pending: AtomicNetCDFFile
    private let fields: [TrajectoryLayout.Field]
    private let variables: [NetCDFVariable]
    private let centreVariables: [NetCDFVariable]
    private let time: NetCDFVariable

    /// Begins the file; its folder is created if need be.
    public init(path: String, header: TrajectoryHeader, options: Options = Options()) throws {
        try header.checkTimes()
        self.header = header
        try Files.createFolder(Files.folder(of: path))
        pending = try AtomicNetCDFFile(target: path)
        let file = pending.file
        fields = TrajectoryLayout(of: header.grid).fields(of: header.grid)
        time = try file.defineTrajectoryFrame(header)
        (variables, centreVariables) = switch header.precision {
        case .float: try file.defineFields(fields, Float.self, grid: header.grid, options: options)
        case .double: try file.defineFields(fields, Double.self, grid: header.grid, options: options)
        }
    }

    /// Appends the state one time step after the last.
    ///
    /// Throws `.invalidInput` for a state of another grid, `.model` for a value on a wet cell or open face that is not finite
    /// (in the file's precision).
    public func append(_ state: ShallowWaterState) throws {
        guard state.nx == header.grid.nx, state.ny == header.grid.ny, state.vector.count == 3 * header.grid.cellCount else {
            throw SeicheError(
                .invalidInput, "a state of \(state.nx) x \(state.ny) cells does not belong to the grid of \(header.grid.nx) x \(header.grid.ny)")
        }
        switch header.precision {
        case .float: try append(state, as: Float.self)
        case .double: try append(state, as: Double.self)
        }
        count += 1
    }

    /// Appends several states, each one time step after the one before.
    public func append(contentsOf states: some Sequence<ShallowWaterState>) throws {
        for state in states { try append(state) }
    }

    /// Completes the file and gives it its name.
    public func finish() throws {
        guard count > 0 else {
            throw SeicheError(.invalidInput, "the trajectory '\(pending.target)' has no state yet", remedy: "append at least one before finishing")
        }
        try pending.finish()
    }

    /// Gives up; nothing remains.
    public func abandon() { pending.abandon() }

    private func append<Scalar: NetCDFScalar & BinaryFloatingPoint>(_ state: ShallowWaterState, as scalar: Scalar.Type) throws {
        // All is checked before anything is written: a refused state must not leave half a record.
        let values = try fields.indices.map { try storedValues(of: $0, in: state, as: scalar) }
        let (start, length) = ([count, 0, 0], [1, state.ny, state.nx])
        for (variable, field) in zip(variables, values) { try variable.write(field, start: start, count: length) }
        if !centreVariables.isEmpty {
            try centreVariables[0].write(centre(values[1], stride: 1, nx: state.nx), start: start, count: length)
            try centreVariables[1].write(centre(values[2], stride: state.nx, nx: state.nx), start: start, count: length)
        }
        try time.write([header.startTime + Double(count) * header.timeStep], start: [count], count: [1])
    }

    /// One field as the file has it, [y, x]: missing (zeta) or zero (u, v) where the grid has no value.
    private func storedValues<Scalar: NetCDFScalar & BinaryFloatingPoint>(
        of position: Int, in state: ShallowWaterState, as scalar: Scalar.Type
    ) throws -> [Scalar] {
        let field = fields[position]
        let (nx, cells) = (state.nx, state.nx * state.ny)
        var values = [Scalar](repeating: position == 0 ? Scalar.netCDF.defaultFill : 0, count: cells)
        for cell in 0..<cells where field.isActive[cell] {
            let exact = state.vector[position * cells + cell]
            let value = Scalar(exact)
            guard value.isFinite else {
                throw SeicheError(
                    .model, "\(field.name) is \(exact) at (x, y) = (\(cell % nx), \(cell / nx)), state \(count) of '\(pending.target)'",
                    why: "the simulation became unstable", remedy: "use a shorter time step, or an implicitness of at least 0.5")
            }
            values[cell] = value
        }
        return values
    }

    // The face before the first cell is that behind the last one: of a periodic grid the same, of a closed one zero like it.
    private func centre<Scalar: NetCDFScalar & BinaryFloatingPoint>(_ faces: [Scalar], stride: Int, nx: Int) -> [Scalar] {
        let isWet = fields[0].isActive
        return faces.indices.map { cell in
            guard isWet[cell] else { return Scalar.netCDF.defaultFill }
            let isFirst = stride == 1 ? cell % nx == 0 : cell < stride
            let toLast = stride == 1 ? nx - 1 : faces.count - stride
            return (faces[cell] + faces[isFirst ? cell + toLast : cell - stride]) / 2
        }
    }
}
