import Basics
import Emulators
import Tensors

/// All runs of m + 1 consecutive states x(t), x(t + dt), ... x(t + m dt) within many simulations, numbered through; pairs for m = 1.
public struct TrainingWindows: Sendable {
    public struct Window: Sendable {
        /// The normalised first state, [1, 3, y, x].
        public let input: Tensor<Float>
        /// The m states after it, one after the other as channels: [1, 3 m, y, x].
        public let target: Tensor<Float>
        public let geometry: NetworkGeometry<Float>
    }

    public let simulations: [TrainingSimulation]
    /// m
    public let steps: Int
    private let offsets: [Int]

    /// - Parameter steps: m, at least 1.
    public init(_ simulations: [TrainingSimulation], steps: Int = 1) throws {
        self.simulations = simulations
        self.steps = steps
        var offsets = [0]
        for simulation in simulations { offsets.append(offsets[offsets.count - 1] + max(0, simulation.count - steps)) }
        self.offsets = offsets
        guard steps >= 1, count > 0 else {
            throw SeicheError(
                .invalidInput, "the trajectories hold no \(steps + 1) consecutive states, as forecasts of \(steps) step(s) need",
                why: "the longest of them has \(simulations.map(\.count).max() ?? 0)",
                remedy: "generate a simulation of \(max(1, steps)) or more steps, or forecast fewer")
        }
    }

    /// Of the same simulations, windows of another length.
    public func ofLength(_ steps: Int) throws -> TrainingWindows { try TrainingWindows(simulations, steps: steps) }

    public var count: Int { offsets[offsets.count - 1] }

    /// Where a window's first state is: the position of its simulation, and its number there.
    public func place(_ index: Int) -> (simulation: Int, time: Int) {
        precondition(index >= 0 && index < count, "window \(index) of \(count)")
        // The last simulation whose first window is not after `index`; the final offset is `count` itself.
        let position = offsets.lastIndex { $0 <= index } ?? 0
        return (position, index - offsets[position])
    }

    public subscript(index: Int) -> Window {
        let (position, time) = place(index)
        let simulation = simulations[position]
        return Window(
            input: simulation.states(time..<time + 1), target: simulation.states(time + 1..<time + 1 + steps), geometry: simulation.geometry)
    }
}
