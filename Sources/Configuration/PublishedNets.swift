import Basics

/// Errors of emulators that others published, to stand beside one's own: experiments/published_nets.yaml.
///
/// Root mean squares over zeta, u and v, each divided by its RMS over the training set; means over simulations.
public struct PublishedNets: ConfigurationSection, Equatable {
    public struct Net: ConfigurationSection, Equatable {
        public var name = ""
        public var parameters = 1
        /// s
        public var timeStep = 300.0
        /// Mean over all starts.
        public var oneStep = 1.0
        /// Errors after so many steps.
        public var steps: [Int] = []
        public var errors: [Double] = []
        /// 25 hours after the start of the simulation.
        public var end = 1.0

        public init() {}

        public mutating func exchange(with node: ConfigurationNode) throws {
            try node.value("name", &name, .fileName, required: true)
            try node.value("parameters", &parameters, .within(1...1_000_000_000), required: true)
            try node.value("time_step", &timeStep, .positive(below: 1e6), required: true)
            try node.value("one_step", &oneStep, .positive(below: 1e6), required: true)
            try node.list("steps", &steps, each: .within(1...1_000_000))
            try node.list("errors", &errors, count: steps.count, each: .positive(below: 1e6))
            try node.value("end", &end, .positive(below: 1e6), required: true)
        }
    }

    /// How the figures came about.
    public var provenance = ""
    public var nets: [Net] = []

    public init() {}

    /// Reads a file. Throws `SeicheError(.invalidInput)` as `Experiment.load` does.
    public static func load(path: String) throws -> PublishedNets {
        let node = ConfigurationNode(reading: try ConfigurationDocument(path: path))
        var published = PublishedNets()
        try published.exchange(with: node)
        try node.finish()
        return published
    }

    public mutating func exchange(with node: ConfigurationNode) throws {
        try node.value("provenance", &provenance, .notEmpty, required: true)
        try node.sections("nets", &nets, initially: Net())
    }

    /// The nets that step `timeStep` seconds.
    public func nets(timeStep: Double) -> [Net] { nets.filter { abs($0.timeStep - timeStep) < 1e-6 * timeStep } }
}
