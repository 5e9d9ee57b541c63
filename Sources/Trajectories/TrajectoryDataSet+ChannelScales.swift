import Basics
import Dynamics

extension TrajectoryDataSet {
    /// RMS of each channel over all states of all trajectories; dry cells and closed faces do not count. Reads every file once, a state at a time.
    public func channelScales() throws -> ChannelScales {
        var channels = [MeanSquare](repeating: MeanSquare(), count: 3)
        var depth = MeanSquare()
        for index in 0..<count {
            let trajectory = try trajectory(index)
            let cells = trajectory.grid.cellCount
            depth.add(trajectory.grid.depth[...], where: trajectory.fields[0].isActive)
            for time in 0..<trajectory.count {
                let values = try trajectory.doubles(time..<time + 1)
                for channel in 0..<3 {
                    channels[channel].add(values[channel * cells..<(channel + 1) * cells], where: trajectory.fields[channel].isActive)
                }
            }
        }
        return ChannelScales(zeta: channels[0].root, u: channels[1].root, v: channels[2].root, depth: depth.root)
    }
}

/// A mean of squares that grows.
private struct MeanSquare {
    private var sum = 0.0
    private var count = 0

    mutating func add(_ values: ArraySlice<Double>, where isActive: [Bool]) {
        for (value, counts) in zip(values, isActive) where counts {
            sum += value * value
            count += 1
        }
    }

    var root: Double { count == 0 ? 0 : (sum / Double(count)).squareRoot() }
}
