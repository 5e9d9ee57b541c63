import Basics
import Configuration
import Dynamics
import Emulators
import ReferenceModels

/// Trajectories of the two-level model at the one-level model's steps, and what the one-level tendency lacks there.
struct SubgridData: Sendable {
    /// Slow variables alone: [trajectory][time].
    let states: [[Lorenz96State]]
    /// The two-level tendency of the slow variables less the one-level tendency at them.
    let lacking: [[Lorenz96State]]

    /// - Parameter purpose: keeps the initial states of training, validation and forecasts apart.
    init(
        _ truth: Lorenz96Model, stepsBetween: Int, spinUpSteps: Int, trajectories: Int, states count: Int, seed: UInt64, purpose: Int,
        _ line: SharedProgress
    ) throws {
        let oneLevel = try truth.oneLevel(timeStep: truth.timeStep)
        let found = Slots<([Lorenz96State], [Lorenz96State])>(trajectories)
        try concurrentForEach(trajectories) { index in
            var state = truth.initialState(seed: seed, index: purpose * 1_000_000 + index, perturbation: 1)
            state = try truth.advance(state, steps: spinUpSteps)
            var (states, lacking): ([Lorenz96State], [Lorenz96State]) = ([], [])
            for time in 0..<count {
                if Interruption.isRequested { throw SeicheError(.interrupted, "stopped; nothing was written") }
                if time > 0 { state = try truth.advance(state, steps: stepsBetween) }
                let slow = Lorenz96State(x: state.x)
                let (full, known) = (try truth.tendency(at: state).x, try oneLevel.tendency(at: slow).x)
                states.append(slow)
                lacking.append(Lorenz96State(x: zip(full, known).map { $0 - $1 }))
            }
            found.set(index, (states, lacking))
            line.add(1)
        }
        (states, lacking) = (found.values.map(\.0), found.values.map(\.1))
    }
}
