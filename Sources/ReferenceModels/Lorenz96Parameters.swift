/// Sizes and coefficients of a Lorenz '96 model (see `Lorenz96Model`), dimensionless; the defaults are those of one level.
public struct Lorenz96Parameters: Equatable, Sendable {
    /// Number of slow variables, K >= 4.
    public var sectors: Int
    /// Number of fast variables to each slow one, J; 0 for one level, which uses none of the last three parameters.
    public var fastPerSector: Int
    /// F. The model is chaotic from about 5 on.
    public var forcing: Double
    /// h, strength of the coupling.
    public var coupling: Double
    /// c > 0, how much faster the fast variables are.
    public var timeScaleRatio: Double
    /// b, how much smaller the fast variables are.
    public var amplitudeRatio: Double

    public init(
        sectors: Int = 40, fastPerSector: Int = 0, forcing: Double = 8, coupling: Double = 1, timeScaleRatio: Double = 10,
        amplitudeRatio: Double = 10
    ) {
        self.sectors = sectors
        self.fastPerSector = fastPerSector
        self.forcing = forcing
        self.coupling = coupling
        self.timeScaleRatio = timeScaleRatio
        self.amplitudeRatio = amplitudeRatio
    }

    /// One level with K = 40 and F = 8, as in most of the literature (dt = 0.05 or less).
    public static let oneLevel = Lorenz96Parameters()

    /// Two levels as used by Rasp (2020): K = 36, J = 10, F = 10, h = 1, c = b = 10 (dt = 0.01 or less).
    public static let twoLevels = Lorenz96Parameters(sectors: 36, fastPerSector: 10, forcing: 10)
}
