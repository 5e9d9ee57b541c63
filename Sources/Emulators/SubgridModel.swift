import Basics
import Dynamics
import Layers
import Tensors

/// The one-level Lorenz '96 model with a term for fast variables that it does not have.
public struct SubgridModel: DynamicalModel {
    public let term: SubgridTerm
    /// F
    public let forcing: Double
    /// Of the term, in the order of its layout.
    public let parameters: Tensor<Double>
    public let scales: Lorenz96Scales
    public let timeStep: Double
    private let block: LinesSideBySide<Rollout>

    /// Throws `SeicheError` (invalidInput) for weights of another term, and for numbers that cannot be used.
    public init(term: SubgridTerm, forcing: Double, parameters: [Double], scales: Lorenz96Scales, timeStep: Double) throws {
        try scales.checkUsable()
        guard timeStep > 0, timeStep.isFinite, forcing.isFinite else {
            throw SeicheError(
                .invalidInput, "the time step is \(timeStep) and the forcing \(forcing)", remedy: "give finite numbers, the step above 0")
        }
        let (block, layout) = term.step(forcing: forcing, scales: scales, timeStep: timeStep)
        guard parameters.count == layout.count else {
            throw SeicheError(.invalidInput, "the term has \(layout.count) weights, but \(parameters.count) were given")
        }
        if let bad = parameters.firstIndex(where: { !$0.isFinite }) {
            throw SeicheError(.invalidInput, "weight \(bad) of the term is \(parameters[bad])", why: "training diverged")
        }
        (self.term, self.forcing, self.scales, self.timeStep) = (term, forcing, scales, timeStep)
        self.parameters = Tensor(shape: [parameters.count], scalars: parameters)
        self.block = LinesSideBySide(Rollout(block, steps: 1))
    }

    /// The term at some values of the slow variable, per unit of time.
    public func subgridTendency(at x: [Double]) -> [Double] {
        var layout = ParameterLayout()
        guard let block = term.block(in: &layout) else { return [Double](repeating: 0, count: x.count) }
        let input = Tensor(shape: [1, 1, x.count], scalars: x.map { ($0 - scales.mean) / scales.deviation })
        return block.value(parameters, at: input).scalars.map { scales.deviation * $0 }
    }

    public func step(_ state: Lorenz96State) throws -> Lorenz96State { try step([state])[0] }

    /// Many states side by side, which costs less than one after the other.
    ///
    /// Throws `SeicheError`: invalidInput for states of two levels or of several sizes, model where a value is not finite.
    public func step(_ states: [Lorenz96State]) throws -> [Lorenz96State] {
        guard let sectors = states.first?.sectors else { return [] }
        guard sectors >= Lorenz96Network.kernel, states.allSatisfy({ $0.vector.count == sectors && $0.fastPerSector == 0 }) else {
            throw SeicheError(.invalidInput, "the states are not all of one level of \(sectors) sectors", remedy: "give the slow variables alone")
        }
        let input = Tensor(
            shape: [states.count, 1, sectors], scalars: states.flatMap { $0.vector.map { ($0 - scales.mean) / scales.deviation } })
        let next = block.value(parameters, at: input).scalars
        return try states.indices.map { k in
            let x = next[k * sectors..<(k + 1) * sectors].map { scales.mean + scales.deviation * $0 }
            if let bad = x.firstIndex(where: { !$0.isFinite }) {
                throw SeicheError(.model, "X at k = \(bad) is \(x[bad])", why: "the forecast has blown up")
            }
            return Lorenz96State(x: x)
        }
    }
}
