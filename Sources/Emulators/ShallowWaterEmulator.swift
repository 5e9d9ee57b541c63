import Basics
import Dynamics
import Layers
import StencilSolvers
import Tensors

/// A trained network as a model: it steps physical states of one grid, and offers its tangent-linear and its adjoint.
///
/// A solve that does not converge or a state that is not finite throws.
public struct ShallowWaterEmulator: AdjointModel, TangentLinearModel {
    public let network: any EmulatorNetwork
    /// `network.layout.count` weights, as they serve this grid and time step.
    public let parameters: Tensor<Double>
    public let scales: ChannelScales
    public let grid: ShallowWaterGrid
    public let timeStep: Double
    /// What the network was trained for.
    public let trained: Discretisation
    public let precision: EmulatorPrecision
    public let solver: any StencilSolver

    private let normalised: any NormalisedStep

    /// - Parameters:
    ///   - timeStep: in s.
    ///   - trained: the step and the spacing that the network was trained for, where they are others than those of here; few networks serve
    ///     others (`EmulatorNetwork.servesOtherDiscretisations`).
    ///   - precision: what the network computes in; states and derivatives are handed over in double precision all the same.
    ///   - solver: of the implicit layers; red-black Gauss-Seidel to the precision's `solverTolerance` by default.
    public init(
        network: any EmulatorNetwork, parameters: Tensor<Double>, scales: ChannelScales, grid: ShallowWaterGrid, timeStep: Double,
        trained: Discretisation? = nil, precision: EmulatorPrecision = .double, solver: (any StencilSolver)? = nil
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
        try network.check(ny: grid.ny, nx: grid.nx)
        guard timeStep.isFinite, timeStep > 0 else {
            throw SeicheError(.invalidInput, "the emulator's time step is \(timeStep) s, but time must go forward")
        }
        let here = Discretisation(timeStep: timeStep, dx: grid.dx, dy: grid.dy)
        self.trained = trained ?? here
        guard network.servesOtherDiscretisations || self.trained.agrees(with: here) else {
            throw SeicheError(
                .invalidInput,
                "a step of \(timeStep) s on cells of \(grid.dx) x \(grid.dy) m is asked of an emulator for \(self.trained.timeStep) s on \(self.trained.dx) x \(self.trained.dy) m",
                why: "a network of the kind '\(type(of: network).kind)' learns the update of one spacing and one time step",
                remedy: "train an emulator for this grid and time step, or use one of the kind '\(FluxFormImplicitNet.kind)'")
        }
        self.network = network
        let parameters = network.weights(parameters, trainedFor: self.trained, here: here)
        self.parameters = parameters
        self.scales = scales
        self.grid = grid
        self.timeStep = timeStep
        self.precision = precision
        self.solver = solver ?? GaussSeidel(tolerance: precision.solverTolerance)
        switch precision {
        case .single:
            normalised = NetworkStep<Float>(
                network, parameters: parameters, geometry: NetworkGeometry(grid, scales: scales, timeStep: timeStep, trained: trained))
        case .double:
            normalised = NetworkStep<Double>(
                network, parameters: parameters, geometry: NetworkGeometry(grid, scales: scales, timeStep: timeStep, trained: trained))
        }
    }

    public func step(_ state: ShallowWaterState) throws -> ShallowWaterState {
        try checkShape(state, "state")
        let implicit = LinearImplicit(solver: solver)
        let next = normalised.next(scaled(state.vector, by: inverseScales), by: implicit)
        try checkSolves(implicit.monitor)
        return try checkFinite(self.state(scaled(next, by: scales.state)))
    }

    public func tangentStep(at state: ShallowWaterState, applying perturbation: ShallowWaterState) throws -> ShallowWaterState {
        try checkShape(state, "state")
        try checkShape(perturbation, "perturbation")
        let implicit = LinearImplicit(solver: solver)
        let change = normalised.tangent(
            at: scaled(state.vector, by: inverseScales), along: scaled(perturbation.vector, by: inverseScales), by: implicit)
        try checkSolves(implicit.monitor)
        return self.state(scaled(change, by: scales.state))
    }

    public func adjointStep(at state: ShallowWaterState, applying cotangent: ShallowWaterState) throws -> ShallowWaterState {
        try checkShape(state, "state")
        try checkShape(cotangent, "cotangent")
        let implicit = LinearImplicit(solver: solver)
        // next = S N(S^-1 x): the transposed scales stand on the other sides.
        let gradient = normalised.adjoint(
            at: scaled(state.vector, by: inverseScales), of: scaled(cotangent.vector, by: scales.state), by: implicit)
        try checkSolves(implicit.monitor)
        return self.state(scaled(gradient, by: inverseScales))
    }

    /// The 5-point stencil coefficients that the network's implicit layer solves with at `state`, if it has one.
    ///
    /// - Returns: coefficients on east and north faces, each [y, x], comparable with the scheme's ce and cn; nil for explicit networks.
    public func faceCoefficients(at state: ShallowWaterState) throws -> (east: [Double], north: [Double])? {
        guard let implicitNet = network as? FluxFormImplicitNet else { return nil }
        try checkShape(state, "state")
        let geometry = NetworkGeometry<Double>(grid, scales: scales, timeStep: timeStep, trained: trained)
        let input = Tensor(shape: geometry.stateMask.shape, scalars: scaled(state.vector, by: inverseScales)).masked(by: geometry.stateMask)
        let c = implicitNet.faceTerms(input, Weights(parameters), geometry: geometry).coefficients
        return (Array(c.scalars[0..<grid.cellCount]), Array(c.scalars[grid.cellCount...]))
    }

    /// The system whose solution is the next elevation, as the network's implicit layer solves it at `state`: in zeta's scale, rows [y, x].
    ///
    /// - Returns: matrix and right-hand side; nil for networks that solve no system for the elevation.
    public func elevationSystem(at state: ShallowWaterState) throws -> (matrix: StencilMatrix<Double>, rightHandSide: [Double])? {
        try checkShape(state, "state")
        let geometry = NetworkGeometry<Double>(grid, scales: scales, timeStep: timeStep, trained: trained)
        let input = Tensor(shape: geometry.stateMask.shape, scalars: scaled(state.vector, by: inverseScales)).masked(by: geometry.stateMask)
        guard let system = network.elevationSystem(input, Weights(parameters), geometry: geometry) else { return nil }
        return (StencilLayout().matrix(system.stencil), system.b.scalars)
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

    private func checkFinite(_ state: ShallowWaterState) throws -> ShallowWaterState {
        if let bad = state.vector.firstIndex(where: { !$0.isFinite }) {
            let cell = bad % grid.cellCount
            throw SeicheError(
                .model, "the emulator's \(["zeta", "u", "v"][bad / grid.cellCount]) is \(state.vector[bad]) at (x, y) = (\(cell % grid.nx), \(cell / grid.nx))",
                why: "the forecast has blown up", remedy: "train longer, or forecast fewer steps")
        }
        return state
    }

    private func state(_ vector: [Double]) -> ShallowWaterState {
        var state = ShallowWaterState(nx: grid.nx, ny: grid.ny)
        state.vector = vector
        return state
    }

    private var inverseScales: [Double] { scales.state.map { 1 / $0 } }

    /// Channel k of [3, y, x] times factors[k].
    private func scaled(_ fields: [Double], by factors: [Double]) -> [Double] {
        var result = fields
        let plane = grid.cellCount
        for (channel, factor) in factors.enumerated() {
            for k in channel * plane..<(channel + 1) * plane { result[k] *= factor }
        }
        return result
    }
}
