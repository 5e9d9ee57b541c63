import Basics

/// A section that names a file, as a run of `seiche assimilate` does.
public protocol NamedSection: ConfigurationSection {
    var name: String { get }
    init(name: String)
}

// Options: keys that may be absent, and then are not written either, so that files which do not use them stay as they were.
extension ConfigurationNode {
    /// A scalar that is written only where it differs from its default.
    public func option<Value: ConfigurationScalar>(
        _ key: String, _ property: inout Value, default standard: Value, _ constraint: Constraint<Value>? = nil
    ) throws {
        var given: Value? = property == standard ? nil : property
        try optional(key, &given, constraint)
        property = given ?? property
    }

    /// A section without a default; one that is given starts from `initial`.
    public func optionalSection<Section: ConfigurationSection>(_ key: String, _ property: inout Section?, initially initial: Section) throws {
        try optionalSection(key, &property, initially: initial) { try $0.exchange(with: $1) }
    }

    /// The same where the exchange takes more than the section's node.
    func optionalSection<Section>(
        _ key: String, _ property: inout Section?, initially initial: Section,
        exchange: (inout Section, ConfigurationNode) throws -> Void
    ) throws {
        let child: ConfigurationNode
        if let given = take(key) {
            child = try self.child(name(key), given)
            property = property ?? initial
        } else {
            child = ConfigurationNode(child: name(key), of: self, place: place, entries: [])
        }
        guard var section = property else { return }
        resolved.append((key, .section(child)))
        try exchange(&section, child)
        property = section
    }

    /// A list of sections, each starting from `initial`; none without the key.
    public func sections<Section: ConfigurationSection>(_ key: String, _ property: inout [Section], initially initial: Section) throws {
        var children: [ConfigurationNode]
        if let given = take(key) {
            guard case .list(let values) = given.content, !values.isEmpty else {
                throw mismatch(given.place, name(key), found: given.summary, expected: "a list of one or more sections")
            }
            children = try values.enumerated().map { try child("\(name(key))[\($0.offset)]", $0.element) }
            property = values.map { _ in initial }
        } else {
            children = property.indices.map { ConfigurationNode(child: "\(name(key))[\($0)]", of: self, place: place, entries: []) }
        }
        guard !children.isEmpty else { return }
        resolved.append((key, .sections(children)))
        for (index, child) in children.enumerated() { try property[index].exchange(with: child) }
    }

    /// A list of sections that each name a file, no two the same.
    public func namedSections<Section: NamedSection>(_ key: String, _ property: inout [Section]) throws {
        try sections(key, &property, initially: Section(name: ""))
        guard Set(property.map(\.name)).count == property.count else {
            throw problem(with: key, "has two of one name", remedy: "give each a name of its own: it names a file")
        }
    }

    /// A list of scalars, each at most once; none without the key.
    public func optionalList<Value: ConfigurationScalar & Hashable>(_ key: String, _ property: inout [Value]) throws {
        if isGiven(key) || !property.isEmpty { try list(key, &property) } else { _ = take(key) }
        guard Set(property).count == property.count else { throw problem(with: key, "names the same twice", remedy: "name each once") }
    }

    /// The node of a section that was given.
    func child(_ name: String, _ given: ConfigurationValue) throws -> ConfigurationNode {
        guard case .section(let entries) = given.content else {
            throw mismatch(given.place, name, found: given.summary, expected: "a section of keys with values")
        }
        return ConfigurationNode(child: name, of: self, place: given.place, entries: entries)
    }
}
