import Basics
import Layers

/// A Lorenz '96 network with its weights, the scales of its states, and the time step that it was trained for.
public struct Lorenz96Checkpoint: Checkpoint {
    public var network: Lorenz96Network
    public var parameters: [Double]
    public var scales: Lorenz96Scales
    /// In the model's own unit.
    public var timeStep: Double
    public var provenance: [String: String]
    public var numbers: [String: Double]
    public var vectors: [String: [Double]]

    public init(
        network: Lorenz96Network, parameters: [Double], scales: Lorenz96Scales, timeStep: Double, provenance: [String: String] = [:],
        numbers: [String: Double] = [:], vectors: [String: [Double]] = [:]
    ) {
        self.network = network
        self.parameters = parameters
        self.scales = scales
        self.timeStep = timeStep
        self.provenance = provenance
        self.numbers = numbers
        self.vectors = vectors
    }

    /// The emulator, for rings of any length.
    public func emulator() throws -> Lorenz96Emulator {
        try Lorenz96Emulator(network: network, parameters: parameters, scales: scales, timeStep: timeStep)
    }

    public static var kinds: [String] { Lorenz96Network.kinds }
    public var kind: String { network.kind }
    public var sizes: [(name: String, value: Int)] { network.sizes }
    public var layout: ParameterLayout { network.layout }
    public var figures: [(name: String, value: Double)] {
        [("scale_mean", scales.mean), ("scale_deviation", scales.deviation), ("time_step", timeStep)] + network.figures
    }

    public init(reading path: String) throws {
        let file = try CheckpointFile(reading: path)
        defer { file.close() }
        network = try Lorenz96Network(kind: try file.kind(for: Self.self), size: file.size, figure: file.number)
        scales = Lorenz96Scales(mean: try file.number("scale_mean"), deviation: try file.number("scale_deviation"))
        timeStep = try file.number("time_step")
        let network = network
        parameters = try file.weights { network.layout }
        provenance = try file.provenance()
        numbers = try file.numbers()
        vectors = try file.vectors()
    }
}
