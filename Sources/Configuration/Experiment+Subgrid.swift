extension Experiment {
    /// A one-level Lorenz '96 model that learns a term for the fast variables of the two-level model of the experiment (docs/tuning.md).
    public struct Subgrid: ConfigurationSection, Equatable {
        public var seed: UInt64 = 1
        /// Of the one-level model; a multiple of the two-level model's.
        public var timeStep = 0.05
        /// Where the file goes.
        public var directory = "data/subgrid"
        /// Trajectories to learn from, and states of each, one-level steps apart.
        public var trajectories = 20
        public var states = 500
        public var polynomialDegree = 4
        /// Of the net's two hidden layers.
        public var width = 32
        /// One-level steps over which online learning follows an error.
        public var window = 10
        public var offline = Fit(steps: 20, batchSize: 1000)
        public var online = Fit(steps: 20, batchSize: 200)
        public var forecasts = Forecasts()

        public init() {}

        public mutating func exchange(with node: ConfigurationNode) throws {
            try node.value("seed", &seed)
            try node.value("time_step", &timeStep, .positive(below: 1e3))
            try node.value("directory", &directory, .notEmpty)
            try node.value("trajectories", &trajectories, .within(1...100_000))
            try node.value("states", &states, .within(2...10_000_000))
            try node.value("polynomial_degree", &polynomialDegree, .within(1...20))
            try node.value("width", &width, .within(1...1000))
            try node.value("window", &window, .within(1...1000))
            try node.section("offline", &offline)
            try node.section("online", &online)
            try node.section("forecasts", &forecasts)
            guard window < states else {
                throw node.problem(with: "window", "is \(window) steps, but a trajectory has \(states) states", remedy: "lower it, or raise states")
            }
        }

        /// Steps of Levenberg-Marquardt, each on a batch of its own.
        public struct Fit: ConfigurationSection, Equatable {
            public var steps: Int
            /// States or windows.
            public var batchSize: Int

            public init(steps: Int, batchSize: Int) { (self.steps, self.batchSize) = (steps, batchSize) }

            public mutating func exchange(with node: ConfigurationNode) throws {
                try node.value("steps", &steps, .within(1...1_000_000))
                try node.value("batch_size", &batchSize, .within(1...1_000_000))
            }
        }

        /// What the models are judged by.
        public struct Forecasts: ConfigurationSection, Equatable {
            /// Each from a state of its own.
            public var count = 200
            public var leadSteps = 60
            /// A forecast is valid while its error is below this share of the climatological deviation.
            public var threshold = 0.4
            /// One-level steps of the climatology, after the forecasts, over all of them together.
            public var climatologySteps = 80_000

            public init() {}

            public mutating func exchange(with node: ConfigurationNode) throws {
                try node.value("count", &count, .within(2...100_000))
                try node.value("lead_steps", &leadSteps, .within(1...100_000))
                try node.value("threshold", &threshold, .positive)
                try node.value("climatology_steps", &climatologySteps, .within(1000...1_000_000_000))
            }
        }
    }
}
