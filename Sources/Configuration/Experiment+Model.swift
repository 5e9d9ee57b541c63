import Basics

extension Experiment {
    /// The reference model: the semi-implicit shallow-water scheme of docs/scheme.md on one domain, or Lorenz '96.
    public struct Model: ConfigurationSection, Equatable {
        /// Where the water is.
        public enum Domain: Equatable, Sendable {
            /// The largest connected wet region of a bathymetry file, closed at its edges; cells shallower than
            /// `minimumDepth` (m) are deepened to it, so that no cell falls dry.
            case northSea(bathymetry: String, minimumDepth: Double)
            /// The talk's idealised basin: nx x ny square cells of `spacing` m with a dry outer ring and a random bed.
            case basin(nx: Int, ny: Int, spacing: Double)
        }

        public var domain = Domain.northSea(bathymetry: "data/bathymetry/north_sea_etopo5.nc", minimumDepth: 10)
        /// s
        public var timeStep = 300.0
        /// Weight of the new time level; below 0.5 the scheme is unstable, so that is refused.
        public var implicitness = 0.5
        /// Quadratic bottom drag, dimensionless.
        public var drag = 1.0e-3
        /// m2/s
        public var lateralFriction = 1000.0
        /// m/s2
        public var gravity = 9.81
        /// Relative residual of the elevation system.
        public var solverTolerance = 1.0e-12
        /// Linear bottom drag beside the quadratic one, 1/s.
        public var linearDrag = 0.0
        /// Whether the depth on faces stays the undisturbed one, which makes the waves linear.
        public var isLinear = false
        /// Of the water, for the wind, kg/m3.
        public var density = 1025.0
        /// Of the basin's bed: mean in m, variance in m2.
        public var meanDepth = 15.0
        public var depthVariance = 5.0
        /// Directions in which opposite edges of the grid meet.
        public var periodic: [Axis] = []
        public var rotation: Rotation?
        public var wind: Wind?
        public var openBoundary: OpenBoundary?
        /// Time of the initial state, before the spin-up.
        public var start = CalendarTime(secondsSince2000: 0)

        /// The Lorenz '96 model; where it is given, nothing else here has a meaning.
        public var lorenz96: Lorenz96?

        public init() {}

        private enum Kind: String, ConfigurationChoice {
            case northSea = "north_sea"
            case basin
        }

        public mutating func exchange(with node: ConfigurationNode) throws {
            if try exchangeKind(with: node) == .lorenz96 { return }
            try exchangeDomain(with: node)
            try node.value("time_step", &timeStep, .positive(below: 1e7))
            try node.value("implicitness", &implicitness, .within(0.5...1, because: "below 0.5 the scheme is unstable, above 1 it extrapolates"))
            try node.value("drag", &drag, .atLeast(0))
            try node.value("lateral_friction", &lateralFriction, .atLeast(0))
            try node.value("gravity", &gravity, .positive)
            try node.value("solver_tolerance", &solverTolerance, .positive(below: 1))
            try exchangeOptions(with: node)
        }

        /// What is off by default; it is written out only where it is on.
        private mutating func exchangeOptions(with node: ConfigurationNode) throws {
            let defaults = Self()
            try node.option("linear_drag", &linearDrag, default: defaults.linearDrag, .atLeast(0))
            try node.option("linear", &isLinear, default: defaults.isLinear)
            try node.option("density", &density, default: defaults.density, .positive)
            try Rotation.exchange(&rotation, with: node)
            try node.optionalSection("wind", &wind, initially: .constant(x: 0, y: 0))
            try node.option("start", &start, default: defaults.start)
            switch domain {
            case .northSea:
                try node.optionalList("periodic", &periodic)
                try node.optionalSection("open_boundary", &openBoundary, initially: .edges([], constituents: []))
            case .basin:
                // Its outer ring is dry.
                node.notApplicable("periodic", "open_boundary", unless: "model.domain is north_sea")
            }
        }

        private mutating func exchangeDomain(with node: ConfigurationNode) throws {
            var kind = Kind.northSea
            var (bathymetry, minimumDepth) = ("data/bathymetry/north_sea_etopo5.nc", 10.0)
            var (size, spacing) = ([100, 100], 1.0e4)
            switch domain {
            case .northSea(let file, let depth): (bathymetry, minimumDepth) = (file, depth)
            case .basin(let nx, let ny, let cell): (kind, size, spacing) = (.basin, [nx, ny], cell)
            }
            try node.value("domain", &kind)
            switch kind {
            case .northSea:
                try node.value("bathymetry", &bathymetry, .notEmpty)
                // Above the wet threshold of the scheme with room for the surface to fall.
                try node.value("minimum_depth", &minimumDepth, .atLeast(1))
                node.notApplicable("size", "spacing", "mean_depth", "depth_variance", unless: "model.domain is basin")
                domain = .northSea(bathymetry: bathymetry, minimumDepth: minimumDepth)
            case .basin:
                // The dry ring takes two cells, the talk's largest bump ten.
                try node.list("size", &size, count: 2, each: .within(12...20_000))
                try node.value("spacing", &spacing, .positive)
                let defaults = Self()
                try node.option("mean_depth", &meanDepth, default: defaults.meanDepth, .positive(below: 12_000))
                try node.option("depth_variance", &depthVariance, default: defaults.depthVariance, .atLeast(0))
                node.notApplicable("bathymetry", "minimum_depth", unless: "model.domain is north_sea")
                domain = .basin(nx: size[0], ny: size[1], spacing: spacing)
            }
        }
    }

    /// The surface elevation that every simulation starts from, at rest.
    public enum Initial: ConfigurationSection, Equatable {
        /// A seeded smooth random field: `rms` in m, `correlationLength` in m.
        case smoothRandom(rms: Double, correlationLength: Double)
        /// The talk's square bump of random size, height and place.
        case bump

        private enum Kind: String, ConfigurationChoice {
            case smoothRandom = "smooth_random"
            case bump
        }

        public mutating func exchange(with node: ConfigurationNode) throws {
            var kind = Kind.bump
            var (rms, length) = (0.1, 5.0e4)
            if case .smoothRandom(let givenRMS, let givenLength) = self { (kind, rms, length) = (.smoothRandom, givenRMS, givenLength) }
            try node.value("kind", &kind)
            switch kind {
            case .smoothRandom:
                try node.value("rms", &rms, .positive)
                try node.value("correlation_length", &length, .positive)
                self = .smoothRandom(rms: rms, correlationLength: length)
            case .bump:
                node.notApplicable("rms", "correlation_length", unless: "initial.kind is smooth_random")
                self = .bump
            }
        }
    }
}
