/// Where rectified units start: biases at `offset`, weights normal with variance `gain` / fan-in.
public struct RectifiedStart: Equatable, Sendable {
    public let offset: Double
    public let gain: Double

    /// Half of the units are off at any time, and what passes keeps its mean square (He et al. 2015).
    public static let he = RectifiedStart(offset: 0, gain: 2)

    /// Hardly any unit is off: a net of such units starts nearly linear, and learns where to bend.
    ///
    /// For maps that are themselves nearly linear, as one step of a wave is. Of input with mean square 1 the units start about 2 with standard
    /// deviation 1 / sqrt(5) in the first layer; later ones see the mean square 1 + 2^2, of which the gain 1 / 5 makes 1 again. Measured in
    /// docs/emulators.md, "How nets start".
    public static let nearlyLinear = RectifiedStart(offset: 2, gain: 0.2)
}
