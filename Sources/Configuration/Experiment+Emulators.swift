extension Experiment {
    /// The networks that learn the update step, to be compared with each other.
    public struct Emulators: Equatable, Sendable {
        public var implicit = Implicit()
        public var explicit = Explicit()
        /// The implicit one without its solve has the implicit one's sizes, and its recipe where nil.
        public var fluxForm: Recipe?
        public var bilinearImplicit = Bilinear()
        public var bilinearExplicit = Bilinear()
        public var unet = UNet()
        public var nonLocal = NonLocal()
        public var implicitResidual = ImplicitResidual()

        public init() {}

        /// - Parameter training: what the emulators' own sections of this name start from.
        mutating func exchange(with node: ConfigurationNode, inheriting training: Training) throws {
            try node.section("implicit") { try implicit.exchange(with: $0, inheriting: training) }
            try node.section("explicit") { try explicit.exchange(with: $0, inheriting: training) }
            try node.optionalSection("flux_form", &fluxForm, initially: implicit.recipe) { try $0.exchange(with: $1, inheriting: training) }
            try node.section("bilinear_implicit") { try bilinearImplicit.exchange(with: $0, inheriting: training) }
            try node.section("bilinear_explicit") { try bilinearExplicit.exchange(with: $0, inheriting: training) }
            try node.section("unet") { try unet.exchange(with: $0, inheriting: training) }
            try node.section("non_local") { try nonLocal.exchange(with: $0, inheriting: training) }
            try node.section("implicit_residual") { try implicitResidual.exchange(with: $0, inheriting: training) }
        }
    }

    /// How one emulator is trained.
    public struct Recipe: Equatable, Sendable {
        /// Largest learning rate, after the warm-up.
        public var learningRate: Double
        /// In place of the experiment's `training`, but for the directory; nil for the same.
        public var training: Training?

        public init(learningRate: Double) { self.learningRate = learningRate }

        fileprivate mutating func exchange(with node: ConfigurationNode, inheriting base: Training) throws {
            try node.value("learning_rate", &learningRate, .positive)
            try node.optionalSection("training", &training, initially: base) { try $0.exchangeRecipe(with: $1, isInherited: true) }
        }
    }

    /// A linear implicit layer solves a learned five-point system for the elevation.
    public struct Implicit: Equatable, Sendable {
        /// Pairs of channels that the bilinear layer multiplies.
        public var products = 12
        /// Products |a| b / h of the bilinear layer, such as quadratic friction.
        public var stresses = 4
        public var recipe = Recipe(learningRate: 2.0e-2)

        public init() {}

        fileprivate mutating func exchange(with node: ConfigurationNode, inheriting training: Training) throws {
            try node.value("products", &products, .within(1...1024))
            try node.value("stresses", &stresses, .within(1...1024))
            try recipe.exchange(with: node, inheriting: training)
        }
    }

    /// Convolutions only.
    public struct Explicit: Equatable, Sendable {
        /// Pairs of channels that the first layer multiplies.
        public var products = 0
        /// Channels of the first layer that pass unmultiplied.
        public var linear = 12
        /// Channels of the rectified middle layer; nil for as many as make the network as large as the implicit one.
        public var hidden: Int?
        public var recipe = Recipe(learningRate: 1.0e-2)

        public init() {}

        fileprivate mutating func exchange(with node: ConfigurationNode, inheriting training: Training) throws {
            try node.value("products", &products, .within(0...1024))
            try node.value("linear", &linear, .within(1...1024))
            try node.optional("hidden", &hidden, .within(1...1024))
            try recipe.exchange(with: node, inheriting: training)
        }
    }

    /// The talk's nets, explicit and implicit: stages of rectified convolutions, channels of which are multiplied in pairs.
    public struct Bilinear: Equatable, Sendable {
        /// For each stage, channels that pass unmultiplied.
        public var linear = [32, 16, 0]
        /// For each stage, pairs of channels that are multiplied.
        public var products = [0, 8, 8]
        public var recipe = Recipe(learningRate: 1.0e-2)

        public init() {}

        fileprivate mutating func exchange(with node: ConfigurationNode, inheriting training: Training) throws {
            try node.list("linear", &linear, each: .within(0...1024))
            try node.list("products", &products, each: .within(0...1024))
            guard linear.count == products.count else {
                throw node.problem(
                    with: "products", "is a list of \(products.count), and linear one of \(linear.count): both have one number for each stage")
            }
            if let empty = linear.indices.first(where: { linear[$0] + products[$0] == 0 }) {
                throw node.problem(with: "products", "and linear are both 0 for stage \(empty), which leaves it no channel")
            }
            try recipe.exchange(with: node, inheriting: training)
        }
    }

    /// Convolutions on grids that are coarser from level to level.
    public struct UNet: Equatable, Sendable {
        /// Channels of each level, the finest first.
        public var widths = [16, 32, 64]
        public var recipe = Recipe(learningRate: 1.0e-2)

        public init() {}

        fileprivate mutating func exchange(with node: ConfigurationNode, inheriting training: Training) throws {
            try node.list("widths", &widths, each: .within(1...1024))
            try recipe.exchange(with: node, inheriting: training)
        }
    }

    /// Dense layers on a coarse grid, for grids of the experiment's size alone.
    public struct NonLocal: Equatable, Sendable {
        /// How often pairs of rows and columns become one before the dense layers.
        public var coarsenings = 3
        /// Units between the dense layers.
        public var hidden = 64
        /// Channels between the pointwise convolutions beside them.
        public var local = 16
        public var recipe = Recipe(learningRate: 1.0e-3)

        public init() {}

        fileprivate mutating func exchange(with node: ConfigurationNode, inheriting training: Training) throws {
            try node.value("coarsenings", &coarsenings, .within(0...16))
            try node.value("hidden", &hidden, .within(1...16384))
            try node.value("local", &local, .within(1...1024))
            try recipe.exchange(with: node, inheriting: training)
        }
    }

    /// Residual blocks with an explicit and an implicit layer side by side.
    public struct ImplicitResidual: Equatable, Sendable {
        /// Between the first and the last convolution; one of them is a solution in each block.
        public var channels = 16
        public var blocks = 2
        public var recipe = Recipe(learningRate: 1.0e-2)

        public init() {}

        fileprivate mutating func exchange(with node: ConfigurationNode, inheriting training: Training) throws {
            try node.value("channels", &channels, .within(2...1024))
            try node.value("blocks", &blocks, .within(1...64))
            try recipe.exchange(with: node, inheriting: training)
        }
    }
}
