extension Experiment {
    /// Twin experiments of data assimilation with the shallow-water model (docs/assimilation.md).
    public struct SeaAssimilation: ConfigurationSection, Equatable {
        /// Of observation errors and of observed points; the simulations have theirs.
        public var seed: UInt64 = 1
        /// Twin experiments, each with a truth and a first background of its own, on one bed.
        public var cases = 4
        /// Windows of each, one after the other.
        public var cycles = 1
        /// Steps of all simulations before the first window.
        public var spinUpSteps = 96
        /// Steps from one observation time to the next.
        public var interval = 12
        /// Observation times of a window.
        public var window = 8
        /// Steps of the forecasts beyond the last window.
        public var forecastSteps = 96
        public var observations = Observations()
        public var background = Background()
        /// Where the files go.
        public var directory = "data/assimilation"
        /// Whether the observations are written too.
        public var writesObservations = false
        public var runs = [Run(name: "fourdvar")]

        public init() {}

        public mutating func exchange(with node: ConfigurationNode) throws {
            try node.value("seed", &seed)
            try node.value("cases", &cases, .within(1...10_000))
            try node.value("cycles", &cycles, .within(1...10_000))
            try node.value("spin_up_steps", &spinUpSteps, .within(0...1_000_000))
            try node.value("interval", &interval, .within(1...1_000_000))
            try node.value("window", &window, .within(1...100_000))
            try node.value("forecast_steps", &forecastSteps, .within(0...1_000_000))
            try node.section("observations", &observations)
            try node.section("background", &background)
            try node.value("directory", &directory, .notEmpty)
            try node.option("write_observations", &writesObservations, default: false)
            try node.namedSections("runs", &runs)
        }

        /// What is observed: elevations.
        public struct Observations: ConfigurationSection, Equatable {
            /// Observed points over wet cells.
            public var share = 0.05
            /// Whether each observation time has points of its own.
            public var moving = false
            /// Standard deviation of the errors, m.
            public var deviation = 0.003

            public init() {}

            public mutating func exchange(with node: ConfigurationNode) throws {
                try node.value("share", &share, Constraint("above 0, at most 1") { $0 > 0 && $0 <= 1 })
                try node.value("moving", &moving)
                try node.value("deviation", &deviation, .positive)
            }
        }

        /// Where B comes from.
        public struct Background: ConfigurationSection, Equatable {
            public enum Velocities: String, ConfigurationChoice { case potential, independent }
            public enum Places: String, ConfigurationChoice {
                case uniform
                case byDepth = "by_depth"
            }

            /// Pairs of simulations, of which B is the covariance of differences.
            public var pairs = 16
            /// How the errors of u and v go together.
            public var velocities = Velocities.potential
            /// Whether errors are alike everywhere, or as large and as long as the depth has them.
            public var places = Places.uniform

            public init() {}

            public mutating func exchange(with node: ConfigurationNode) throws {
                try node.value("pairs", &pairs, .within(1...10_000))
                try node.value("velocities", &velocities)
                try node.option("places", &places, default: .uniform)
            }
        }

        /// One method with one model.
        public struct Run: NamedSection, Equatable {
            public var name: String
            public var scheme = AnalysisScheme()
            /// Of all deviations in B.
            public var backgroundFactor = 1.0

            public init(name: String) { self.name = name }

            public mutating func exchange(with node: ConfigurationNode) throws {
                try node.value("name", &name, .fileName, required: name.isEmpty)
                try scheme.exchange(with: node, hasPrecision: true)
                guard scheme.method != .freeRun else {
                    return node.notApplicable("background_factor", unless: "observations are looked at")
                }
                try node.value("background_factor", &backgroundFactor, .positive)
            }
        }
    }
}
