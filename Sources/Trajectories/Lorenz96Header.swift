import Basics
import Dynamics
import NetCDF

/// Everything that the file of a Lorenz '96 trajectory holds besides its states. All is dimensionless.
public struct Lorenz96Header: SimulationDescription {
    /// Number of slow variables, K.
    public var sectors: Int
    /// Number of fast variables to each slow one, J; 0 for one level.
    public var fastPerSector: Int
    public var timeStep: Double
    public var startTime: Double
    public var precision: TrajectoryHeader.Precision
    /// The model's coefficients by name: `forcing`, and with two levels `coupling`, `time_scale_ratio`, `amplitude_ratio`.
    public var parameters: [String: Double]
    public var seed: UInt64?
    public var index: Int?
    public var texts: TrajectoryHeader.Texts

    public static let timeUnit = ""

    public init(
        sectors: Int, fastPerSector: Int = 0, timeStep: Double, startTime: Double = 0, precision: TrajectoryHeader.Precision = .float,
        parameters: [String: Double] = [:], seed: UInt64? = nil, index: Int? = nil, texts: TrajectoryHeader.Texts = .init()
    ) {
        self.sectors = sectors
        self.fastPerSector = fastPerSector
        self.timeStep = timeStep
        self.startTime = startTime
        self.precision = precision
        self.parameters = parameters
        self.seed = seed
        self.index = index
        self.texts = texts
    }

    /// States that a chunk holds and that are written at once: 256, or as many as make a million values.
    public var statesPerChunk: Int { max(1, min(256, 1_000_000 / max(1, sectors * (1 + fastPerSector)))) }

    /// What keeps `other` from being the same simulation, in words; nil when all but the texts agree.
    public func difference(from other: Lorenz96Header) -> String? {
        if (sectors, fastPerSector) != (other.sectors, other.fastPerSector) {
            return "it has \(sectors) slow variables with \(fastPerSector) fast ones each, not \(other.sectors) with \(other.fastPerSector)"
        }
        return commonDifference(from: other)
    }
}

/// Names and descriptions of what the file of a Lorenz '96 trajectory holds; the one place where writer and reader agree.
enum Lorenz96Layout {
    /// Not "time": CF keeps that name and its units for times that a calendar knows.
    static let time = "model_time"
    static let sector = "k"
    static let fast = "j"
    static let slowField = "X"
    static let fastField = "Y"

    /// The fields of a header's trajectories: name, dimensions after time, their lengths, and where they begin in a state's vector.
    static func fields(of header: Lorenz96Header) -> [(name: String, longName: String, dimensions: [String], lengths: [Int], offset: Int)] {
        let slow = (slowField, "slow variables X_k", [sector], [header.sectors], 0)
        guard header.fastPerSector > 0 else { return [slow] }
        return [
            slow,
            (
                fastField, "fast variables Y_(j,k), one ring in which j runs fastest", [sector, fast],
                [header.sectors, header.fastPerSector], header.sectors
            ),
        ]
    }

    /// Below it, in size, lies every value: from here on it is the library's mark for what was never written, or not finite.
    static let limit = Double(Float.netCDF.defaultFill)
}
