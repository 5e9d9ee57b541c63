import Basics
import Dynamics
import Emulators
import Tensors

/// One simulation in memory: its grid and its states in single precision.
public struct TrainingSimulation: Sendable {
    public let geometry: NetworkGeometry<Float>
    /// [time, 3, y, x]: zeta, u, v, divided by their scales.
    private let values: [Float]
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

    /// States one after the other as channels: [1, 3 * times.count, y, x].
    public func states(_ times: Range<Int>) -> Tensor<Float> {
        let mask = geometry.stateMask
        let shape = [1, 3 * times.count, mask.shape[2], mask.shape[3]]
        return Tensor(shape: shape, scalars: Array(values[times.lowerBound * mask.count..<times.upperBound * mask.count]))
    }
}
