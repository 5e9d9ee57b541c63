import Basics
import Dynamics
import Emulators
import Tensors

/// One simulation in memory: its grid and its states in single precision.
public struct TrainingSimulation: Sendable {
    public let geometry: NetworkGeometry<Float>
    /// [time, 3, y, x]: zeta, u, v, divided by their scales.
    let values: [Float]
    let count: Int

    /// - Parameters:
    ///   - values: in SI units, [time, 3, y, x] with zeta, u, v in turn.
    ///   - scales: what the channels are divided by; all positive.
    ///   - timeStep: between two states, in s.
    public init(grid: ShallowWaterGrid, values: [Float], scales: ChannelScales, timeStep: Double) throws {
        try scales.checkUsable()
        try grid.checkEdgesAreClosed()
        let (cells, size) = (grid.cellCount, 3 * grid.cellCount)
        guard values.count % size == 0 else {
            throw SeicheError(.invalidInput, "\(values.count) values are not a whole number of states of \(size) values")
        }
        geometry = NetworkGeometry(grid, scales: scales, timeStep: timeStep)
        count = values.count / size
        let mask = geometry.stateMask.scalars
        let factors = scales.state.map { Float(1 / $0) }
        self.values = [Float](unsafeUninitializedCapacity: values.count) { buffer, initialised in
            for k in 0..<values.count { buffer[k] = mask[k % size] * values[k] * factors[k % size / cells] }
            initialised = values.count
        }
    }

    /// Throws where the network cannot serve the simulation's grid.
    func checkFits(_ network: some EmulatorNetwork) throws {
        let shape = geometry.wet.shape
        try network.check(ny: shape[2], nx: shape[3])
    }

    var pairCount: Int { max(0, count - 1) }

    func state(_ time: Int) -> Tensor<Float> {
        let size = geometry.stateMask.count
        return Tensor(shape: geometry.stateMask.shape, scalars: Array(values[time * size..<(time + 1) * size]))
    }
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
        precondition(index >= 0 && index < count, "pair \(index) of \(count)")
        // The last simulation whose first pair is not after `index`; the final offset is `count` itself.
        let position = offsets.lastIndex { $0 <= index } ?? 0
        let simulation = simulations[position]
        let time = index - offsets[position]
        return Pair(input: simulation.state(time), target: simulation.state(time + 1), geometry: simulation.geometry)
    }
}
