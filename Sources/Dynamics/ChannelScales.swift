import Basics

/// What each channel is divided by before a network sees it: the root mean square over a data set's wet cells and open faces.
public struct ChannelScales: Equatable, Sendable {
    /// m
    public var zeta: Double
    /// m/s
    public var u: Double
    public var v: Double
    /// m
    public var depth: Double

    public init(zeta: Double, u: Double, v: Double, depth: Double) {
        self.zeta = zeta
        self.u = u
        self.v = v
        self.depth = depth
    }

    /// zeta, u, v: the channels of a state.
    public var state: [Double] { [zeta, u, v] }

    /// Throws unless every scale can be divided by.
    public func checkUsable() throws {
        for (name, value) in [("zeta", zeta), ("u", u), ("v", v), ("depth", depth)] where !(value.isFinite && value > 0) {
            throw SeicheError(
                .invalidInput, "the scale of \(name) is \(value), but channels are divided by it",
                why: "the training trajectories may be at rest, or empty",
                remedy: "look at the training files; start them from an elevation that is not flat")
        }
    }
}
