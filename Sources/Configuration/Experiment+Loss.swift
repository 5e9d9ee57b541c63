extension Experiment.Training {
    /// What training lowers: the error of a forecast of some steps.
    public struct Loss: ConfigurationSection, Equatable {
        /// `unrolled` takes the gradient through all steps; `pushforward` through the first and, from where the emulator itself got to, the last.
        public enum Gradient: String, ConfigurationChoice { case unrolled, pushforward }

        /// At the start of the training.
        public var steps = 1
        /// At its end; nil for as many as at the start.
        public var finalSteps: Int?
        /// Share of the training within which the steps grow, by one at equal intervals.
        public var growth = 0.5
        public var gradient = Gradient.unrolled
        /// Of zeta, u, v.
        public var channelWeights = [1.0, 1.0, 1.0]
        /// Of the squared error of one step's tangent-linear, relative to that of a state; 0 for none.
        public var tangentWeight = 0.0

        public init() {}

        public mutating func exchange(with node: ConfigurationNode) throws {
            try node.value("steps", &steps, .within(1...1000))
            try node.optional("final_steps", &finalSteps, .within(1...1000))
            try node.value("growth", &growth, .within(0...1))
            try node.value("gradient", &gradient)
            try node.list("channel_weights", &channelWeights, count: 3, each: .atLeast(0))
            try node.value("tangent_weight", &tangentWeight, .within(0...1e6))
            if let finalSteps, finalSteps < steps {
                throw node.problem(with: "final_steps", "is \(finalSteps), but training begins with \(steps)", remedy: "give as many or more")
            }
            guard channelWeights.contains(where: { $0 > 0 }) else {
                throw node.problem(with: "channel_weights", "leaves nothing to learn: all three are 0", remedy: "give one above 0")
            }
        }
    }

    /// How validation simulations judge the weights.
    public struct Validation: ConfigurationSection, Equatable {
        public enum Judge: String, ConfigurationChoice { case loss, rollout }

        /// Steps of the forecasts that are made of the validation simulations; nil for none.
        public var rolloutSteps: Int?
        /// Forecasts of each simulation, spread evenly.
        public var rolloutStarts = 1
        /// What makes weights the best so far.
        public var judge = Judge.loss
        /// Looks without a better one after which training ends; nil for never.
        public var patience: Int?

        public init() {}

        public mutating func exchange(with node: ConfigurationNode) throws {
            try node.optional("rollout_steps", &rolloutSteps, .within(1...1_000_000))
            try node.value("rollout_starts", &rolloutStarts, .within(1...1000))
            try node.value("judge", &judge)
            try node.optional("patience", &patience, .within(1...1_000_000))
            if judge == .rollout, rolloutSteps == nil {
                throw node.problem(with: "judge", "is rollout, but no forecasts are made", remedy: "give training.validation.rollout_steps")
            }
        }
    }

    /// When and by how much the learning rate falls where validation stalls.
    public struct Plateau: ConfigurationSection, Equatable {
        public var factor = 0.5
        /// Looks at the validation simulations without an improvement before the rate falls.
        public var patience = 5
        /// Smallest improvement that counts, as a share of the lowest error so far.
        public var threshold = 1.0e-3

        public init() {}

        public mutating func exchange(with node: ConfigurationNode) throws {
            try node.value("factor", &factor, .positive(below: 1))
            try node.value("patience", &patience, .within(1...1_000_000))
            try node.value("threshold", &threshold, .within(0...1))
        }
    }
}
