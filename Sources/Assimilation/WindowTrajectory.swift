import Basics
import Dynamics

/// Where the states of a window come from when its adjoint needs them, from the last to the first.
public enum TrajectoryMemory: Equatable, Sendable {
    /// All are held.
    case stored
    /// So many are held at a time, the first among them; the others are computed again, binomially (`BinomialCheckpoints`). Gradients have the same
    /// bits.
    case checkpointed(states: Int)

    /// States of a window that are held at a time.
    public func heldStates(steps: Int) -> Int {
        switch self {
        case .stored: steps + 1
        case .checkpointed(let states): min(max(1, states), steps + 1)
        }
    }

    /// Bytes of the states of a window that are held at a time.
    public func bytes(steps: Int, stateSize: Int) -> Int { heldStates(steps: steps) * stateSize * MemoryLayout<Double>.stride }

    /// Model steps of one sweep back over a window, the steps of the adjoint not counted.
    public func stepsOfReversal(steps: Int) -> Int {
        switch self {
        case .stored: steps
        case .checkpointed(let states): BinomialCheckpoints.steps(for: steps + 1, held: max(1, states))
        }
    }
}

/// The states x_0 ... x_n of a window, x_{k+1} = M(x_k) + forcing_k, to be visited in either order.
struct WindowTrajectory<Model: DynamicalModel> {
    private let model: Model
    private let firstStep: Int
    private let steps: Int
    private let initial: Model.State
    /// One for each step; empty for a perfect model.
    private let forcing: [[Double]]
    private let memory: TrajectoryMemory
    /// All states, where they are stored.
    private let stored: [Model.State]

    /// Runs the model where states are stored. Throws what the model throws.
    init(
        _ model: Model, from initial: Model.State, firstStep: Int, steps: Int, forcing: [[Double]] = [], memory: TrajectoryMemory
    ) throws {
        (self.model, self.initial, self.firstStep, self.steps, self.forcing, self.memory) = (model, initial, firstStep, steps, forcing, memory)
        var states: [Model.State] = []
        if memory == .stored {
            states.append(initial)
            for k in 0..<steps { states.append(try Self.advance(model, states[k], firstStep, k, forcing)) }
        }
        stored = states
    }

    private static func advance(
        _ model: Model, _ state: Model.State, _ firstStep: Int, _ k: Int, _ forcing: [[Double]]
    ) throws -> Model.State {
        var next = try model.step(state, number: firstStep + k)
        if !forcing.isEmpty {
            var vector = next.vector
            for element in vector.indices { vector[element] += forcing[k][element] }
            next.vector = vector
        }
        return next
    }

    func forward(_ visit: (Int, Model.State) throws -> Void) throws {
        if memory == .stored {
            for k in 0...steps { try visit(k, stored[k]) }
            return
        }
        var state = initial
        for k in 0...steps {
            try visit(k, state)
            if k < steps { state = try Self.advance(model, state, firstStep, k, forcing) }
        }
    }

    func backward(_ visit: (Int, Model.State) throws -> Void) throws {
        switch memory {
        case .stored: for k in (0...steps).reversed() { try visit(k, stored[k]) }
        case .checkpointed(let states):
            try BinomialCheckpoints(held: states).visitBackwards(
                from: initial, count: steps + 1, advance: { try Self.advance(model, $0, firstStep, $1, forcing) }, visit: visit)
        }
    }
}
