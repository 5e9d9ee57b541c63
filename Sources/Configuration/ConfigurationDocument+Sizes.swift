import Basics

// Sizes of an experiment: sections of keys that differ, by name, which are laid over the rest of the file.

extension ConfigurationDocument {
    /// Takes the section `sizes` out of the document. The places of its keys go with them, so that later messages tell their lines.
    mutating func takeSizes() throws -> [ConfigurationValue.Entry] {
        guard case .section(var entries) = root.content, let index = entries.firstIndex(where: { $0.key == Self.sizes }) else { return [] }
        let given = entries.remove(at: index).value
        guard case .section(let sizes) = given.content else {
            throw SeicheError(
                .invalidInput, given.place.prefix(file: file) + "sizes is \(given.summary), expected a section of sizes by name")
        }
        for size in sizes {
            let place = size.value.place.prefix(file: file)
            guard case .section = size.value.content else {
                throw SeicheError(
                    .invalidInput, place + "sizes.\(size.key) is \(size.value.summary), expected a section of keys that differ")
            }
            guard size.key != Experiment.asWritten else {
                throw SeicheError(
                    .invalidInput, place + "sizes.\(size.key) is given, but this is the name of the experiment as it stands",
                    remedy: "write its keys outside of sizes")
            }
        }
        root.content = .section(entries)
        return sizes
    }

    /// The document in one of its sizes; nil and `Experiment.asWritten` name the document as it stands.
    func inSize(_ name: String?, of sizes: [ConfigurationValue.Entry]) throws -> ConfigurationDocument {
        guard let name, name != Experiment.asWritten else { return self }
        guard let chosen = sizes.first(where: { $0.key == name }) else {
            let names = [Experiment.asWritten] + sizes.map(\.key)
            throw SeicheError(
                .invalidInput, "\(file) has no size '\(name)'",
                remedy: nearestName(to: name, among: names).map { "did you mean \($0)?" } ?? "its sizes are \(names.joined(separator: ", "))")
        }
        var copy = self
        copy.root = Self.laying(chosen.value, over: root)
        return copy
    }

    static let sizes = "sizes"

    /// Sections are merged, everything else is replaced; a null takes the key away, as an override's does.
    private static func laying(_ upper: ConfigurationValue, over lower: ConfigurationValue) -> ConfigurationValue {
        guard case .section(let changes) = upper.content, case .section(var entries) = lower.content else { return upper }
        for change in changes {
            let index = entries.firstIndex { $0.key == change.key }
            switch (index, change.value.isNull) {
            case (let index?, true): entries.remove(at: index)
            case (let index?, false): entries[index].value = laying(change.value, over: entries[index].value)
            case (nil, true): break
            case (nil, false): entries.append(change)
            }
        }
        return ConfigurationValue(content: .section(entries), place: lower.place)
    }
}
