import Basics
import Yams

extension ConfigurationNode {
    /// The values in force as YAML, in the schema's order: what a reader with the same schema reads back unchanged.
    ///
    /// - Parameter omitted: full dotted names of keys and sections to leave out.
    func rendered(omitting omitted: Set<String> = []) throws -> String {
        do {
            return try Yams.serialize(node: node(omitting: omitted))
        } catch {
            throw SeicheError(.invalidInput, "the configuration cannot be written as YAML: \(error)")
        }
    }

    private func node(omitting omitted: Set<String>) -> Node {
        Node(resolved.filter { !omitted.contains(name($0.key)) }.map { entry in
            let value: Node
            switch entry.value {
            case .scalar(let text, let isText):
                value = Node(text, .implicit, isText && !Self.isPlain(text) ? .doubleQuoted : .any)
            case .list(let texts):
                value = Node(texts.map { Node($0) }, .implicit, .flow)
            case .section(let child):
                value = child.node(omitting: omitted)
            case .sections(let children):
                value = Node(children.map { $0.node(omitting: omitted) })
            }
            return (Node(entry.key), value)
        })
    }

    /// Whether every YAML reader takes the text for text without quotes. Words that some take for a truth value or for nothing are not plain.
    private static func isPlain(_ text: String) -> Bool {
        let words = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"]
        guard let first = text.first, first.isASCII, first.isLetter, !words.contains(text.lowercased()) else { return false }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-./".contains($0)) }
    }
}
