import Basics

extension Experiment {
    /// Cases that the emulators were not trained on, each this experiment or another with some keys changed.
    public struct Transfer: ConfigurationSection, Equatable {
        public struct Case: ConfigurationSection, Equatable {
            /// A word for tables and files.
            public var name = ""
            /// Path of another experiment; this one where nil.
            public var experiment: String?
            /// Overrides of its keys, as on the command line: "model.time_step=1500".
            public var set: [String] = []

            public init(name: String = "", experiment: String? = nil, set: [String] = []) {
                (self.name, self.experiment, self.set) = (name, experiment, set)
            }

            public mutating func exchange(with node: ConfigurationNode) throws {
                try node.value("name", &name, .fileName, required: true)
                try node.optional("experiment", &experiment, .notEmpty)
                try node.optionalList("set", &set)
                if experiment == nil, set.isEmpty {
                    throw node.problem(
                        with: "name", "is '\(name)', a case that differs from the experiment in nothing",
                        remedy: "give it `set`, keys that it changes, or `experiment`, another file")
                }
            }
        }

        /// Of each case, from the streams of the test simulations.
        public var simulations = 4
        /// Length of each after the spin-up.
        public var hours = 25.0
        public var cases: [Case] = []

        public init() {}

        public mutating func exchange(with node: ConfigurationNode) throws {
            try node.value("simulations", &simulations, .within(1...100_000))
            try node.value("hours", &hours, .positive(below: 1e6))
            try node.sections("cases", &cases, initially: Case())
            guard Set(cases.map(\.name)).count == cases.count else {
                throw node.problem(with: "cases", "gives two cases one name", remedy: "name each differently")
            }
        }
    }

    /// The experiment that a case is.
    ///
    /// Throws `SeicheError(.invalidInput)` with the case's name for a file or an override that cannot be used.
    public func experiment(of transfer: Transfer.Case) throws -> Experiment {
        do {
            guard let path = transfer.experiment else {
                return try Experiment.parse(resolvedYAML, source: "transfer case '\(transfer.name)'", overrides: transfer.set)
            }
            return try Experiment.load(path: path, overrides: transfer.set)
        } catch let error as SeicheError {
            throw SeicheError(error.category, "transfer case '\(transfer.name)': \(error.what)", why: error.why, remedy: error.remedy)
        }
    }
}
