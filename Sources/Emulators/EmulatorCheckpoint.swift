import Basics
import Dynamics
import Layers
import StencilSolvers
import Tensors

/// A shallow-water network with its weights, the scales of its channels, and the time step and grid spacing that it was trained for.
public struct EmulatorCheckpoint: Checkpoint {
    public var specification: NetworkSpecification
    public var parameters: [Double]
    public var scales: ChannelScales
    /// s
    public var timeStep: Double
    /// m
    public var dx: Double
    public var dy: Double
    public var provenance: [String: String]
    public var numbers: [String: Double]
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

    /// The emulator on a grid.
    ///
    /// - Parameters:
    ///   - timeStep: in s; the one that it was trained for by default.
    ///   - solver: of the implicit layers; as `ShallowWaterEmulator` by default.
    ///
    /// Throws where spacing or time step are others than those of the training and the network does not serve others.
    public func emulator(
        on grid: ShallowWaterGrid, timeStep: Double? = nil, precision: EmulatorPrecision = .double, solver: (any StencilSolver)? = nil
    ) throws -> ShallowWaterEmulator {
        try ShallowWaterEmulator(
            network: try specification.network(), parameters: Tensor(shape: [parameters.count], scalars: parameters), scales: scales,
            grid: grid, timeStep: timeStep ?? self.timeStep, trained: Discretisation(timeStep: self.timeStep, dx: dx, dy: dy),
            precision: precision, solver: solver)
    }

    public static var kinds: [String] { NetworkSpecification.kinds }
    /// The second of the kinds with a `UnitDiagonalStencil`, which divided right-hand sides by the rows' scales in the first.
    public static func revision(of kind: String) -> Int { [BilinearImplicitNet.kind, ImplicitResidualNet.kind].contains(kind) ? 2 : 1 }
    public var kind: String { specification.kind }
    public var servesOtherDiscretisations: Bool { (try? specification.network())?.servesOtherDiscretisations ?? false }
    public var sizes: [(name: String, value: Int)] { specification.sizes.map { ($0.name, $0.value) } }
    public var layout: ParameterLayout { get throws { try specification.network().layout } }
    public var figures: [(name: String, value: Double)] {
        [
            ("scale_zeta_m", scales.zeta), ("scale_u_m_s", scales.u), ("scale_v_m_s", scales.v), ("scale_depth_m", scales.depth),
            ("time_step_s", timeStep), ("dx_m", dx), ("dy_m", dy),
        ]
    }

    public init(reading path: String) throws {
        let file = try CheckpointFile(reading: path)
        defer { file.close() }
        specification = try NetworkSpecification(kind: try file.kind(for: Self.self), size: file.size)
        scales = ChannelScales(
            zeta: try file.number("scale_zeta_m"), u: try file.number("scale_u_m_s"), v: try file.number("scale_v_m_s"),
            depth: try file.number("scale_depth_m"))
        timeStep = try file.number("time_step_s")
        dx = try file.number("dx_m")
        dy = try file.number("dy_m")
        let specification = specification
        parameters = try file.weights { try specification.network().layout }
        provenance = try file.provenance()
        numbers = try file.numbers()
        vectors = try file.vectors()
    }
}
