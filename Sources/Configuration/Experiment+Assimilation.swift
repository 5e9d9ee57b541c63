extension Experiment {
    /// Twin experiments of data assimilation with Lorenz '96 (docs/assimilation.md): slow variables are observed and estimated, by models of one level.
    public struct Assimilation: ConfigurationSection, Equatable {
        public var seed: UInt64 = 1
        /// Of the models that forecast, a multiple of `model.time_step`, which it is where nil.
        public var timeStep: Double?
        /// Cycles that are judged, and those before, in which the first background's error is forgotten.
        public var cycles = 1000
        public var spinUpCycles = 100
        /// Standard deviation of the observations' errors.
        public var observationError = 1.0
        public var network = Network()
        /// Where the files go.
        public var directory = "data/assimilation"
        /// Whether each run's observations are written too.
        public var writesObservations = false
        public var runs = [Run(name: "fourdvar")]

        public init() {}

        public mutating func exchange(with node: ConfigurationNode) throws {
            try node.value("seed", &seed)
            try node.optional("time_step", &timeStep, .positive(below: 1e3))
            try node.value("cycles", &cycles, .within(10...10_000_000))
            try node.value("spin_up_cycles", &spinUpCycles, .within(0...10_000_000))
            try node.value("observation_error", &observationError, .positive)
            try node.section("network", &network)
            try node.value("directory", &directory, .notEmpty)
            try node.option("write_observations", &writesObservations, default: false)
            try node.namedSections("runs", &runs)
        }

        /// Which points of the ring are observed.
        public struct Network: ConfigurationSection, Equatable {
            /// Every so many-th point, 1 for all.
            public var every = 1
            /// Whether the observed points move on by one from each observation time to the next.
            public var rotating = false

            public init() {}

            public mutating func exchange(with node: ConfigurationNode) throws {
                try node.value("every", &every, .within(1...100_000))
                try node.value("rotating", &rotating)
            }
        }

        /// One method with one background covariance.
        public struct Run: NamedSection, Equatable {
            public var name: String
            public var scheme = AnalysisScheme()
            /// Model steps from one observation time to the next.
            public var interval = 1
            /// Observation times of a window.
            public var window = 4
            /// Standard deviation of the background's errors in every point.
            public var backgroundDeviation = 0.5
            /// Their correlation length in points (Daley's); 0 for none.
            public var correlationLength = 0.0
            /// Standard deviation of the model's errors in every step, for weak constraint; 0 for strong constraint.
            public var modelErrorDeviation = 0.0

            public init(name: String) { self.name = name }

            public mutating func exchange(with node: ConfigurationNode) throws {
                try node.value("name", &name, .fileName, required: name.isEmpty)
                try scheme.exchange(with: node)
                try node.value("interval", &interval, .within(1...1_000_000))
                try node.value("window", &window, .within(1...100_000))
                if scheme.method == .freeRun {
                    node.notApplicable("background_deviation", "correlation_length", unless: "observations are looked at")
                } else {
                    try node.value("background_deviation", &backgroundDeviation, .positive)
                    try node.value("correlation_length", &correlationLength, .atLeast(0))
                }
                guard scheme.method == .fourDVar else { return node.notApplicable("model_error_deviation", unless: "the method is 4dvar") }
                try node.option("model_error_deviation", &modelErrorDeviation, default: 0, .atLeast(0))
            }
        }
    }
}
