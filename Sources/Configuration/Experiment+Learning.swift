extension Experiment {
    /// The network that learns the update step.
    public struct Emulator: ConfigurationSection, Equatable {
        public enum Kind: String, ConfigurationChoice {
            /// A linear implicit layer solves a learned five-point system for the elevation.
            case implicit
            /// Convolutions only, of about the same number of parameters.
            case explicit
        }

        public var kind = Kind.implicit
        /// Pairs of channels that the bilinear layer multiplies.
        public var products = 12

        public init() {}

        public mutating func exchange(with node: ConfigurationNode) throws {
            try node.value("kind", &kind)
            try node.value("products", &products, .atLeast(1))
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

        /// Weights and batch order; the simulations have a seed of their own.
        public var seed: UInt64 = 1
        public var budget = Budget.steps(1500)
        public var batchSize = 4
        /// After the warm-up.
        public var learningRate = 3.0e-3
        /// At the end.
        public var finalLearningRate = 1.0e-5
        public var warmUpSteps = 50
        /// Largest norm of the gradient over all parameters; a longer one is shortened to it.
        public var gradientClip = 1.0
        /// Relative residual of the implicit layer's solves, forward and backward.
        public var solverTolerance = 1.0e-5
        /// Training steps between two looks at the validation simulations.
        public var validateEvery = 200
        /// Where checkpoints and logs go.
        public var directory = "data/north_sea/emulators"

        public init() {}

        public mutating func exchange(with node: ConfigurationNode) throws {
            try node.value("seed", &seed)
            try exchangeBudget(with: node)
            try node.value("batch_size", &batchSize, .atLeast(1))
            try node.value("learning_rate", &learningRate, .positive)
            try node.value("final_learning_rate", &finalLearningRate, .positive)
            try node.value("warm_up_steps", &warmUpSteps, .atLeast(0))
            try node.value("gradient_clip", &gradientClip, .positive)
            try node.value("solver_tolerance", &solverTolerance, .positive(below: 1))
            try node.value("validate_every", &validateEvery, .atLeast(1))
            try node.value("directory", &directory, .notEmpty)
            if finalLearningRate > learningRate {
                throw node.problem(
                    with: "final_learning_rate", "is \(finalLearningRate), above training.learning_rate, \(learningRate)",
                    remedy: "the rate falls from learning_rate to final_learning_rate: swap or equal them")
            }
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
            try node.optional("steps", &steps, .atLeast(1))
            try node.optional("seconds", &seconds, .positive)
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
