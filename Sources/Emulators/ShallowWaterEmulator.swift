import Basics
import Dynamics
import Layers
import StencilSolvers
import Tensors

/// A trained network as a model: it steps physical states of one grid, and offers its tangent-linear and its adjoint.
///
/// Runs in double precision. A solve that does not converge or a state that is not finite throws.
public struct ShallowWaterEmulator: AdjointModel, TangentLinearModel {
    public let network: any EmulatorNetwork
    /// `network.layout.count` weights.
    public let parameters: Tensor<Double>
    public let scales: ChannelScales
    public let grid: ShallowWaterGrid
    public let timeStep: Double
    public let solver: any StencilSolver

    private let geometry: NetworkGeometry<Double>

    /// - Parameters:
    ///   - timeStep: in s; the step that the network was trained to take.
    ///   - solver: of the implicit layers; red-black Gauss-Seidel to a relative residual of 1e-10 by default.
    public init(
        network: any EmulatorNetwork, parameters: Tensor<Double>, scales: ChannelScales, grid: ShallowWaterGrid, timeStep: Double,
        solver: any StencilSolver = GaussSeidel(tolerance: 1e-10)
    ) throws {
        guard parameters.shape == [network.layout.count] else {
            throw SeicheError(
                .invalidInput, "the network has \(network.layout.count) parameters, but \(parameters.count) were given",
                why: "the weights belong to a network of another size", remedy: "read network and weights from the same checkpoint")
        }
        if let bad = parameters.scalars.firstIndex(where: { !$0.isFinite }) {
            throw SeicheError(.invalidInput, "weight \(bad) of the network is \(parameters.scalars[bad])", why: "training diverged")
        }
        try scales.checkUsable()
        try grid.checkEdgesAreClosed()
        guard timeStep.isFinite, timeStep > 0 else {
            throw SeicheError(.invalidInput, "the emulator's time step is \(timeStep) s, but time must go forward")
        }
        self.network = network
        self.parameters = parameters
        self.scales = scales
        self.grid = grid
        self.timeStep = timeStep
        self.solver = solver
        geometry = NetworkGeometry(grid, scales: scales, timeStep: timeStep)
    }

    public func step(_ state: ShallowWaterState) throws -> ShallowWaterState {
        let implicit = LinearImplicit(solver: solver)
        let next = network.predict(parameters, from: try normalised(state), geometry: geometry, implicit: implicit)
        try checkSolves(implicit.monitor)
        return try physical(next)
    }

    public func tangentStep(at state: ShallowWaterState, applying perturbation: ShallowWaterState) throws -> ShallowWaterState {
        let input = try normalised(state)
        try checkShape(perturbation, "perturbation")
        let implicit = LinearImplicit(solver: solver)
        let direction = scaled(tensor(perturbation), by: scales.state.map { 1 / $0 }).masked(by: geometry.stateMask)
        let change = network.predictWithTangent(
            parameters, from: input, along: (.zero, direction), geometry: geometry, implicit: implicit).tangent
        try checkSolves(implicit.monitor)
        return try states(scaled(change, by: scales.state))
    }

    public func adjointStep(at state: ShallowWaterState, applying cotangent: ShallowWaterState) throws -> ShallowWaterState {
        let input = try normalised(state)
        try checkShape(cotangent, "cotangent")
        let implicit = LinearImplicit(solver: solver)
        // next = S N(S^-1 x): the transposed scales stand on the other sides.
        let seed = scaled(tensor(cotangent), by: scales.state).masked(by: geometry.stateMask)
        let gradient = network.linearised(parameters, at: input, geometry: geometry, implicit: implicit).pullback(seed, by: .input).input
        try checkSolves(implicit.monitor)
        return try states(scaled(gradient.masked(by: geometry.stateMask), by: scales.state.map { 1 / $0 }))
    }

    /// The 5-point stencil coefficients that the network's implicit layer solves with at `state`, if it has one.
    ///
    /// - Returns: coefficients on east and north faces, each [y, x], comparable with the scheme's ce and cn; nil for explicit networks.
    public func faceCoefficients(at state: ShallowWaterState) throws -> (east: [Double], north: [Double])? {
        guard let implicitNet = network as? FluxFormImplicitNet else { return nil }
        let c = implicitNet.faceTerms(try normalised(state), Weights(parameters), geometry: geometry).coefficients
        return (Array(c.scalars[0..<grid.cellCount]), Array(c.scalars[grid.cellCount...]))
    }

    private func checkSolves(_ monitor: SolveMonitor) throws {
        guard let failure = monitor.drain().failure else { return }
        throw SeicheError(
            .solver, "the emulator's \(failure.direction.rawValue) solve \(failure.report.summary)",
            why: "the state may be far from those of the training set",
            remedy: "look at the state for outliers, or loosen the solver's tolerance")
    }

    private func checkShape(_ state: ShallowWaterState, _ name: String) throws {
        guard state.nx == grid.nx, state.ny == grid.ny else {
            throw SeicheError(
                .invalidInput, "the \(name) has \(state.nx) x \(state.ny) cells, the emulator's grid \(grid.nx) x \(grid.ny)")
        }
        guard state.vector.count == 3 * grid.cellCount else {
            throw SeicheError(
                .invalidInput, "the vector of the \(name) has \(state.vector.count) values, but zeta, u and v take \(3 * grid.cellCount)")
        }
    }

    private func normalised(_ state: ShallowWaterState) throws -> Tensor<Double> {
        try checkShape(state, "state")
        return scaled(tensor(state), by: scales.state.map { 1 / $0 }).masked(by: geometry.stateMask)
    }

    private func physical(_ next: Tensor<Double>) throws -> ShallowWaterState {
        let state = try states(scaled(next, by: scales.state))
        if let bad = state.vector.firstIndex(where: { !$0.isFinite }) {
            let cell = bad % grid.cellCount
            throw SeicheError(
                .model, "the emulator's \(["zeta", "u", "v"][bad / grid.cellCount]) is \(state.vector[bad]) at (x, y) = (\(cell % grid.nx), \(cell / grid.nx))",
                why: "the forecast has blown up", remedy: "train longer, or forecast fewer steps")
        }
        return state
    }

    private func tensor(_ state: ShallowWaterState) -> Tensor<Double> {
        Tensor(shape: [1, 3, grid.ny, grid.nx], scalars: state.vector)
    }

    private func states(_ tensor: Tensor<Double>) throws -> ShallowWaterState {
        var state = ShallowWaterState(nx: grid.nx, ny: grid.ny)
        state.vector = tensor.scalars
        return state
    }

    /// Channel k of [1, 3, y, x] times factors[k].
    private func scaled(_ fields: Tensor<Double>, by factors: [Double]) -> Tensor<Double> {
        var result = fields
        let plane = grid.cellCount
        for (channel, factor) in factors.enumerated() {
            for k in channel * plane..<(channel + 1) * plane { result.scalars[k] *= factor }
        }
        return result
    }
}
