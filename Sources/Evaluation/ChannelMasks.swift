import Dynamics

/// Where the values of zeta, u and v are free: wet cells, and open east and north faces.
public struct ChannelMasks: Sendable {
    /// [channel][y, x]
    public let channels: [[Bool]]
    public var wet: [Bool] { channels[0] }

    public init(_ grid: ShallowWaterGrid) { channels = [grid.wet, grid.openEast, grid.openNorth] }

    /// The places of free values in the state's vector.
    public var elements: [Int] {
        let all = channels.flatMap(\.self)
        return all.indices.filter { all[$0] }
    }

    /// Root mean squares of a - b over the free values of zeta (m), u and v (m/s).
    public func rootMeanSquares(_ a: ShallowWaterState, _ b: ShallowWaterState) -> [Double] {
        rootMeanSquares { a.vector[$0] - b.vector[$0] }
    }

    /// Root mean squares of the free values themselves.
    public func rootMeanSquares(_ state: ShallowWaterState) -> [Double] { rootMeanSquares { state.vector[$0] } }

    private func rootMeanSquares(_ value: (Int) -> Double) -> [Double] {
        channels.enumerated().map { channel, mask in
            var (sum, count) = (0.0, 0)
            for k in mask.indices where mask[k] {
                let x = value(channel * mask.count + k)
                sum += x * x
                count += 1
            }
            return (sum / Double(max(1, count))).squareRoot()
        }
    }
}

extension ChannelScales {
    /// The root of the mean of the squares of zeta's, u's and v's errors, each divided by its scale: channels weigh alike.
    public func error(of channels: [Double]) -> Double {
        (zip(channels, state).reduce(0) { $0 + ($1.0 / $1.1) * ($1.0 / $1.1) } / 3).squareRoot()
    }
}
