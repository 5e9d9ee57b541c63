extension Experiment {
    /// The trajectories that the reference model writes, and how they are stored.
    public struct Simulations: ConfigurationSection, Equatable {
        /// Floating-point type of the stored fields; the model itself always runs in double precision.
        public enum Precision: String, ConfigurationChoice { case float, double }

        /// What the simulations of a split are for; each has streams of chance of its own.
        public enum SplitName: String, CaseIterable, Sendable { case training, validation, test }

        /// One split: so many files of so many steps each, after the spin-up.
        public struct Split: ConfigurationSection, Equatable {
            public var count: Int
            public var steps: Int
            /// Root mean square of noise from cell to cell that is added to the initial elevation, in m. Smooth states alone do not
            /// show a network how the shortest waves behave, which a long forecast excites.
            public var roughness: Double

            public init(count: Int, steps: Int, roughness: Double = 0) {
                (self.count, self.steps, self.roughness) = (count, steps, roughness)
            }

            public mutating func exchange(with node: ConfigurationNode) throws {
                try node.value("count", &count, .within(1...100_000))
                try node.value("steps", &steps, .within(1...100_000_000))
                try node.value("roughness", &roughness, .atLeast(0))
            }
        }

        public var seed: UInt64 = 1
        /// Where the files go.
        public var directory = "data/north_sea"
        /// Steps left out at the start of every file: the first ones carry the shock of the artificial start.
        public var spinUpSteps = 10
        public var training = Split(count: 12, steps: 60, roughness: 0.03)
        public var validation = Split(count: 2, steps: 60)
        public var test = Split(count: 4, steps: 144)
        public var precision = Precision.float
        /// Deflate level, 0 (none) to 9.
        public var compression = 1
        /// Also write the velocities at cell centres, for tools that take each staggered grid as its own.
        public var centreVelocities = false

        public init() {}

        public subscript(name: SplitName) -> Split {
            switch name {
            case .training: training
            case .validation: validation
            case .test: test
            }
        }

        public mutating func exchange(with node: ConfigurationNode) throws {
            try node.value("seed", &seed)
            try node.value("directory", &directory, .notEmpty)
            try node.value("spin_up_steps", &spinUpSteps, .within(0...100_000_000))
            try node.section("training", &training)
            try node.section("validation", &validation)
            try node.section("test", &test)
            try node.value("precision", &precision)
            try node.value("compression", &compression, .within(0...9))
            try node.value("centre_velocities", &centreVelocities)
        }
    }
}
