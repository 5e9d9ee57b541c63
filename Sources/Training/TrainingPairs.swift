import Basics
import Dynamics
import Emulators
import Tensors

/// One simulation in memory: its grid and its states in single precision.
public struct TrainingSimulation: Sendable {
    public let geometry: NetworkGeometry<Float>
    /// [time][3 * ny * nx]: zeta, u, v, divided by their scales.
    let states: [[Float]]

    /// - Parameters:
    ///   - states: in SI units, zeta, u, v one after the other, one array per time.
    public init(grid: ShallowWaterGrid, states: [[Float]], scales: ChannelScales) {
        geometry = NetworkGeometry(grid, depthScale: scales.depth)
        let cells = grid.cellCount
        let factors = scales.state.map { Float(1 / $0) }
        let mask = geometry.stateMask.scalars
        self.states = states.map { state in
            [Float](unsafeUninitializedCapacity: 3 * cells) { buffer, count in
                for k in 0..<3 * cells { buffer[k] = mask[k] == 0 ? 0 : state[k] * factors[k / cells] }
                count = 3 * cells
            }
        }
    }

    var pairCount: Int { max(0, states.count - 1) }
}

/// Consecutive states (x(t), x(t + dt)) of many simulations, numbered through.
public struct TrainingPairs: Sendable {
    public struct Pair: Sendable {
        /// Normalised states, [1, 3, y, x].
        public let input: Tensor<Float>
        public let target: Tensor<Float>
        public let geometry: NetworkGeometry<Float>
    }

    let simulations: [TrainingSimulation]
    private let offsets: [Int]

    public init(_ simulations: [TrainingSimulation]) throws {
        self.simulations = simulations
        var offsets = [0]
        for simulation in simulations { offsets.append(offsets[offsets.count - 1] + simulation.pairCount) }
        self.offsets = offsets
        guard count > 0 else {
            throw SeicheError(
                .invalidInput, "the trajectories hold no pair of consecutive states",
                remedy: "generate at least one simulation of two or more steps")
        }
    }

    public var count: Int { offsets[offsets.count - 1] }

    public subscript(index: Int) -> Pair {
        // The last simulation whose first pair is not after `index`.
        let s = offsets.lastIndex { $0 <= index && index < count } ?? 0
        let simulation = simulations[min(s, simulations.count - 1)]
        let time = index - offsets[min(s, simulations.count - 1)]
        let shape = simulation.geometry.stateMask.shape
        return Pair(
            input: Tensor(shape: shape, scalars: simulation.states[time]),
            target: Tensor(shape: shape, scalars: simulation.states[time + 1]), geometry: simulation.geometry)
    }

    /// The pairs of batch `step`: every epoch visits all pairs once in an order drawn from `seed` and the epoch alone,
    /// so that a resumed training sees what an uninterrupted one would have seen.
    public func batch(step: Int, size: Int, seed: UInt64) -> [Int] {
        var result: [Int] = []
        var order: (epoch: Int, indices: [Int])?
        for k in step * size..<(step + 1) * size {
            let epoch = k / count
            if order?.epoch != epoch {
                var stream = RandomStream(seed: seed, purpose: "batch order", index: epoch)
                order = (epoch, Array(0..<count).shuffled(using: &stream))
            }
            if let order { result.append(order.indices[k % count]) }
        }
        return result
    }
}
