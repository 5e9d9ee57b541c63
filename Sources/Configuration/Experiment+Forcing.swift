extension Experiment.Model {
    /// Wind stress on the water.
    public enum Wind: ConfigurationSection, Equatable {
        /// N/m2, everywhere and always.
        case constant(x: Double, y: Double)
        /// A NetCDF file with `time`, `tau_x` and `tau_y` (docs/scheme.md).
        case file(String)

        public mutating func exchange(with node: ConfigurationNode) throws {
            var (x, y, file): (Double?, Double?, String?)
            if node.isWriting {
                switch self {
                case .constant(let givenX, let givenY): (x, y) = (givenX, givenY)
                case .file(let path): file = path
                }
            }
            try node.optional("x", &x)
            try node.optional("y", &y)
            try node.optional("file", &file, .notEmpty)
            switch (file, x ?? y) {
            case (.some, .some):
                throw node.problem(with: "file", "and a constant wind are both given", remedy: "remove model.wind.x and y, or the file")
            case (let path?, nil): self = .file(path)
            case (nil, .some): self = .constant(x: x ?? 0, y: y ?? 0)
            case (nil, nil):
                throw node.problem(
                    with: "x", "is missing, and so is model.wind.file",
                    remedy: "give x and y in N/m2, for example {x: 0.1, y: 0.0}, or file: wind.nc")
            }
        }
    }

    /// Cells whose elevation is given.
    public enum OpenBoundary: ConfigurationSection, Equatable {
        /// The wet cells of whole edges of the grid, with the same tides in all of them.
        case edges([Edge], constituents: [Constituent])
        /// A NetCDF file with cells, and tides or elevations (docs/scheme.md).
        case file(String)

        public enum Edge: String, ConfigurationChoice { case north, east, south, west }

        public mutating func exchange(with node: ConfigurationNode) throws {
            var (edges, constituents, file): ([Edge], [Constituent], String?) = ([], [], nil)
            if node.isWriting {
                switch self {
                case .edges(let givenEdges, let tides): (edges, constituents) = (givenEdges, tides)
                case .file(let path): file = path
                }
            }
            try node.optionalList("edges", &edges)
            try node.sections("constituents", &constituents, initially: Constituent())
            try node.optional("file", &file, .notEmpty)
            if let file {
                guard edges.isEmpty, constituents.isEmpty else {
                    throw node.problem(with: "file", "and edges or constituents are both given", remedy: "remove the others, or the file")
                }
                self = .file(file)
                return
            }
            guard !edges.isEmpty, !constituents.isEmpty else {
                throw node.problem(
                    with: edges.isEmpty ? "edges" : "constituents", "is missing, and there is no model.open_boundary.file",
                    remedy: "give edges like [north, west] and constituents like [{name: M2, amplitude: 0.5}], or file: boundary.nc")
            }
            self = .edges(edges, constituents: constituents)
        }
    }

    /// A tide: amplitude * cos(frequency * t - phase), t in s since 2000-01-01 00:00:00.
    public struct Constituent: ConfigurationSection, Equatable {
        /// The frequency under one of three keys.
        public enum Frequency: Equatable, Sendable {
            case name(Name)
            /// s
            case period(Double)
            /// rad/s
            case frequency(Double)
        }

        /// The largest semidiurnal and diurnal tides.
        public enum Name: String, ConfigurationChoice {
            case m2 = "M2"
            case s2 = "S2"
            case n2 = "N2"
            case k1 = "K1"
            case o1 = "O1"

            /// Degrees an hour: Schureman (1958), Manual of Harmonic Analysis and Prediction of Tides, US Coast and Geodetic Survey
            /// Special Publication 98, table 2.
            var speed: Double {
                switch self {
                case .m2: 28.984_104_2
                case .s2: 30
                case .n2: 28.439_729_5
                case .k1: 15.041_068_6
                case .o1: 13.943_035_6
                }
            }
        }

        public var frequency = Frequency.name(.m2)
        /// m
        public var amplitude = 0.0
        /// rad
        public var phase = 0.0

        public init() {}

        public init(_ frequency: Frequency, amplitude: Double, phase: Double = 0) {
            (self.frequency, self.amplitude, self.phase) = (frequency, amplitude, phase)
        }

        /// rad/s
        public var radiansPerSecond: Double {
            switch frequency {
            case .name(let name): name.speed * Double.pi / 180 / 3600
            case .period(let period): 2 * Double.pi / period
            case .frequency(let frequency): frequency
            }
        }

        public mutating func exchange(with node: ConfigurationNode) throws {
            var (name, period, rate): (Name?, Double?, Double?)
            if node.isWriting {
                switch frequency {
                case .name(let given): name = given
                case .period(let given): period = given
                case .frequency(let given): rate = given
                }
            }
            try node.optional("name", &name)
            try node.optional("period", &period, .positive)
            try node.optional("frequency", &rate, .atLeast(0))
            let given: [Frequency] = [name.map { .name($0) }, period.map { .period($0) }, rate.map { .frequency($0) }].compactMap(\.self)
            guard given.count == 1 else {
                throw node.problem(
                    with: name == nil ? "name" : period == nil ? "frequency" : "period",
                    given.isEmpty ? "is missing: no frequency is given" : "is given beside another frequency",
                    remedy: "give one of name (\(Name.expectation)), period in s and frequency in rad/s")
            }
            frequency = given[0]
            try node.value("amplitude", &amplitude, .atLeast(0), required: true)
            try node.value("phase", &phase)
        }
    }
}
