import Basics

/// A part of a configuration that names its keys once, for reading and for writing.
///
/// `exchange` hands every property to the node under its key. When reading, the node replaces the property by
/// what the file says and leaves the default otherwise; when writing, it takes note of the property as it is.
/// So the two can never disagree about a key, and what `exchange` does not mention is an unknown key.
public protocol ConfigurationSection: Sendable {
    mutating func exchange(with node: ConfigurationNode) throws
}

/// One section of a configuration while it is read or written. Every error it throws is `SeicheError(.invalidInput)`
/// with the line or the override, the key's full dotted name, what was found and what was expected.
public final class ConfigurationNode {
    /// A section in the making, for `render`.
    enum Resolved {
        case scalar(String, isText: Bool)
        case list([String])
        case section(ConfigurationNode)
        case sections([ConfigurationNode])
    }

    private let file: String
    private let path: String
    let place: Place
    private let entries: [ConfigurationValue.Entry]
    /// True when the schema is written out rather than read.
    public let isWriting: Bool
    /// Keys in the order in which the schema named them, with the values in force.
    var resolved: [(key: String, value: Resolved)] = []
    /// Every key the schema named, whether or not it has a value.
    private var known: [String] = []
    private var inapplicable: [String: String] = [:]

    init(reading document: ConfigurationDocument) {
        file = document.file
        path = ""
        place = document.root.place
        if case .section(let entries) = document.root.content { self.entries = entries } else { entries = [] }
        isWriting = false
    }

    /// For writing: holds nothing, requires nothing, takes note of everything.
    init(writing name: String) {
        (file, path, place, entries, isWriting) = (name, "", .unwritten, [], true)
    }

    init(child path: String, of parent: ConfigurationNode, place: Place, entries: [ConfigurationValue.Entry]) {
        (file, self.path, self.place, self.entries, isWriting) = (parent.file, path, place, entries, parent.isWriting)
    }

    // MARK: Keys

    /// A scalar with a default, the property's value; `required` refuses a file that leaves it out.
    public func value<Value: ConfigurationScalar>(
        _ key: String, _ property: inout Value, _ constraint: Constraint<Value>? = nil, required: Bool = false
    ) throws {
        if let given = take(key) {
            property = try scalar(given, name: name(key), constraint)
        } else if required, !isWriting {
            throw missing(key, expected: Value.expectation)
        } else {
            try check(property, constraint, name: name(key))
        }
        resolved.append((key, .scalar(property.configurationText, isText: property is String)))
    }

    /// A scalar that may be absent, and then has no default either.
    public func optional<Value: ConfigurationScalar>(
        _ key: String, _ property: inout Value?, _ constraint: Constraint<Value>? = nil
    ) throws {
        if let given = take(key) { property = try scalar(given, name: name(key), constraint) }
        guard let value = property else { return }
        try check(value, constraint, name: name(key))
        resolved.append((key, .scalar(value.configurationText, isText: value is String)))
    }

    /// A list of scalars, each under `constraint`; `count` fixes how many there must be, otherwise at least one.
    public func list<Value: ConfigurationScalar>(
        _ key: String, _ property: inout [Value], count: Int? = nil, each constraint: Constraint<Value>? = nil
    ) throws {
        if let given = take(key) {
            guard case .list(let values) = given.content, count.map({ $0 == values.count }) ?? !values.isEmpty else {
                let expected = count.map { "a list of \($0)" } ?? "a list of one or more"
                throw mismatch(given.place, name(key), found: given.summary, expected: "\(expected), each \(Value.expectation)")
            }
            property = try values.enumerated().map { try scalar($0.element, name: "\(name(key))[\($0.offset)]", constraint) }
        } else {
            for (index, value) in property.enumerated() { try check(value, constraint, name: "\(name(key))[\(index)]") }
        }
        resolved.append((key, .list(property.map(\.configurationText))))
    }

    /// A nested section; one that is left out has its defaults.
    public func section<Section: ConfigurationSection>(_ key: String, _ property: inout Section) throws {
        try section(key) { try property.exchange(with: $0) }
    }

