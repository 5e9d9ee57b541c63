import Basics
import Dynamics
import Emulators
import Tensors

/// One simulation in memory: its grid and its states in single precision.
public struct TrainingSimulation: Sendable {
    public let geometry: NetworkGeometry<Float>
    /// [time, 3, y, x]: zeta, u, v in SI units, as they were given: training sets are large, so no second copy is made.
    private let values: [Float]
    /// [3, y, x]: what the values are multiplied by, one over the scale, zero where there is no water.
    private let factors: [Float]
    /// States.
    public let count: Int

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
        self.values = values
        factors = zip(geometry.stateMask.scalars, scales.state.flatMap { Array(repeating: Float(1 / $0), count: grid.cellCount) }).map(*)
    }

    /// Throws where the network cannot serve the simulation's grid.
    func checkFits(_ network: some EmulatorNetwork) throws {
        let shape = geometry.wet.shape
        try network.check(ny: shape[2], nx: shape[3])
    }

    /// States one after the other as channels, divided by their scales: [1, 3 * times.count, y, x].
    public func states(_ times: Range<Int>) -> Tensor<Float> {
        let wet = geometry.wet.shape
        let size = factors.count
        let scaled = [Float](unsafeUninitializedCapacity: size * times.count) { scaled, initialised in
            for (position, time) in times.enumerated() {
                for k in 0..<size { scaled[position * size + k] = values[time * size + k] * factors[k] }
            }
            initialised = size * times.count
        }
        return Tensor(shape: [1, 3 * times.count, wet[2], wet[3]], scalars: scaled)
    }
}
