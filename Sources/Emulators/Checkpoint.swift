import Basics
import Layers
import NetCDF

/// A network with its weights and all that is needed to use it and to go on training it: one NetCDF file.
///
/// The weights are variables by their layout's names and shapes. Attributes carry the network's kind and sizes, the figures that its use needs,
/// such as scales and the time step, and free texts of provenance. What a trainer needs to go on is in `numbers` and `vectors`.
public protocol Checkpoint: Equatable, Sendable {
    /// Kinds of network that a file may hold; the one that the others are compared with comes first.
    static var kinds: [String] { get }
    /// Counts, from 1, what a kind of network has computed with the same weights in versions of Seiche; 1 by default.
    static func revision(of kind: String) -> Int

    /// Of the network.
    var kind: String { get }
    var sizes: [(name: String, value: Int)] { get }
    /// Throws `SeicheError` (invalidInput) for sizes that no network can have.
    var layout: ParameterLayout { get throws }
    /// Attributes of one number, units in their names.
    var figures: [(name: String, value: Double)] { get }
    var parameters: [Double] { get }
    /// That the network was trained for; in s, or in the model's own unit where the model is dimensionless.
    var timeStep: Double { get }
    /// Whether the network serves other time steps too.
    var servesOtherDiscretisations: Bool { get }
    /// Global text attributes: experiment, command, version, data checksum.
    var provenance: [String: String] { get }
    /// Global numbers: training step, samples seen, seconds.
    var numbers: [String: Double] { get }
    /// What training carries, by name; most have as many values as there are parameters.
    var vectors: [String: [Double]] { get }

    /// Reads a checkpoint; what does not fit is named.
    init(reading path: String) throws
}

extension Checkpoint {
    public static func revision(of kind: String) -> Int { 1 }
    public var servesOtherDiscretisations: Bool { false }
}

private let versionName = "seiche_checkpoint_version"
private let formatVersion: Int32 = 1
/// Absent from files of the first revision.
private let revisionName = "network_revision"
private let textPrefix = "provenance_"
private let numberPrefix = "training_"
/// Of the dimension of a vector that is not as long as the parameters.
private let vectorSuffix = "_element"

extension Checkpoint {
    /// Writes the file whole or not at all.
    public func write(to path: String) throws {
        let layout = try layout
        guard parameters.count == layout.count else {
            throw SeicheError(
                .invalidInput, "the network has \(layout.count) parameters, but the checkpoint for '\(path)' \(parameters.count)",
                why: "the weights belong to a network of another size")
        }
        try NetCDFFile.writeAtomically(to: path) { file in
            try file.setAttribute("title", .text("Seiche emulator checkpoint"))
            try file.setAttribute(versionName, .int32([formatVersion]))
            try file.setAttribute("network", .text(kind))
            try file.setAttribute(revisionName, .int32([Int32(Self.revision(of: kind))]))
            for size in sizes { try file.setAttribute("network_" + size.name, .int32([Int32(size.value)])) }
            for (name, value) in figures { try file.setAttribute(name, .double([value])) }
            for (name, text) in provenance.sorted(by: { $0.key < $1.key }) { try file.setAttribute(textPrefix + name, .text(text)) }
            for (name, value) in numbers.sorted(by: { $0.key < $1.key }) { try file.setAttribute(numberPrefix + name, .double([value])) }
            // Nothing is learned of a model that is known; a length of 0 would be an unlimited dimension.
            if !parameters.isEmpty { _ = try file.defineDimension("parameter", length: parameters.count) }
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
                let dimension = values.count == parameters.count ? "parameter" : name + vectorSuffix
                if dimension != "parameter" { _ = try file.defineDimension(dimension, length: values.count) }
                try file.defineVariable(name, Double.self, dimensions: [dimension]).write(values)
            }
        }
    }
}

/// A checkpoint's file, open for reading: the parts that all checkpoints have.
struct CheckpointFile {
    private let path: String
    private let file: NetCDFFile

