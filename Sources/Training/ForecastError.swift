import Basics
import Emulators
import Layers
import Tensors

/// Mean over forecasts and their steps of the normalised root mean square error: of zeta, u and v over wet cells and open faces, each divided
/// by its scale, the three channels weighted alike. In single precision; a forecast that fails makes it infinite.
public struct ForecastError<Network: EmulatorNetwork>: ValidationMeasure {
    private let network: Network
    private let implicit: LinearImplicit
    /// Windows of `steps` steps, and those that are forecast.
    private let windows: TrainingWindows
    private let starts: [Int]

    /// - Parameters:
    ///   - steps: of each forecast.
    ///   - starts: forecasts of each simulation, spread evenly over where they fit in.
    /// - Throws: `SeicheError(.invalidInput)` where no simulation is that long.
    public init(network: Network, simulations: TrainingWindows, steps: Int, starts: Int, implicit: LinearImplicit) throws {
        self.network = network
        self.implicit = implicit
        windows = try simulations.ofLength(steps)
        var offset = 0
        var chosen: [Int] = []
        for simulation in windows.simulations {
            let room = max(0, simulation.count - steps)
            let looks = min(starts, room)
            chosen += (0..<looks).map { offset + $0 * room / looks }
            offset += room
        }
        self.starts = chosen
    }

    public func error(_ parameters: [Double]) throws -> Double {
        let weights = Tensor(shape: [parameters.count], scalars: parameters.map { Float($0) })
        let partial = Slots<Double>(starts.count)
        try concurrentForEach(starts.count) { k in
            let window = windows[starts[k]]
            let mask = window.geometry.stateMask
            var state = window.input
            var sum = 0.0
            for step in 0..<windows.steps {
                state = network.next(state, Weights(weights), geometry: window.geometry, implicit: implicit)
                let error = state - window.target.channels(3 * step..<3 * step + 3)
                var square = 0.0
                for channel in 0..<3 {
                    let (values, part) = (error.channels(channel..<channel + 1), mask.channels(channel..<channel + 1))
                    square += (values * part).squaredNorm / part.total / 3
                }
                sum += square.squareRoot()
                if !sum.isFinite { break }
            }
            partial.set(k, sum / Double(windows.steps))
        }
        let mean = partial.values.reduce(0, +) / Double(starts.count)
        return implicit.monitor.drain().failure == nil && mean.isFinite ? mean : .infinity
    }
}
