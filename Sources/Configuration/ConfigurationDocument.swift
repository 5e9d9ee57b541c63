import Basics
import Foundation
import Yams

/// A YAML file with overrides laid over it, not yet read by any schema.
struct ConfigurationDocument: Sendable {
    /// For messages: the path as given.
    let file: String
    var root: ConfigurationValue

    /// Reads a file. Throws `SeicheError(.invalidInput)` when it is missing, unreadable or not one YAML section.
    init(path: String) throws {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw SeicheError(
                .invalidInput, "the experiment \(path) cannot be read",
                why: FileManager.default.fileExists(atPath: path) ? error.localizedDescription : "there is no such file",
                remedy: "check the path; it is relative to the working directory, \(FileManager.default.currentDirectoryPath)")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw SeicheError(.invalidInput, "\(path) is not UTF-8 text", why: "it may be a binary file or in an older encoding")
        }
        try self.init(text: text, file: path)
    }

    init(text: String, file: String) throws {
        guard let node = try Self.compose(text, prefix: { Place.line($0).prefix(file: file) }) else {
            throw SeicheError(.invalidInput, "\(file) is empty", remedy: "start from one of the files in experiments/")
        }
        self.file = file
        root = try Self.value(of: node, key: "", file: file, place: nil)
        guard case .section = root.content else {
            throw SeicheError(
                .invalidInput, root.place.prefix(file: file) + "found \(root.summary), expected keys with values (name: ...)")
        }
    }

    /// Sets one key from `key.path=value`, the value in YAML. Sections on the way are made; `null` takes the key away.
    ///
    /// Whether the key exists is for the schema to say, once for file and overrides alike.
    mutating func apply(override text: String) throws {
        let place = Place.override(text)
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0].split(separator: ".", omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .whitespaces) }
        guard parts.count == 2, !path.contains("") else {
            throw SeicheError(
                .invalidInput, "--set \(text): expected a key and a value",
                remedy: "write --set section.key=value, for example --set training.steps=100")
        }
        guard let node = try Self.compose(String(parts[1]), prefix: { _ in place.prefix(file: file) }) else {
            throw SeicheError(
                .invalidInput, "--set \(text): the value is empty", remedy: "write null to take a key away, or \"\" for an empty text")
        }
        let value = try Self.value(of: node, key: path.joined(separator: "."), file: file, place: place)
        root = try Self.setting(path[...], of: root, to: value, name: "", file: file)
    }

    private static func setting(
        _ path: ArraySlice<String>, of parent: ConfigurationValue, to value: ConfigurationValue, name: String, file: String
    ) throws -> ConfigurationValue {
        guard let key = path.first else { return value }
        guard case .section(var entries) = parent.content else {
            throw SeicheError(
                .invalidInput, value.place.prefix(file: file) + "\(name) is \(parent.summary), not a section that could hold \(key)")
        }
        let index = entries.firstIndex { $0.key == key }
        if path.count == 1, value.isNull {
            if let index { entries.remove(at: index) }
        } else {
            let empty = ConfigurationValue(content: .section([]), place: value.place)
            let inner = try setting(
                path.dropFirst(), of: index.map { entries[$0].value } ?? empty, to: value,
                name: name.isEmpty ? key : "\(name).\(key)", file: file)
            if let index { entries[index].value = inner } else { entries.append(.init(key: key, value: inner)) }
        }
        return ConfigurationValue(content: .section(entries), place: parent.place)
    }

    /// Yams' tree of the one document in `text`; its errors become one line with the place first.
    private static func compose(_ text: String, prefix: (Int) -> String) throws -> Node? {
        do {
            return try Yams.compose(yaml: text)
        } catch YamlError.scanner(let context, let problem, let mark, _), YamlError.parser(let context, let problem, let mark, _),
            YamlError.composer(let context, let problem, let mark, _) {
            throw SeicheError(
                .invalidInput, prefix(mark.line) + "this is not valid YAML: \(problem)",
                why: context.map { "\($0.text), which starts at line \($0.mark.line), column \($0.mark.column)" },
                remedy: "look at line \(mark.line), column \(mark.column), and the line before: indentation, quotes, brackets, tabs")
        } catch YamlError.duplicatedKeysInMapping(let duplicates, let context) {
            throw SeicheError(
                .invalidInput,
                prefix(context.mark.line) + "\(duplicates.joined(separator: ", ")) appears more than once in the section that starts here",
                remedy: "keep one of them")
        } catch {
            throw SeicheError(.invalidInput, prefix(1) + "this is not valid YAML: \(error)")
        }
    }

    /// `place` overrides the lines of the nodes: an override has no lines worth telling.
    private static func value(of node: Node, key: String, file: String, place: Place?) throws -> ConfigurationValue {
        let here = place ?? node.mark.map { .line($0.line) } ?? .unwritten
        switch node {
        case .scalar(let scalar):
            return ConfigurationValue(content: .scalar(scalar.string, isQuoted: scalar.style != .plain && scalar.style != .any), place: here)
        case .sequence(let sequence):
            let values = try sequence.enumerated().map {
                try value(of: $0.element, key: "\(key)[\($0.offset)]", file: file, place: place)
            }
            return ConfigurationValue(content: .list(values), place: here)
        case .mapping(let mapping):
            let entries = try mapping.map { pair in
                guard let name = pair.key.scalar?.string else {
                    throw SeicheError(.invalidInput, here.prefix(file: file) + "a key of \(key.isEmpty ? "the file" : key) is not plain text")
                }
                var inner = try value(of: pair.value, key: key.isEmpty ? name : "\(key).\(name)", file: file, place: place)
                // The key's line, not the value's: a section's value starts on the line after.
                if place == nil, let mark = pair.key.mark { inner.place = .line(mark.line) }
                return ConfigurationValue.Entry(key: name, value: inner)
            }
            return ConfigurationValue(content: .section(entries), place: here)
        case .alias:
            throw SeicheError(.invalidInput, here.prefix(file: file) + "\(key) is an alias, which experiments do not use")
        }
    }
}
