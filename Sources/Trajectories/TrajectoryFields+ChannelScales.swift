import Basics
import Dynamics

extension [TrajectoryFields] {
    /// RMS of each channel over all states of all simulations; dry cells and closed faces do not count. The sums of one simulation are added
    /// to the next one's in their order, whatever the number of threads.
    public func channelScales() throws -> ChannelScales {
        let sums = Slots<[MeanSquare]>(count)
        try concurrentForEach(count) { sums.set($0, MeanSquare.channels(of: self[$0])) }
        var total = [MeanSquare](repeating: MeanSquare(), count: 4)
        for simulation in sums.values {
            for (channel, part) in simulation.enumerated() { total[channel].add(part) }
        }
        return ChannelScales(zeta: total[0].root, u: total[1].root, v: total[2].root, depth: total[3].root)
    }
}

/// A mean of squares that grows.
private struct MeanSquare {
    private var sum = 0.0
    private var count = 0

    /// Of zeta, u, v and the depth.
    static func channels(of fields: TrajectoryFields) -> [MeanSquare] {
        let (grid, cells) = (fields.grid, fields.grid.cellCount)
        let isActive = [grid.wet, grid.openEast, grid.openNorth]
        var sums = [MeanSquare](repeating: MeanSquare(), count: 4)
        for field in 0..<fields.values.count / cells {
            sums[field % 3].add(fields.values[field * cells..<(field + 1) * cells], where: isActive[field % 3])
        }
        sums[3].add(grid.depth[...], where: grid.wet)
        return sums
    }

    mutating func add(_ values: ArraySlice<some BinaryFloatingPoint>, where isActive: [Bool]) {
        for (value, counts) in zip(values, isActive) where counts {
            sum += Double(value) * Double(value)
            count += 1
        }
    }

    mutating func add(_ other: MeanSquare) {
        sum += other.sum
        count += other.count
    }

    var root: Double { count == 0 ? 0 : (sum / Double(count)).squareRoot() }
}