    /// Throws `SeicheError` (file) for a file that is no checkpoint, or one of another format.
    init(reading path: String) throws {
        self.path = path
        file = try NetCDFFile(reading: path)
        guard let version = try file.attributeIfPresent(versionName)?.number else {
            throw SeicheError(
                .file, "'\(path)' is not an emulator checkpoint", remedy: "name a file that `seiche train` wrote, such as best.nc")
        }
        guard version == Double(formatVersion) else {
            let found = Int(exactly: version).map { "\($0)" } ?? "\(version)"
            throw SeicheError(
                .file, "'\(path)' is a checkpoint of format \(found), but this version reads \(formatVersion)",
                remedy: "use the version that wrote it, or train again")
        }
    }

    func close() { try? file.close() }

    /// The network's kind, one of those of `type`, in its present revision.
    func kind<C: Checkpoint>(for type: C.Type) throws -> String {
        let kinds = type.kinds
        let kind = try file.attribute("network").text ?? ""
        guard kinds.contains(kind) else {
            throw SeicheError(
                .file, "'\(path)' holds a network of kind '\(kind)'; known are \(kinds.joined(separator: ", "))",
                why: "the checkpoint may be of another model, or come from a later version")
        }
        let (found, revision) = (try file.attributeIfPresent(revisionName)?.number ?? 1, type.revision(of: kind))
        guard found == Double(revision) else {
            let which = Int(exactly: found).map { "\($0)" } ?? "\(found)"
            throw SeicheError(
                .file, "'\(path)' holds weights for revision \(which) of the network '\(kind)', but this version has revision \(revision)",
                why: "the network computes something else from the same weights now", remedy: "use the version that wrote it, or train again")
        }
        return kind
    }

    /// A size of the network.
    func size(_ name: String) throws -> Int {
        let value = try number("network_" + name)
        guard value >= 0, value <= 1_000_000, let size = Int(exactly: value) else {
            throw SeicheError(.file, "attribute 'network_\(name)' of '\(path)' is \(value), not a size")
        }
        return size
    }

    func number(_ name: String) throws -> Double {
        guard let value = try file.attribute(name).number else {
            throw SeicheError(.file, "attribute '\(name)' of '\(path)' is not a number")
        }
        return value
    }

    /// - Parameter layout: of the network that the file's sizes describe.
    func weights(_ layout: () throws -> ParameterLayout) throws -> [Double] {
        let network: ParameterLayout
        do {
            network = try layout()
        } catch let error as SeicheError {
            throw SeicheError(
                .file, "'\(path)' holds no network that can be: \(error.what)", why: "the file is damaged, or comes from a later version")
        }
        // Shapes are checked before anything of the size that the attributes claim is set aside.
        let variables = try network.blocks.map { try file.variable($0.name, shape: $0.shape) }
        let parameters = try variables.flatMap { try $0.read(Double.self) }
        if let bad = parameters.firstIndex(where: { !$0.isFinite }) {
            let block = network.blocks.first { $0.range.contains(bad) }?.name ?? "?"
            throw SeicheError(.file, "a weight in '\(block)' of '\(path)' is \(parameters[bad])", remedy: "use an earlier checkpoint")
        }
        return parameters
    }

    func provenance() throws -> [String: String] { try attributes(textPrefix) { $0.text } }

    func numbers() throws -> [String: Double] { try attributes(numberPrefix) { $0.number } }

    func vectors() throws -> [String: [Double]] {
        var vectors: [String: [Double]] = [:]
        for variable in try file.variables() where variable.dimensionNames == ["parameter"] || variable.dimensionNames == [variable.name + vectorSuffix] {
            vectors[variable.name] = try variable.read(Double.self)
        }
        return vectors
    }

    /// Those whose names begin with `prefix`, by the rest of their names.
    private func attributes<Value>(_ prefix: String, _ value: (NetCDFAttribute) -> Value?) throws -> [String: Value] {
        var found: [String: Value] = [:]
        for name in try file.attributeNames() where name.hasPrefix(prefix) {
            found[String(name.dropFirst(prefix.count))] = value(try file.attribute(name))
        }
        return found
    }
}
