extension Experiment {
    /// How the emulator is fitted to the training simulations.
    public struct Training: ConfigurationSection, Equatable {
        /// When training ends; the learning-rate schedule stretches over it.
        public enum Budget: Equatable, Sendable {
            case steps(Int)
            /// Wall-clock seconds: for comparisons at equal training time.
            case seconds(Double)
        }

        /// `adam` takes many cheap steps along gradients, `soap` such steps in variables that it decorrelates itself, `levenberg_marquardt` few dear ones that solve a linearised least-squares problem,
        /// `lbfgs` steps of a few gradients each on a large batch.
        public enum Optimiser: String, ConfigurationChoice { case adam, soap, levenbergMarquardt = "levenberg_marquardt", lbfgs }

        /// Of the learning rate after the warm-up: half a cosine down, or constant until validation stalls.
        public enum Schedule: String, ConfigurationChoice { case cosine, plateau }

        /// Weights and batch order; the simulations have a seed of their own.
        public var seed: UInt64 = 1
        public var optimiser = Optimiser.adam
        public var budget = Budget.steps(1500)
        public var batchSize = 2
        public var loss = Loss()
        public var schedule = Schedule.cosine
        public var plateau = Plateau()
        /// The learning rate falls to this fraction of its largest value.
        public var finalRateFraction = 3.0e-3
        public var warmUpSteps = 50
        /// Largest norm of the gradient over all parameters; a longer one is shortened to it.
        public var gradientClip = 1.0
        /// Decoupled, per unit of learning rate; biases are spared.
        public var weightDecay = 0.0
        /// Share that an exponential moving average of the weights keeps in a step; 0 for no average.
        public var averageDecay = 0.0
        /// Damping of the first step of Levenberg-Marquardt, relative to the curvature.
        public var initialDamping = 3.0
        /// Largest number of conjugate-gradient iterations in a step of Levenberg-Marquardt.
        public var innerIterations = 200
        /// Of Levenberg-Marquardt: a penalty on the squares of the weights that the network could do without, as a share of the batch's loss.
        public var ridge = 0.0
        /// Steps that L-BFGS remembers.
        public var memory = 10
        /// Steps of L-BFGS after which it gets another batch; nil for one batch throughout.
        public var renewBatchEvery: Int?
        /// Relative residual of the implicit layer's solves, forward and backward.
        public var solverTolerance = 1.0e-5
        /// Training steps between two looks at the validation simulations.
        public var validateEvery = 200
        public var validation = Validation()
        /// Also write the log as events for TensorBoard.
        public var tensorboard = false
        /// Where checkpoints and logs go.
        public var directory = "data/north_sea/emulators"

        public init() {}

        public mutating func exchange(with node: ConfigurationNode) throws {
            try exchangeRecipe(with: node, isInherited: false)
            try node.value("directory", &directory, .notEmpty)
        }

        /// All keys but the directory, which every emulator shares.
        ///
        /// - Parameter isInherited: of an emulator's own section, which starts from the experiment's.
        mutating func exchangeRecipe(with node: ConfigurationNode, isInherited: Bool) throws {
            try node.value("optimiser", &optimiser)
            try exchangeBudget(with: node)
            try node.value("batch_size", &batchSize, .within(1...100_000))
            try node.section("loss", &loss)
            try exchangeShared(with: node)
            try node.value("solver_tolerance", &solverTolerance, .positive(below: 1))
            try node.section("validation", &validation)
            if loss.gradient == .pushforward, optimiser != .adam, optimiser != .soap {
                throw node.problem(
                    with: "optimiser",
                    "is \(optimiser.rawValue), which cannot lower a loss whose gradient is pushforward: that gradient is not the loss's own",
                    remedy: "use adam or soap, or training.loss.gradient: unrolled")
            }
            node.notApplicable("learning_rate", unless: "it stands beside an emulator's sizes, as emulators.implicit.learning_rate")
            if isInherited { node.notApplicable("directory", unless: "it stands in the experiment's own section training") }
        }

        /// What a training has whatever the model.
        mutating func exchangeShared(with node: ConfigurationNode) throws {
            try node.value("seed", &seed)
            try node.value("schedule", &schedule)
            try node.section("plateau", &plateau)
            try node.value("final_rate_fraction", &finalRateFraction, .within(0...1))
            try node.value("warm_up_steps", &warmUpSteps, .within(0...1_000_000_000))
            try node.value("gradient_clip", &gradientClip, .positive)
            try node.value("weight_decay", &weightDecay, .within(0...1000))
            try node.value("average_decay", &averageDecay, .within(0...0.999_999))
            try node.value("initial_damping", &initialDamping, .positive)
            try node.value("inner_iterations", &innerIterations, .within(1...100_000))
            try node.value("ridge", &ridge, .within(0...100))
            try node.value("memory", &memory, .within(1...1000))
            try node.optional("renew_batch_every", &renewBatchEvery, .within(1...1_000_000_000))
            try node.value("validate_every", &validateEvery, .atLeast(1))
            try node.value("tensorboard", &tensorboard)
        }

        /// `steps` or `seconds`; without either it stays as it is.
        private mutating func exchangeBudget(with node: ConfigurationNode) throws {
            var (steps, seconds): (Int?, Double?) = (nil, nil)
            if !node.isGiven("steps"), !node.isGiven("seconds") {
                switch budget {
                case .steps(let count): steps = count
                case .seconds(let time): seconds = time
                }
            }
            try node.optional("steps", &steps, .within(1...1_000_000_000))
            try node.optional("seconds", &seconds, .positive(below: 1e8))
            guard steps == nil || seconds == nil else {
                throw node.problem(
                    with: "seconds", "and \(node.name("steps")) are both given, but only one can end the training",
                    remedy: "remove one of them; on the command line, --set \(node.name("steps"))=null removes the file's")
            }
            if let steps { budget = .steps(steps) }
            if let seconds { budget = .seconds(seconds) }
        }
    }
}
