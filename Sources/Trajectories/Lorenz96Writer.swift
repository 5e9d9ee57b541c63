import Basics
import Dynamics
import NetCDF

/// Writes one Lorenz '96 trajectory into one CF-1.11 NetCDF-4 file: X [model_time, k] and, with two levels, Y [model_time, k, j].
///
/// The file appears under its name only with `finish()`; a writer that is dropped or abandoned leaves nothing. One thread uses a
/// writer; different writers may work at once.
public final class Lorenz96Writer {
    public let header: Lorenz96Header
    /// States given so far.
    public private(set) var count = 0

    private let pending: AtomicNetCDFFile
    private let time: NetCDFVariable
    private let fields: [NetCDFVariable]
    /// States that are not in the file yet; chunks are written whole, so that each is deflated once.
    private var waiting: [Lorenz96State] = []

    /// Begins the file; its folder is created if need be. `deflate` is a level from 0 to 9.
    public init(path: String, header: Lorenz96Header, deflate: Int = 1) throws {
        try header.checkTimes()
        guard header.sectors > 0, header.fastPerSector >= 0 else {
            throw SeicheError(.invalidInput, "a ring of \(header.sectors) sectors of \(header.fastPerSector) fast variables cannot be stored")
        }
        self.header = header
        try Files.createFolder(Files.folder(of: path))
        pending = try AtomicNetCDFFile(target: path)
        time = try pending.file.defineLorenz96Frame(header)
        fields = switch header.precision {
        case .float: try pending.file.defineLorenz96Fields(header, Float.self, deflate: deflate)
        case .double: try pending.file.defineLorenz96Fields(header, Double.self, deflate: deflate)
        }
    }

    /// Appends the state one time step after the last.
    ///
    /// Throws `.invalidInput` for a state of another ring, `.model` for a value that is not finite or as large as the mark for missing ones.
    public func append(_ state: Lorenz96State) throws {
        guard state.sectors == header.sectors, state.fastPerSector == header.fastPerSector,
            state.vector.count == header.sectors * (1 + header.fastPerSector)
        else {
            throw SeicheError(
                .invalidInput, "a state of \(state.sectors) sectors of \(state.fastPerSector) fast variables does not belong to the trajectory,"
                    + " which has \(header.sectors) of \(header.fastPerSector)")
        }
        if let bad = state.vector.firstIndex(where: { !(abs($0) < Lorenz96Layout.limit) }) {
            throw SeicheError(
                .model, "element \(bad) of state \(count) of '\(pending.target)' is \(state.vector[bad])", why: "the simulation became unstable",
                remedy: "use a shorter time step")
        }
        waiting.append(state)
        count += 1
        if waiting.count == header.statesPerChunk { try flush() }
    }

    /// Completes the file and gives it its name.
    public func finish() throws {
        guard count > 0 else {
            throw SeicheError(.invalidInput, "the trajectory '\(pending.target)' has no state yet", remedy: "append at least one before finishing")
        }
        try flush()
        try pending.finish()
    }

    /// Gives up; nothing remains.
    public func abandon() { pending.abandon() }

    private func flush() throws {
        guard !waiting.isEmpty else { return }
        let first = count - waiting.count
        for (variable, field) in zip(fields, Lorenz96Layout.fields(of: header)) {
            let range = field.offset..<field.offset + field.lengths.reduce(1, *)
            let (start, length) = ([first] + field.lengths.map { _ in 0 }, [waiting.count] + field.lengths)
            switch header.precision {
            case .float: try variable.write(waiting.flatMap { $0.vector[range].lazy.map { Float($0) } }, start: start, count: length)
            case .double: try variable.write(waiting.flatMap { $0.vector[range] }, start: start, count: length)
            }
        }
        let times = waiting.indices.map { header.startTime + Double(first + $0) * header.timeStep }
        try time.write(times, start: [first], count: [times.count])
        waiting.removeAll(keepingCapacity: true)
    }
}

extension NetCDFFile {
    /// Writes everything but the fields; returns the time variable.
    fileprivate func defineLorenz96Frame(_ header: Lorenz96Header) throws -> NetCDFVariable {
        try writeDescription(header, numbers: [], units: "all are dimensionless, time_step included; Lorenz takes one unit of time for five days")
        try defineUnlimitedDimension(Lorenz96Layout.time)
        let time = try defineVariable(
            Lorenz96Layout.time, Double.self, dimensions: [Lorenz96Layout.time], storage: NetCDFStorage(chunks: [512]),
            // Without units, as CF allows for what is dimensionless: tools take "1" for a calendar that they do not know.
            attributes: [("long_name", "dimensionless model time")])
        let axes = [(Lorenz96Layout.sector, header.sectors, "sector of the ring"), (Lorenz96Layout.fast, header.fastPerSector, "fast variable of a sector")]
        for (name, length, longName) in axes where length > 0 {
            try defineDimension(name, length: length)
            try defineVariable(name, Int32.self, dimensions: [name], attributes: [("long_name", .text(longName)), ("units", "1")])
                .write((0..<length).map { Int32($0) })
        }
        return time
    }

    fileprivate func defineLorenz96Fields<Scalar: NetCDFScalar>(
        _ header: Lorenz96Header, _ scalar: Scalar.Type, deflate: Int
    ) throws -> [NetCDFVariable] {
        try Lorenz96Layout.fields(of: header).map { field in
            try defineVariable(
                field.name, scalar, dimensions: [Lorenz96Layout.time] + field.dimensions,
                storage: NetCDFStorage(chunks: [header.statesPerChunk] + field.lengths, deflate: deflate),
                attributes: [("long_name", .text(field.longName)), ("units", "1")])
        }
    }
}
