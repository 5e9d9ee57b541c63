import Basics
import Dynamics
import Layers
import NetCDF
import Tensors

/// A network with its weights and all that is needed to use it: one NetCDF file.
///
/// The weights are variables by their layout's names and shapes. Attributes carry scales, the time step and the grid spacing that
/// the network was trained for, and free texts of provenance. What a trainer needs to go on is in `numbers` and `vectors`.
public struct EmulatorCheckpoint: Equatable, Sendable {
    public var specification: NetworkSpecification
    public var parameters: [Double]
    public var scales: ChannelScales
    /// s
    public var timeStep: Double
    /// m
    public var dx: Double
    public var dy: Double
    /// Global text attributes: experiment, command, version, data checksum.
    public var provenance: [String: String]
    /// Global numbers: training step, samples seen, seconds.
    public var numbers: [String: Double]
    /// Vectors of as many values as there are parameters, by name.
    public var vectors: [String: [Double]]

    public init(
        specification: NetworkSpecification, parameters: [Double], scales: ChannelScales, timeStep: Double, dx: Double, dy: Double,
        provenance: [String: String] = [:], numbers: [String: Double] = [:], vectors: [String: [Double]] = [:]
    ) {
        self.specification = specification
        self.parameters = parameters
        self.scales = scales
        self.timeStep = timeStep
        self.dx = dx
        self.dy = dy
        self.provenance = provenance
        self.numbers = numbers
        self.vectors = vectors
    }

    /// The emulator on a grid, which must have the spacing that the network was trained for.
    public func emulator(on grid: ShallowWaterGrid, precision: EmulatorPrecision = .double) throws -> ShallowWaterEmulator {
        func agrees(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-6 * abs(b) }
        guard agrees(grid.dx, dx), agrees(grid.dy, dy) else {
            throw SeicheError(
                .invalidInput, "the grid has cells of \(grid.dx) x \(grid.dy) m, the emulator was trained on \(dx) x \(dy) m",
                why: "a network learns the update of one spacing and one time step",
                remedy: "train an emulator for this grid")
        }
        return try ShallowWaterEmulator(
            network: try specification.network(), parameters: Tensor(shape: [parameters.count], scalars: parameters), scales: scales,
            grid: grid, timeStep: timeStep, precision: precision)
    }

    private static let formatVersion: Int32 = 1
    private static let textPrefix = "provenance_"
    private static let numberPrefix = "training_"

    /// Writes the file whole or not at all.
    public func write(to path: String) throws {
        let layout = try specification.network().layout
        guard parameters.count == layout.count else {
            throw SeicheError(
                .invalidInput, "the network has \(layout.count) parameters, but the checkpoint for '\(path)' \(parameters.count)",
                why: "the weights belong to a network of another size")
        }
        try NetCDFFile.writeAtomically(to: path) { file in
            try file.setAttribute("title", .text("Seiche emulator checkpoint"))
            try file.setAttribute("seiche_checkpoint_version", .int32([Self.formatVersion]))
            try file.setAttribute("network", .text(specification.kind))
            for size in specification.sizes { try file.setAttribute("network_" + size.name, .int32([Int32(size.value)])) }
            for (name, value) in figures { try file.setAttribute(name, .double([value])) }
            for (name, text) in provenance.sorted(by: { $0.key < $1.key }) { try file.setAttribute(Self.textPrefix + name, .text(text)) }
            for (name, value) in numbers.sorted(by: { $0.key < $1.key }) {
                try file.setAttribute(Self.numberPrefix + name, .double([value]))
            }
            _ = try file.defineDimension("parameter", length: parameters.count)
            for block in layout.blocks {
                var dimensions: [String] = []
                for (axis, length) in block.shape.enumerated() {
                    let name = "\(block.name).\(axis)"
                    _ = try file.defineDimension(name, length: length)
                    dimensions.append(name)
                }
                try file.defineVariable(block.name, Double.self, dimensions: dimensions).write(Array(parameters[block.range]))
            }
            for (name, values) in vectors.sorted(by: { $0.key < $1.key }) {
                try file.defineVariable(name, Double.self, dimensions: ["parameter"]).write(values)
            }
        }
    }

