/// Where a value of a configuration was written, for messages.
enum Place: Equatable, Sendable {
    case line(Int)
    /// The override as typed, `key.path=value`.
    case override(String)
    /// Not written down anywhere: a default, or a value that a program set.
    case unwritten

    /// For the start of a message, with the name of the file: "experiments/a.yaml, line 3: ".
    func prefix(file: String) -> String {
        switch self {
        case .line(let number): "\(file), line \(number): "
        case .override(let text): "--set \(text): "
        case .unwritten: "\(file): "
        }
    }
}

/// A YAML document as this package needs it: text, lists and sections, each knowing where it was written.
///
/// Scalars stay text: the reader of a key knows the type it wants, so `name: 1e3` is a name and `drag: 1e-3` a number
/// whatever YAML's own guesses are.
struct ConfigurationValue: Equatable, Sendable {
    enum Content: Equatable, Sendable {
        /// `isQuoted` tells `""` and `"null"` from a value that is absent.
        case scalar(String, isQuoted: Bool)
        case list([ConfigurationValue])
        case section([Entry])
    }

    struct Entry: Equatable, Sendable {
        let key: String
        var value: ConfigurationValue
    }

    var content: Content
    var place: Place

    /// True for `key:` and for the plain words that YAML reads as nothing.
    var isNull: Bool {
        guard case .scalar(let text, isQuoted: false) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// What a message says was found.
    var summary: String {
        switch content {
        case .scalar(let text, isQuoted: true): "the text \"\(text)\""
        case .scalar(let text, isQuoted: false): isNull ? "no value" : "'\(text)'"
        case .list(let values): "a list of \(values.count) value\(values.count == 1 ? "" : "s")"
        case .section(let entries): "a section with \(entries.count) key\(entries.count == 1 ? "" : "s")"
        }
    }
}
