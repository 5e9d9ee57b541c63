extension Experiment {
    /// Twin experiments of parameter estimation (docs/tuning.md): the truth is the model of the experiment, whose parameters are to be found again.
    public struct Tuning: ConfigurationSection, Equatable {
        public var seed: UInt64 = 1
        /// Each with a truth, observations and first guess of its own state, from seed on.
        public var repetitions = 1
        /// Where the files go.
        public var directory = "data/tuning"
        public var runs = [Run(name: "run")]

        public init() {}

        public mutating func exchange(with node: ConfigurationNode) throws {
            try node.value("seed", &seed)
            try node.value("repetitions", &repetitions, .within(1...10_000))
            try node.value("directory", &directory, .notEmpty)
            try node.namedSections("runs", &runs)
        }

        /// A parameter that is to be found.
        public struct Parameter: ConfigurationSection, Equatable {
            /// As the model calls it.
            public var name: String
            /// What it is taken to be before, and the standard deviation of that, in its unit.
            public var guess = 1.0
            public var deviation = 1.0

            public init(name: String) { self.name = name }

            public mutating func exchange(with node: ConfigurationNode) throws {
                try node.value("name", &name, .notEmpty, required: true)
                try node.value("guess", &guess, required: true)
                try node.value("deviation", &deviation, .positive, required: true)
            }
        }

        /// One way to observe, and what is estimated from it.
        public struct Run: NamedSection, Equatable {
            public var name: String
            public var parameters: [Parameter] = []
            /// What is estimated with: `reference`, the truth's own, or for Lorenz '96 a trained emulator, as a run in training.directory or the path
            /// of a checkpoint.
            public var model = reference
            public static let reference = "reference"
            /// Model steps from one observation time to the next.
            public var interval = 1
            /// Observation times of a window.
            public var times = 4
            public var windows = 1
            /// Share of the variables of a ring, or of the wet cells' elevations, that is observed; which, is drawn once for each repetition.
            public var observed = 1.0
            /// Standard deviation of the observations' errors; of elevations in m.
            public var observationError = 1.0
            /// Standard deviation of the errors of the state at the beginning of windows, of elevations in m; 0 where it is known.
            public var stateDeviation = 0.0
            /// Their correlation length (Daley's), in points of the ring or in m; 0 for none.
            public var correlationLength = 0.0
            /// What the initial elevation is multiplied by; for the shallow-water model.
            public var elevationFactor = 1.0
            /// Outer loops of Gauss-Newton at most.
            public var iterations = 20
            /// Of the gradient, relative to that at the first guess.
            public var tolerance = 1.0e-5

            public init(name: String) { self.name = name }

            public var usesEmulator: Bool { model != Self.reference }

            public mutating func exchange(with node: ConfigurationNode) throws {
                try node.value("name", &name, .fileName, required: true)
                try node.sections("parameters", &parameters, initially: Parameter(name: ""))
                guard Set(parameters.map(\.name)).count == parameters.count else {
                    throw node.problem(with: "parameters", "names the same twice", remedy: "name each once")
                }
                try node.option("model", &model, default: Self.reference, .notEmpty)
                try node.value("interval", &interval, .within(1...1_000_000))
                try node.value("times", &times, .within(1...100_000))
                try node.value("windows", &windows, .within(1...1_000_000))
                try node.value("observed", &observed, Constraint("above 0 and up to 1") { $0 > 0 && $0 <= 1 })
                try node.value("observation_error", &observationError, .positive)
                try node.value("state_deviation", &stateDeviation, .atLeast(0))
                try node.value("correlation_length", &correlationLength, .atLeast(0))
                try node.option("elevation_factor", &elevationFactor, default: 1, .positive)
                try node.value("iterations", &iterations, .within(1...100_000))
                try node.value("tolerance", &tolerance, .positive(below: 1))
            }
        }
    }
}
