import Basics
import Dynamics
import Layers
import Tensors

/// A trained network as a model of the one-level Lorenz '96 ring, with its tangent-linear and its adjoint, in double precision.
public struct Lorenz96Emulator: AdjointModel, TangentLinearModel {
    public let network: Lorenz96Network
    /// Weights in the order of the network's layout.
    public let parameters: Tensor<Double>
    public let scales: Lorenz96Scales
    /// In the model's own unit; the step that the network was trained to take.
    public let timeStep: Double

    let block: LinesSideBySide<Rollout>

    /// Throws `SeicheError` (invalidInput) for weights of another network, and for scales or a time step that cannot be used.
    public init(network: Lorenz96Network, parameters: [Double], scales: Lorenz96Scales, timeStep: Double) throws {
        guard timeStep.isFinite, timeStep > 0 else {
            throw SeicheError(.invalidInput, "the emulator's time step is \(timeStep), but time must go forward")
        }
        if let bad = network.figures.first(where: { !$0.value.isFinite }) {
            throw SeicheError(.invalidInput, "the network's \(bad.name) is \(bad.value)", remedy: "give a finite number")
        }
        try scales.checkUsable()
        let (block, layout) = network.step(timeStep: timeStep, scales: scales)
        guard parameters.count == layout.count else {
            throw SeicheError(
                .invalidInput, "the network has \(layout.count) parameters, but \(parameters.count) were given",
                why: "the weights belong to a network of another size", remedy: "read network and weights from the same checkpoint")
        }
        if let bad = parameters.firstIndex(where: { !$0.isFinite }) {
            throw SeicheError(.invalidInput, "weight \(bad) of the network is \(parameters[bad])", why: "training diverged")
        }
        self.network = network
        self.parameters = Tensor(shape: [parameters.count], scalars: parameters)
        self.scales = scales
        self.timeStep = timeStep
        self.block = LinesSideBySide(Rollout(block, steps: 1))
    }

    /// Throws `SeicheError`: invalidInput for a state of two levels or with values that are not finite, model where the next state is not finite.
    public func step(_ state: Lorenz96State) throws -> Lorenz96State { try steps([state])[0] }

    /// A step of many states of one size in one pass, side by side, which costs less than one after the other. Throws as `step` does.
    public func steps(_ states: [Lorenz96State]) throws -> [Lorenz96State] {
        guard let sectors = states.first?.sectors else { return [] }
        for state in states { try check(state, "state") }
        guard states.allSatisfy({ $0.sectors == sectors }) else {
            throw SeicheError(.invalidInput, "the states are not all of \(sectors) sectors", remedy: "step rings of one length together")
        }
        let next = block.value(parameters, at: normalised(states)).scalars
        return try states.indices.map { k in
            var state = states[k]
            state.vector = next[k * sectors..<(k + 1) * sectors].map { scales.mean + scales.deviation * $0 }
            if let bad = state.vector.firstIndex(where: { !$0.isFinite }) {
                throw SeicheError(
                    .model, "the emulator's X at k = \(bad) is \(state.vector[bad])", why: "the forecast has blown up",
                    remedy: "train longer, or forecast fewer steps")
            }
            return state
        }
    }

    public func tangentStep(at state: Lorenz96State, applying perturbation: Lorenz96State) throws -> Lorenz96State {
        try tangentSteps(at: state, applying: [perturbation])[0]
    }

    /// All perturbations in one pass, side by side.
    public func tangentSteps(at state: Lorenz96State, applying perturbations: [Lorenz96State]) throws -> [Lorenz96State] {
        let input = try normalised(state)
        for perturbation in perturbations { try check(perturbation, "perturbation") }
        guard !perturbations.isEmpty else { return [] }
        // A step's Jacobian is the same in normalised values: S J S^-1 with S a multiple of the identity.
        let shape = [perturbations.count, 1, state.sectors]
        let states = Tensor(shape: shape, scalars: perturbations.flatMap { _ in input.scalars })
        let directions = Tensor(shape: shape, scalars: perturbations.flatMap(\.vector))
        let change = block.valueWithTangent(parameters, at: states, along: (.zero, directions)).tangent
        return perturbations.indices.map { k in
            var result = state
            result.vector = Array(change.scalars[k * state.sectors..<(k + 1) * state.sectors])
            return result
        }
    }

    public func adjointStep(at state: Lorenz96State, applying cotangent: Lorenz96State) throws -> Lorenz96State {
        let input = try normalised(state)
        try check(cotangent, "cotangent")
        let seed = Tensor(shape: input.shape, scalars: cotangent.vector)
        var result = cotangent
        result.vector = block.linearised(parameters, at: input).pullback(seed, by: .input).input.scalars
        return result
    }

    /// [1, 1, k].
    func normalised(_ state: Lorenz96State) throws -> Tensor<Double> {
        try check(state, "state")
        return normalised([state])
    }

    /// [states, 1, k] of checked states.
    private func normalised(_ states: [Lorenz96State]) -> Tensor<Double> {
        Tensor(
            shape: [states.count, 1, states[0].sectors],
            scalars: states.flatMap { $0.vector.map { ($0 - scales.mean) / scales.deviation } })
    }

    func check(_ state: Lorenz96State, _ name: String) throws {
        guard state.fastPerSector == 0, state.vector.count == state.sectors, state.sectors >= Lorenz96Network.kernel else {
            throw SeicheError(
                .invalidInput,
                "the \(name) has \(state.sectors) sectors of \(state.fastPerSector) fast variables and \(state.vector.count) values, the emulator"
                    + " one level of \(Lorenz96Network.kernel) sectors or more",
                remedy: "use states of one level")
        }
        if let bad = state.vector.firstIndex(where: { !$0.isFinite }) {
            throw SeicheError(.invalidInput, "X at k = \(bad) of the \(name) is \(state.vector[bad])")
        }
    }
}
