extension Experiment {
    /// What is learned from the one-level Lorenz '96 model, and how it is judged (docs/lorenz96.md). What is common to all trainings is in
    /// `Experiment.training`.
    public struct Lorenz96Learning: Sendable, Equatable {
        public var emulators = Lorenz96Emulators()
        public var data = Lorenz96TrainingData()
        public var comparison = Lorenz96Comparison()
        public var check = Lorenz96Check()
        /// Nil for experiments without data assimilation.
        public var assimilation: Assimilation?

        public init() {}
    }

    /// The networks, each with its own way of being trained.
    public struct Lorenz96Emulators: ConfigurationSection, Equatable {
        public var bilinearRK4 = Bilinear()
        public var reluRK4 = Rectified(hiddenLayers: 2)
        public var reluResolvent = Rectified(hiddenLayers: 4)

        public init() {}

        public mutating func exchange(with node: ConfigurationNode) throws {
            try node.section("bilinear_rk4", &bilinearRK4)
            try node.section("relu_rk4", &reluRK4)
            try node.section("relu_resolvent", &reluResolvent)
        }

        /// A convolution and products of pairs of convolutions as the tendency of a Runge-Kutta step.
        public struct Bilinear: ConfigurationSection, Equatable {
            public var products = 2
            public var descent = Descent(optimiser: .levenbergMarquardt, steps: 20, batchSize: 256)

            public init() {}

            public mutating func exchange(with node: ConfigurationNode) throws {
                try node.value("products", &products, .within(1...1024))
                try descent.exchange(with: node)
            }
        }

        /// A convolutional net with rectified units.
        public struct Rectified: ConfigurationSection, Equatable {
            public var hiddenLayers: Int
            public var channels = 32
            public var descent = Descent(optimiser: .adam, steps: 3000, batchSize: 64)

            public init(hiddenLayers: Int) { self.hiddenLayers = hiddenLayers }

            public mutating func exchange(with node: ConfigurationNode) throws {
                try node.value("hidden_layers", &hiddenLayers, .within(1...64))
                try node.value("channels", &channels, .within(1...1024))
                try descent.exchange(with: node)
            }
        }

        /// How one network is trained; its keys stand beside the network's sizes.
        public struct Descent: Sendable, Equatable {
            public var optimiser: Training.Optimiser
            public var steps: Int
            public var batchSize: Int
            /// Of Adam and SOAP: the largest, after the warm-up.
            public var learningRate = 6.0e-3

            public init(optimiser: Training.Optimiser, steps: Int, batchSize: Int) {
                (self.optimiser, self.steps, self.batchSize) = (optimiser, steps, batchSize)
            }

            fileprivate mutating func exchange(with node: ConfigurationNode) throws {
                try node.value("optimiser", &optimiser)
                try node.value("steps", &steps, .within(1...1_000_000_000))
                try node.value("batch_size", &batchSize, .within(1...100_000))
                try node.value("learning_rate", &learningRate, .positive)
            }
        }
    }

    /// Which of the training simulations are learned from, and what is seen of them.
    public struct Lorenz96TrainingData: Sendable, Equatable {
        /// The first so many; nil for all.
        public var trajectories: Int?
        /// Steps over which an error is followed.
        public var rolloutSteps = 1
        /// Windows of the ring; the whole ring where there are none.
        public var observed: [Window] = []

        public init() {}

        /// So many neighbouring cells, from `first` on, over the end of the ring if need be.
        public struct Window: ConfigurationSection, Equatable {
            public var first = 0
            public var cells = 1

            public init() {}

            public mutating func exchange(with node: ConfigurationNode) throws {
                try node.value("first", &first, .within(0...100_000))
                try node.value("cells", &cells, .within(1...100_000), required: true)
            }
        }

        /// For each cell of the ring whether it is observed; nil where all are.
        public func isObserved(sectors: Int) -> [Bool]? {
            guard !observed.isEmpty else { return nil }
            var result = [Bool](repeating: false, count: sectors)
            for window in observed { for k in 0..<min(window.cells, sectors) { result[(window.first + k) % sectors] = true } }
            return result
        }
    }

    /// Forecasts of the test simulations, and Lyapunov exponents.
    public struct Lorenz96Comparison: ConfigurationSection, Equatable {
        /// Length of each forecast in model steps.
        public var leadSteps = 500
        /// Forecasts per test simulation, from times spread evenly over it.
        public var starts = 10
        /// A forecast is valid while its error is below this share of the climatological standard deviation.
        public var threshold = 0.4
        /// Steps over which Lyapunov exponents are measured.
        public var lyapunovSteps = 20_000

        public init() {}

        public mutating func exchange(with node: ConfigurationNode) throws {
            try node.value("lead_steps", &leadSteps, .within(1...100_000_000))
            try node.value("starts", &starts, .within(1...1_000_000))
            try node.value("threshold", &threshold, .positive)
            try node.value("lyapunov_steps", &lyapunovSteps, .within(10...100_000_000))
        }
    }

    /// Derivatives of a step against the Fortran model's.
    public struct Lorenz96Check: ConfigurationSection, Equatable {
        /// States at which the Jacobians are compared, spread over the test simulations.
        public var states = 100
        /// Finite-difference steps, relative to the direction.
        public var stepSizes = DerivativeCheck().stepSizes
        public var seed: UInt64 = 3

        public init() {}

        public mutating func exchange(with node: ConfigurationNode) throws {
            try node.value("states", &states, .within(1...1_000_000))
            try node.list("step_sizes", &stepSizes, each: .positive)
            try node.value("seed", &seed)
        }
    }

    /// The keys of `training` that a Lorenz '96 experiment has.
    struct Lorenz96Training: ConfigurationSection {
        var common: Training
        var data: Lorenz96TrainingData

        mutating func exchange(with node: ConfigurationNode) throws {
            try node.optional("trajectories", &data.trajectories, .within(1...100_000))
            try node.value("rollout_steps", &data.rolloutSteps, .within(1...10_000))
            try node.sections("observed", &data.observed, initially: .init())
            try common.exchangeShared(with: node)
            try node.value("directory", &common.directory, .notEmpty)
            node.notApplicable("optimiser", "steps", "batch_size", unless: "model.kind is shallow_water; each emulator has its own here")
            node.notApplicable("seconds", "solver_tolerance", "loss", "validation", unless: "model.kind is shallow_water")
        }
    }
}
