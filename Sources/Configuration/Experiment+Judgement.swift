extension Experiment {
    /// Forecasts of the test simulations.
    public struct Comparison: ConfigurationSection, Equatable {
        /// Length of each forecast in model steps.
        public var leadSteps = 144
        /// Forecasts per test simulation, from times spread evenly over it.
        public var starts = 1

        public init() {}

        public mutating func exchange(with node: ConfigurationNode) throws {
            try node.value("lead_steps", &leadSteps, .within(1...100_000_000))
            try node.value("starts", &starts, .within(1...1_000_000))
        }
    }

    /// The emulator's derivatives against central finite differences.
    public struct DerivativeCheck: ConfigurationSection, Equatable {
        /// Directions of each kind: differences of simulated states, and white noise.
        public var directions = 4
        /// Finite-difference steps, relative to the direction.
        public var stepSizes = [1.0e-1, 1.0e-2, 1.0e-3, 1.0e-4, 1.0e-5, 1.0e-6, 1.0e-7]
        public var seed: UInt64 = 3

        public init() {}

        public mutating func exchange(with node: ConfigurationNode) throws {
            try node.value("directions", &directions, .within(1...10_000))
            try node.list("step_sizes", &stepSizes, each: .positive)
            try node.value("seed", &seed)
        }
    }
}
