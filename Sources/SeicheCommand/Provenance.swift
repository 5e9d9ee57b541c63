import Configuration
import Foundation

/// Where results come from, for the attributes of what is written.
enum Provenance {
    static let version = "0.1.0"

    /// The command line that was typed, quoted where a shell needs it.
    static var command: String {
        let arguments = CommandLine.arguments.enumerated().map { index, argument in
            index == 0 ? (argument as NSString).lastPathComponent : argument
        }
        return arguments.map { argument in
            let isPlain = argument.unicodeScalars.allSatisfy {
                CharacterSet.alphanumerics.contains($0) || "-_./=:,+@%".unicodeScalars.contains($0)
            }
            return isPlain && !argument.isEmpty ? argument : "'" + argument.replacingOccurrences(of: "'", with: "'\\''") + "'"
        }.joined(separator: " ")
    }

    /// CF wants a history. It has no date and no command as typed, so that the same experiment gives the same bytes.
    static func history(_ command: String) -> String { "written by `seiche \(command)`, version \(version)" }

    static let lorenz96Source = "Seiche \(version), Lorenz '96 model"

    static let source = "Seiche \(version), semi-implicit shallow-water model (scheme of Backhaus 1983)"
}
