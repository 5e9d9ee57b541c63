import Basics

/// Everything that one experiment is: what to simulate, what to learn from it, and how to judge the result.
///
/// Read from a YAML file (experiments/), where every key but `name` has the default given here. Relative paths are
/// relative to the working directory, not to the file, so that the files in experiments/ work from the repository's root.
public struct Experiment: ConfigurationSection, Equatable {
    /// Part of file names, so letters, digits, '_', '-' and '.' only.
    public var name = ""
    public var model = Model()
    public var initial = Initial.smoothRandom(rms: 0.1, correlationLength: 5.0e4)
    public var simulations = Simulations()
    public var emulators = Emulators()
    public var training = Training()
    public var comparison = Comparison()
    public var check = DerivativeCheck()
    public var transfer = Transfer()
    /// Parameters to be found again from observations.
    public var tuning: Tuning?
    /// What a one-level Lorenz '96 model learns from the two-level one.
    public var subgrid: Subgrid?
    /// Nil for experiments without data assimilation; of Lorenz '96 see `Lorenz96Learning`.
    public var assimilation: SeaAssimilation?
    /// In place of emulators, comparison, check and transfer where the model is Lorenz '96.
    public var lorenz96 = Lorenz96Learning()

    /// The defaults.
    public init(name: String) { self.name = name }

    /// The size that an experiment has without its section `sizes`.
    public static let asWritten = "small"

    /// Reads the experiment at `path` in one of its sizes and lays the overrides (`key.path=value`, the value in YAML; `null` takes a
    /// key away) over it.
    ///
    /// A file may name sizes: `sizes: {full: {simulations: {training: {count: 200}}}}` holds the keys that differ in size "full". The
    /// size "small", as no size, is the rest of the file as it stands.
    ///
    /// Throws `SeicheError(.invalidInput)` for a file that is missing or not YAML, a size that it does not have, a key that is unknown,
    /// missing or given twice, and a value of the wrong type or out of range: with the line, the key's full name, what was found and
    /// what was expected.
    public static func load(path: String, size: String? = nil, overrides: [String] = []) throws -> Experiment {
        try read(ConfigurationDocument(path: path), size: size, overrides: overrides)
    }

    /// As `load(path:size:overrides:)`, from text; `source` stands for the file's name in messages.
    public static func parse(
        _ yaml: String, source: String = "the experiment", size: String? = nil, overrides: [String] = []
    ) throws -> Experiment {
        try read(ConfigurationDocument(text: yaml, file: source), size: size, overrides: overrides)
    }

    private static func read(_ document: ConfigurationDocument, size: String?, overrides: [String]) throws -> Experiment {
        var document = document
        let sizes = try document.takeSizes()
        let experiment = try read(document.inSize(size, of: sizes), overrides: overrides)
        // A slip in another size is told now, not when that size is first asked for; unless the file is whole only with its overrides.
        if !sizes.isEmpty, (try? read(document, overrides: [])) != nil {
            for other in sizes where other.key != size { _ = try read(document.inSize(other.key, of: sizes), overrides: []) }
        }
        return experiment
    }

    private static func read(_ document: ConfigurationDocument, overrides: [String]) throws -> Experiment {
        var document = document
        for override in overrides { try document.apply(override: override) }
        let node = ConfigurationNode(reading: document)
        var experiment = Experiment(name: "")
        // A misspelled required key is both missing and unknown; `missing` names the likely slip itself.
        try experiment.exchange(with: node)
        try node.finish(besides: [ConfigurationDocument.sizes])
        return experiment
    }

    /// The whole experiment as YAML, defaults spelled out: for provenance. `load` reads it back as an equal experiment.
    ///
    /// Throws `SeicheError(.invalidInput)` when a value that a program has set is out of range.
    public var resolvedYAML: String {
        get throws { try rendered() }
    }

    /// The keys that decide what is in the files of a split, as YAML: what each file says of its own making.
    ///
    /// Where the files go, how many there are, other splits, and what is learned from them make no difference to a file, so they
    /// are left out.
    public func yaml(of split: Simulations.SplitName) throws -> String {
        let others = Simulations.SplitName.allCases.filter { $0 != split }.map { "simulations.\($0.rawValue)" }
        let left = [
            "emulators", "training", "comparison", "check", "transfer", "assimilation", "tuning", "subgrid",
            "simulations.directory", "simulations.\(split.rawValue).count",
        ]
        return try rendered(omitting: Set(left + others))
    }

    private func rendered(omitting omitted: Set<String> = []) throws -> String {
        var copy = self
        let node = ConfigurationNode(writing: "the experiment \(name)")
        try copy.exchange(with: node)
        return try node.rendered(omitting: omitted)
    }

    public mutating func exchange(with node: ConfigurationNode) throws {
        try node.value("name", &name, .fileName, required: true)
        try node.section("model", &model)
        if model.lorenz96 != nil { return try exchangeLorenz96(with: node) }
        try node.section("initial", &initial)
        try node.section("simulations", &simulations)
        try node.section("training", &training)
        try node.section("emulators") { try emulators.exchange(with: $0, inheriting: training) }
        try node.section("comparison", &comparison)
        try node.section("check", &check)
        try node.section("transfer", &transfer)
        try node.optionalSection("tuning", &tuning, initially: Tuning())
        node.notApplicable("subgrid", unless: "model.kind is lorenz96")
        try node.optionalSection("assimilation", &assimilation, initially: SeaAssimilation())

        let available = simulations.test.steps - comparison.leadSteps
        if available < comparison.starts - 1 {
            throw node.problem(
                with: "comparison",
                "asks for \(comparison.starts) start(s) of \(comparison.leadSteps) steps, but a test simulation keeps only "
                    + "\(simulations.test.steps) steps",
                remedy: "lower comparison.lead_steps or comparison.starts, or raise simulations.test.steps")
        }
    }
}