    private var figures: [(String, Double)] {
        [
            ("scale_zeta_m", scales.zeta), ("scale_u_m_s", scales.u), ("scale_v_m_s", scales.v), ("scale_depth_m", scales.depth),
            ("time_step_s", timeStep), ("dx_m", dx), ("dy_m", dy),
        ]
    }

    /// Reads a checkpoint; what does not fit is named.
    public init(reading path: String) throws {
        let file = try NetCDFFile(reading: path)
        defer { try? file.close() }
        guard let version = try file.attributeIfPresent("seiche_checkpoint_version")?.number else {
            throw SeicheError(
                .file, "'\(path)' is not an emulator checkpoint", remedy: "name a file that `seiche train` wrote, such as best.nc")
        }
        guard version == Double(Self.formatVersion) else {
            throw SeicheError(
                .file, "'\(path)' is a checkpoint of format \(Int(exactly: version).map { "\($0)" } ?? "\(version)"), but this version reads \(Self.formatVersion)",
                remedy: "use the version that wrote it, or train again")
        }
        func number(_ name: String) throws -> Double {
            guard let value = try file.attribute(name).number else {
                throw SeicheError(.file, "attribute '\(name)' of '\(path)' is not a number")
            }
            return value
        }
        let kind = try file.attribute("network").text ?? ""
        guard NetworkSpecification.kinds.contains(kind) else {
            throw SeicheError(
                .file, "'\(path)' holds a network of kind '\(kind)'; known are \(NetworkSpecification.kinds.joined(separator: ", "))",
                why: "the checkpoint may come from a later version")
        }
        specification = try NetworkSpecification(kind: kind) { name in
            let value = try number("network_" + name)
            guard value >= 0, value <= 1_000_000, let size = Int(exactly: value) else {
                throw SeicheError(.file, "attribute 'network_\(name)' of '\(path)' is \(value), not a size")
            }
            return size
        }
        scales = ChannelScales(
            zeta: try number("scale_zeta_m"), u: try number("scale_u_m_s"), v: try number("scale_v_m_s"), depth: try number("scale_depth_m"))
        timeStep = try number("time_step_s")
        dx = try number("dx_m")
        dy = try number("dy_m")
        let layout: ParameterLayout
        do {
            layout = try specification.network().layout
        } catch let error as SeicheError {
            throw SeicheError(
                .file, "'\(path)' holds no network that can be: \(error.what)", why: "the file is damaged, or comes from a later version")
        }
        // Shapes are checked before anything of the size that the attributes claim is set aside.
        let variables = try layout.blocks.map { try file.variable($0.name, shape: $0.shape) }
        let parameters = try variables.flatMap { try $0.read(Double.self) }
        if let bad = parameters.firstIndex(where: { !$0.isFinite }) {
            let block = layout.blocks.first { $0.range.contains(bad) }?.name ?? "?"
            throw SeicheError(.file, "a weight in '\(block)' of '\(path)' is \(parameters[bad])", remedy: "use an earlier checkpoint")
        }
        self.parameters = parameters
        provenance = [:]
        numbers = [:]
        vectors = [:]
        for name in try file.attributeNames() {
            if name.hasPrefix(Self.textPrefix) { provenance[String(name.dropFirst(Self.textPrefix.count))] = try file.attribute(name).text }
            if name.hasPrefix(Self.numberPrefix) {
                numbers[String(name.dropFirst(Self.numberPrefix.count))] = try file.attribute(name).number
            }
        }
        for variable in try file.variables() where variable.dimensionNames == ["parameter"] {
            vectors[variable.name] = try variable.read(Double.self)
        }
    }
}