    /// A nested section whose exchange takes more than its node.
    func section(_ key: String, exchange: (ConfigurationNode) throws -> Void) throws {
        let child = if let given = take(key) {
            try self.child(name(key), given)
        } else {
            ConfigurationNode(child: name(key), of: self, place: place, entries: [])
        }
        resolved.append((key, .section(child)))
        try exchange(child)
    }

    /// Declares keys that belong to another choice, so that giving one is told apart from a misspelling.
    public func notApplicable(_ keys: String..., unless condition: String) {
        for key in keys { inapplicable[key] = condition }
    }

    // MARK: After the keys

    /// An error about one key's value that takes more than one key to see.
    public func problem(with key: String, _ what: String, remedy: String? = nil) -> SeicheError {
        let place = entries.first { $0.key == key }?.value.place ?? place
        return SeicheError(.invalidInput, place.prefix(file: file) + "\(name(key)) \(what)", remedy: remedy)
    }

    /// Refuses what the schema did not name, here and in every section below. Call it on the root, once all keys are exchanged.
    ///
    /// - Parameter read: keys that were taken out before, which a misspelled one may have meant.
    func finish(besides read: [String] = []) throws {
        for entry in entries where !known.contains(entry.key) {
            let prefix = entry.value.place.prefix(file: file) + name(entry.key)
            if let condition = inapplicable[entry.key] {
                throw SeicheError(
                    .invalidInput, "\(prefix) has no meaning here: it applies only when \(condition)", remedy: "remove the key")
            }
            let suggestion = nearestName(to: entry.key, among: known + read).map { "did you mean \(name($0))?" }
            let valid = (known + read).map(name).joined(separator: ", ")
            throw SeicheError(.invalidInput, "\(prefix) is not a known key", remedy: suggestion ?? "the keys here are \(valid)")
        }
        for value in resolved.map(\.value) {
            switch value {
            case .section(let child): try child.finish()
            case .sections(let children): for child in children { try child.finish() }
            case .scalar, .list: continue
            }
        }
    }

    // MARK: Parts

    /// A key's full dotted name.
    func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    func isGiven(_ key: String) -> Bool { entries.contains { $0.key == key } }

    func take(_ key: String) -> ConfigurationValue? {
        known.append(key)
        return entries.first { $0.key == key }?.value
    }

    private func scalar<Value: ConfigurationScalar>(
        _ given: ConfigurationValue, name: String, _ constraint: Constraint<Value>?
    ) throws -> Value {
        guard case .scalar(let text, let isQuoted) = given.content, !given.isNull, let value = Value(configurationText: text),
            // A quoted number is text: the file says so.
            !isQuoted || Value.self == String.self || Value.self == CalendarTime.self || value is any ConfigurationChoice,
            constraint?.isSatisfied(value) ?? true
        else {
            throw mismatch(given.place, name, found: given.summary, expected: expectation(constraint), why: constraint?.reason)
        }
        return value
    }

    private func check<Value: ConfigurationScalar>(_ value: Value, _ constraint: Constraint<Value>?, name: String) throws {
        guard constraint?.isSatisfied(value) ?? true else {
            throw mismatch(.unwritten, name, found: "'\(value.configurationText)'", expected: expectation(constraint), why: constraint?.reason)
        }
    }

    private func expectation<Value: ConfigurationScalar>(_ constraint: Constraint<Value>?) -> String {
        Value.expectation + (constraint.map { " " + $0.description } ?? "")
    }

    func mismatch(_ place: Place, _ name: String, found: String, expected: String, why: String? = nil) -> SeicheError {
        SeicheError(.invalidInput, place.prefix(file: file) + "\(name) is \(found), expected \(expected)", why: why)
    }

    private func missing(_ key: String, expected: String) -> SeicheError {
        let slip = nearestName(to: key, among: entries.map(\.key)).map { "is \(name($0)) meant to be \(name(key))?" }
        return SeicheError(
            .invalidInput, place.prefix(file: file) + "the required key \(name(key)) is missing",
            remedy: slip ?? "add \(name(key)): with \(expected)")
    }
}
