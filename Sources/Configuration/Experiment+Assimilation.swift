extension Experiment {
    /// Twin experiments of data assimilation with the one-level Lorenz '96 model (docs/assimilation.md).
    public struct Assimilation: ConfigurationSection, Equatable {
        public var seed: UInt64 = 1
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
            try node.value("cycles", &cycles, .within(10...10_000_000))
            try node.value("spin_up_cycles", &spinUpCycles, .within(0...10_000_000))
            try node.value("observation_error", &observationError, .positive)
            try node.section("network", &network)
            try node.value("directory", &directory, .notEmpty)
            try node.option("write_observations", &writesObservations, default: false)
            try node.sections("runs", &runs, initially: Run(name: ""))
            guard Set(runs.map(\.name)).count == runs.count else {
                throw node.problem(with: "runs", "has two of one name", remedy: "give each a name of its own: it names a file")
            }
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

        public enum Method: String, ConfigurationChoice {
            case fourDVar = "4dvar"
            case threeDVar = "3dvar"
            case optimalInterpolation = "optimal_interpolation"
        }

        public enum Minimiser: String, ConfigurationChoice {
            case gaussNewton = "gauss_newton"
            case lbfgs
        }

        /// One method with one background covariance.
        public struct Run: ConfigurationSection, Equatable {
            public var name: String
            public var method = Method.fourDVar
            /// Model steps from one observation time to the next.
            public var interval = 1
            /// Observation times of a window.
            public var window = 4
            /// Standard deviation of the background's errors in every point.
            public var backgroundDeviation = 0.5
            /// Their correlation length in points (Daley's); 0 for none.
            public var correlationLength = 0.0
            public var minimiser = Minimiser.gaussNewton
            /// Outer loops of Gauss-Newton, or steps of L-BFGS, at most.
            public var iterations = 10
            /// Of the gradient, relative to that at the background.
            public var tolerance = 1.0e-3
            /// Standard deviation of the model's errors in every step, for weak constraint; 0 for strong constraint.
            public var modelErrorDeviation = 0.0
            /// States of a window that are held at a time, the others computed again; 0 for all.
            public var heldStates = 0

            public init(name: String) { self.name = name }

            public mutating func exchange(with node: ConfigurationNode) throws {
                try node.value("name", &name, .fileName, required: true)
                try node.value("method", &method)
                try node.value("interval", &interval, .within(1...1_000_000))
                try node.value("window", &window, .within(1...100_000))
                try node.value("background_deviation", &backgroundDeviation, .positive)
                try node.value("correlation_length", &correlationLength, .atLeast(0))
                guard method != .optimalInterpolation else {
                    node.notApplicable(
                        "minimiser", "iterations", "tolerance", "model_error_deviation", "held_states",
                        unless: "the method is 4dvar, or but for the last two 3dvar")
                    return
                }
                try node.value("minimiser", &minimiser)
                try node.value("iterations", &iterations, .within(1...100_000))
                try node.value("tolerance", &tolerance, .positive(below: 1))
                guard method == .fourDVar else {
                    node.notApplicable("model_error_deviation", "held_states", unless: "the method is 4dvar")
                    return
                }
                try node.option("model_error_deviation", &modelErrorDeviation, default: 0, .atLeast(0))
                try node.option("held_states", &heldStates, default: 0, .within(0...1_000_000))
            }
        }
    }
}
