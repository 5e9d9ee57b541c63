extension Experiment {
    /// The networks that learn the update step, to be compared with each other.
    public struct Emulators: ConfigurationSection, Equatable {
        public var implicit = Implicit()
        public var explicit = Explicit()

        public init() {}

        public mutating func exchange(with node: ConfigurationNode) throws {
            try node.section("implicit", &implicit)
            try node.section("explicit", &explicit)
        }
    }

    /// A linear implicit layer solves a learned five-point system for the elevation.
    public struct Implicit: ConfigurationSection, Equatable {
        /// Pairs of channels that the bilinear layer multiplies.
        public var products = 12
        /// Products |a| b / h of the bilinear layer, such as quadratic friction.
        public var stresses = 4
        /// Largest learning rate, after the warm-up.
        public var learningRate = 2.0e-2

        public init() {}

        public mutating func exchange(with node: ConfigurationNode) throws {
            try node.value("products", &products, .within(1...1024))
            try node.value("stresses", &stresses, .within(1...1024))
            try node.value("learning_rate", &learningRate, .positive)
        }
    }

    /// Convolutions only.
    public struct Explicit: ConfigurationSection, Equatable {
        /// Pairs of channels that the first layer multiplies.
        public var products = 0
        /// Channels of the first layer that pass unmultiplied.
        public var linear = 12
        /// Channels of the rectified middle layer; nil for as many as make the network as large as the implicit one.
        public var hidden: Int?
        public var learningRate = 1.0e-2

        public init() {}

        public mutating func exchange(with node: ConfigurationNode) throws {
            try node.value("products", &products, .within(0...1024))
            try node.value("linear", &linear, .within(1...1024))
            try node.optional("hidden", &hidden, .within(1...1024))
            try node.value("learning_rate", &learningRate, .positive)
        }
    }

    /// How the emulator is fitted to the training simulations.
    public struct Training: ConfigurationSection, Equatable {
        /// When training ends; the learning-rate schedule stretches over it.
        public enum Budget: Equatable, Sendable {
            case steps(Int)
            /// Wall-clock seconds: for comparisons at equal training time.
            case seconds(Double)
        }

        /// `adam` takes many cheap steps along gradients, `levenberg_marquardt` few dear ones that solve a linearised least-squares problem.
        public enum Optimiser: String, ConfigurationChoice { case adam, levenbergMarquardt = "levenberg_marquardt" }

        /// Weights and batch order; the simulations have a seed of their own.
        public var seed: UInt64 = 1
        public var optimiser = Optimiser.adam
        public var budget = Budget.steps(1500)
        public var batchSize = 2
        /// The learning rate falls to this fraction of its largest value.
        public var finalRateFraction = 3.0e-3
        public var warmUpSteps = 50
        /// Largest norm of the gradient over all parameters; a longer one is shortened to it.
        public var gradientClip = 1.0
        /// Damping of the first step of Levenberg-Marquardt, relative to the curvature.
        public var initialDamping = 3.0
        /// Largest number of conjugate-gradient iterations in a step of Levenberg-Marquardt.
        public var innerIterations = 200
        /// Relative residual of the implicit layer's solves, forward and backward.
        public var solverTolerance = 1.0e-5
        /// Training steps between two looks at the validation simulations.
        public var validateEvery = 200
        /// Where checkpoints and logs go.
        public var directory = "data/north_sea/emulators"

        public init() {}

        public mutating func exchange(with node: ConfigurationNode) throws {
            try node.value("optimiser", &optimiser)
            try exchangeBudget(with: node)
            try node.value("batch_size", &batchSize, .within(1...100_000))
            try exchangeShared(with: node)
            try node.value("solver_tolerance", &solverTolerance, .positive(below: 1))
        }

        /// What a training has whatever the model.
        mutating func exchangeShared(with node: ConfigurationNode) throws {
            try node.value("seed", &seed)
            try node.value("final_rate_fraction", &finalRateFraction, .within(0...1))
            try node.value("warm_up_steps", &warmUpSteps, .within(0...1_000_000_000))
            try node.value("gradient_clip", &gradientClip, .positive)
            try node.value("initial_damping", &initialDamping, .positive)
            try node.value("inner_iterations", &innerIterations, .within(1...100_000))
            try node.value("validate_every", &validateEvery, .atLeast(1))
            try node.value("directory", &directory, .notEmpty)
        }

        /// `steps` or `seconds`, exactly one of the two; without either, the default number of steps.
        private mutating func exchangeBudget(with node: ConfigurationNode) throws {
            var (steps, seconds): (Int?, Double?) = (nil, nil)
            if node.isWriting {
                switch budget {
                case .steps(let count): steps = count
                case .seconds(let time): seconds = time
                }
            }
            try node.optional("steps", &steps, .within(1...1_000_000_000))
            try node.optional("seconds", &seconds, .positive(below: 1e8))
            switch (steps, seconds) {
            case (.some, .some):
                throw node.problem(
                    with: "seconds", "and training.steps are both given, but only one can end the training",
                    remedy: "remove one of them; on the command line, --set training.steps=null removes the file's")
            case (let count?, nil): budget = .steps(count)
            case (nil, let time?): budget = .seconds(time)
            case (nil, nil):
                throw node.problem(
                    with: "steps", "is missing, and so is training.seconds: one of them must end the training",
                    remedy: "give training.steps, for example 1500, or training.seconds, for example 120")
            }
        }
    }
}
