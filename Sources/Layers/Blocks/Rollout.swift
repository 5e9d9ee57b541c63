/// The states after 1, 2, ... steps of a block that takes a state to the next, as one field: [batch, channels, ...] becomes
/// [batch, steps * channels, ...], the first step's channels first.
public struct Rollout: Block {
    public let step: any Block
    public let steps: Int

    public init(_ step: any Block, steps: Int) {
        precondition(steps > 0, "a rollout of \(steps) steps")
        self.step = step
        self.steps = steps
    }

    public func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        x.rolledOut(steps: steps) { step($0, weights) }
    }
}

extension FieldAlgebra {
    /// The states after 1, 2, ... steps from this one, as one field: the first step's channels first.
    ///
    /// - Parameter steps: at least 1.
    public func rolledOut(steps: Int, by step: (Self) -> Self) -> Self {
        var state = step(self)
        var states = state
        for _ in 1..<steps {
            state = step(state)
            states = states.concatenated(with: state)
        }
        return states
    }
}
