import Basics
import Dynamics

/// Everything a trajectory file holds besides the fields: enough to rebuild the grid and the model that made it.
public struct TrajectoryHeader: SimulationDescription {
    /// How zeta, u and v are stored. Depth, coordinates and parameters are always double, so that the grid comes back exactly.
    public enum Precision: String, Sendable {
        case float, double
    }

    /// What times count from.
    public static let timeUnits = "seconds since 2000-01-01 00:00:00"

    public var grid: ShallowWaterGrid
    /// Time between two states in the file, in s.
    public var timeStep: Double
    /// Time of the first state, in s since 2000-01-01 00:00:00.
    public var startTime: Double
    public var precision: Precision
    /// The model's parameters by name (`gravity`, `implicitness`, ...), in SI units; each becomes a numeric global attribute.
    public var parameters: [String: Double]
    /// The seed of the experiment, when chance had a part; below 2^63.
    public var seed: UInt64?
    /// Which simulation of the data set this is.
    public var index: Int?
    /// Texts for the reader of the file, as global attributes; an empty one is left out.
    public var texts: Texts

    /// CF's descriptive attributes and three of our own (`experiment`, `command`, `version`). Without a date in `history` and without
    /// a command, which may be typed in many ways, the same simulation gives the same bytes.
    public struct Texts: Equatable, Sendable {
        public var title = ""
        /// The model that made the data, with its version.
        public var source = ""
        public var history = ""
        public var references = ""
        public var comment = ""
        /// The keys of the experiment that decide what is in the file, as YAML.
        public var experiment = ""
        /// The command line that made this file.
        public var command = ""
        public var version = ""

        public init(
            title: String = "", source: String = "", history: String = "", references: String = "", comment: String = "",
            experiment: String = "", command: String = "", version: String = ""
        ) {
            self.title = title
            self.source = source
            self.history = history
            self.references = references
            self.comment = comment
            self.experiment = experiment
            self.command = command
            self.version = version
        }

        static let attributes: [(name: String, field: WritableKeyPath<Texts, String> & Sendable)] = [
            ("title", \.title), ("source", \.source), ("history", \.history), ("references", \.references), ("comment", \.comment),
            ("experiment", \.experiment), ("command", \.command), ("version", \.version),
        ]
    }

    public init(
        grid: ShallowWaterGrid, timeStep: Double, startTime: Double = 0, precision: Precision = .float, parameters: [String: Double] = [:],
        seed: UInt64? = nil, index: Int? = nil, texts: Texts = Texts()
    ) {
        self.grid = grid
        self.timeStep = timeStep
        self.startTime = startTime
        self.precision = precision
        self.parameters = parameters
        self.seed = seed
        self.index = index
        self.texts = texts
    }

    /// What keeps `other` from being the same simulation, in words; nil when grid, times, precision, parameters, seed and index agree.
    /// Texts may differ.
    public func difference(from other: TrajectoryHeader) -> String? {
        if grid != other.grid { return "the grid differs" }
        return commonDifference(from: other)
    }

    public static let timeUnit = " s"
}
