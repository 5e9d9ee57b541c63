import Foundation
import Testing

/// Something that a user can get wrong, and what the message must tell of it.
struct Mistake: Sendable, CustomTestStringConvertible {
    let name: String
    let arguments: [String]
    /// What the message must hold.
    let words: [String]
    /// Spoils a copy of the tiny experiment.
    let preparation: @Sendable (Workplace) throws -> Void

    var testDescription: String { name }

    /// - Parameter command: the words after `seiche`; "tiny.yaml" is put after the first unless another experiment stands there.
    init(
        _ name: String, _ command: String, says words: String..., preparation: @escaping @Sendable (Workplace) throws -> Void = { _ in }
    ) {
        self.name = name
        var arguments = command.split(separator: " ").map(String.init)
        if arguments.count < 2 || !arguments[1].hasSuffix(".yaml") { arguments.insert("tiny.yaml", at: 1) }
        self.arguments = arguments
        self.words = words
        self.preparation = preparation
    }
}

/// Every mistake has the same end: one message, a failing exit code, and no file made or changed.
func expectOneClearMessage(_ mistake: Mistake, environment: [String: String] = [:]) async throws {
    let workplace = try Workplace(copyOf: await TinyExperiment.made().workplace)
    try mistake.preparation(workplace)
    let before = workplace.files
    let outcome = try await workplace.start(mistake.arguments, environment: environment).outcome()
    #expect(outcome.status == 1, "\(outcome.errors)")
    let lines = outcome.errors.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    // Progress may come first; the message is the rest: what, and at most one line each of why and remedy.
    let message = lines.drop { !$0.hasPrefix("seiche: ") }
    let shape = message.dropFirst().map { String($0.prefix(7)) }.joined(separator: "|")
    #expect(!message.isEmpty && ["", "  why: |", "  try: |", "  why: |  try: |"].contains(shape), "\(outcome.errors)")
    for word in mistake.words { #expect(outcome.errors.contains(word), "'\(word)' not in: \(outcome.errors)") }
    for trace in ["Fatal error", "Stack dump", "Swift runtime", "Thread 0", "Error Domain"] {
        #expect(!outcome.errors.contains(trace), "\(outcome.errors)")
    }
    let after = workplace.files
    #expect(after.keys.sorted() == before.keys.sorted())
    for (name, bytes) in before { #expect(after[name] == bytes, "\(name) has changed") }
}
