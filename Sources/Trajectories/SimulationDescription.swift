import Basics
import NetCDF

/// What the file of a simulation says of it, whatever the model: how it is told apart from others, and how it was made.
public protocol SimulationDescription: Equatable, Sendable {
    /// Time between two states in the file, in `Self.timeUnit`.
    var timeStep: Double { get set }
    /// Time of the first state, likewise.
    var startTime: Double { get set }
    var precision: TrajectoryHeader.Precision { get set }
    /// The model's parameters by name; each becomes a numeric global attribute.
    var parameters: [String: Double] { get set }
    var seed: UInt64? { get set }
    var index: Int? { get set }
    var texts: TrajectoryHeader.Texts { get set }

    /// After a time in messages: " s", or nothing where the model is dimensionless.
    static var timeUnit: String { get }
}

extension SimulationDescription {
    /// What keeps `other` from being the same simulation, in words, apart from the model's domain; nil when times, precision, parameters,
    /// seed and index agree.
    func commonDifference(from other: Self) -> String? {
        let unit = Self.timeUnit
        if timeStep != other.timeStep { return "the time step is \(timeStep)\(unit), not \(other.timeStep)\(unit)" }
        if startTime != other.startTime { return "the start is \(startTime)\(unit), not \(other.startTime)\(unit)" }
        if precision != other.precision { return "the precision is \(precision), not \(other.precision)" }
        for name in Set(parameters.keys).union(other.parameters.keys).sorted() where parameters[name] != other.parameters[name] {
            return "\(name) is \(describe(parameters[name])), not \(describe(other.parameters[name]))"
        }
        if seed != other.seed { return "the seed is \(describe(seed)), not \(describe(other.seed))" }
        if index != other.index { return "the simulation is number \(describe(index)), not \(describe(other.index))" }
        return nil
    }

    private func describe<Value>(_ value: Value?) -> String { value.map { "\($0)" } ?? "absent" }

    /// Throws `SeicheError` (invalidInput) for times that cannot be written.
    func checkTimes() throws {
        guard timeStep > 0, timeStep.isFinite, startTime.isFinite else {
            throw SeicheError(
                .invalidInput, "a trajectory's time step is \(timeStep)\(Self.timeUnit) and its start \(startTime)\(Self.timeUnit)",
                remedy: "give finite times, and a positive step")
        }
    }
}

// MARK: - As global attributes

extension NetCDFFile {
    /// Writes the description, with `numbers` of the domain before the parameters and `units` said of them all.
    func writeDescription(_ description: some SimulationDescription, numbers: [(name: String, value: Double)], units: String) throws {
        try setAttribute("Conventions", "CF-1.11")
        for (name, field) in TrajectoryHeader.Texts.attributes where !description.texts[keyPath: field].isEmpty {
            try setAttribute(name, .text(description.texts[keyPath: field]))
        }
        for (name, value) in numbers { try setAttribute(name, .double([value])) }
        try setAttribute("time_step", .double([description.timeStep]))
        let taken = numbers.map(\.name) + ["Conventions", "time_step", "model_parameters", "numeric_attribute_units", "seed", "simulation_index"]
            + ["periodic_x", "periodic_y"] + TrajectoryHeader.Texts.attributes.map(\.name)
        for (name, value) in description.parameters.sorted(by: { $0.key < $1.key }) {
            // `model_parameters` lists the names with blanks between, and the reader tells parameters from the rest by name.
            guard !taken.contains(name), !name.isEmpty, !name.contains(" ") else {
                throw SeicheError(
                    .invalidInput, "a model parameter cannot be called '\(name)'", why: "the file uses this name itself, or it holds a blank",
                    remedy: "choose another name")
            }
            try setAttribute(name, .double([value]))
        }
        if !description.parameters.isEmpty {
            try setAttribute("model_parameters", .text(description.parameters.keys.sorted().joined(separator: " ")))
        }
        try setAttribute("numeric_attribute_units", .text(units))
        if let seed = description.seed {
            guard let value = Int64(exactly: seed) else {
                throw SeicheError(.invalidInput, "the seed is \(seed), which a file cannot hold", remedy: "choose a seed below 2^63")
            }
            try setAttribute("seed", .int64([value]))
        }
        if let index = description.index { try setAttribute("simulation_index", .int64([Int64(index)])) }
    }

    /// Puts what `writeDescription` wrote into `description`; the precision is that of the variable `field`.
    func readDescription(into description: inout some SimulationDescription, precisionOf field: String) throws {
        description.timeStep = try number("time_step")
        guard description.timeStep > 0, description.timeStep.isFinite else {
            throw SeicheError(.file, "the time_step of '\(path)' is \(description.timeStep)", remedy: "simulate it again")
        }
        description.precision = try variable(field).type == .double ? .double : .float
        let names = (try attributeIfPresent("model_parameters")?.text ?? "").split(separator: " ").map(String.init)
        for name in names { description.parameters[name] = try number(name) }
        description.seed = try wholeNumber("seed").flatMap { UInt64(exactly: $0) }
        description.index = try wholeNumber("simulation_index").map { Int($0) }
        for (name, field) in TrajectoryHeader.Texts.attributes {
            description.texts[keyPath: field] = try attributeIfPresent(name)?.text ?? ""
        }
    }

    func number(_ name: String) throws -> Double {
        guard let value = try attribute(name).number else {
            throw SeicheError(.file, "the global attribute '\(name)' of '\(path)' is not one number", remedy: "simulate it again")
        }
        return value
    }

    private func wholeNumber(_ name: String) throws -> Int64? {
        switch try attributeIfPresent(name) {
        case .int64(let values): values.first
        case .int32(let values): values.first.map(Int64.init)
        default: nil
        }
    }

    /// Throws unless the times of a trajectory are there and evenly spaced by its time step.
    func checkTimes(_ times: [Double], of description: some SimulationDescription) throws {
        let (step, unit) = (description.timeStep, type(of: description).timeUnit)
        guard !times.isEmpty else {
            throw SeicheError(.file, "the trajectory '\(path)' has no states", remedy: "simulate it again")
        }
        // `!(... <= ...)` also catches times that are not numbers.
        if let bad = times.indices.dropFirst().first(where: { !(abs(times[$0] - times[$0 - 1] - step) <= 1e-6 * step) }) {
            throw SeicheError(
                .file, "times in '\(path)' go from \(times[bad - 1]) to \(times[bad])\(unit) at state \(bad), but its time_step is \(step)\(unit)",
                why: "states were removed or joined", remedy: "use a trajectory with even spacing, or correct `time_step`")
        }
    }
}
