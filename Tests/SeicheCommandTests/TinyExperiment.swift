/// The whole of `tiny.yaml`, made once for all tests: where it was made, and how each command ended.
struct TinyExperiment: Sendable {
    let workplace: Workplace
    let outcomes: [(command: [String], outcome: Outcome)]

    static let commands = [
        ["simulate", "tiny.yaml"],
        ["train", "tiny.yaml", "--emulator", "implicit"],
        ["train", "tiny.yaml", "--emulator", "explicit"],
        ["train", "tiny.yaml", "--emulator", "explicit", "--name", "explicit_equal_time", "--time-of", "implicit"],
        ["compare", "tiny.yaml"],
        ["check", "tiny.yaml"],
        ["plot", "tiny.yaml"],
        ["forecast", "tiny.yaml", "--emulator", "implicit"],
        ["report", "data/tiny/emulators"],
    ]

    /// Tests look at `workplace`, and change only copies of it.
    static func made() async throws -> TinyExperiment { try await making.value }

    private static let making = Task {
        let workplace = try Workplace()
        var outcomes: [(command: [String], outcome: Outcome)] = []
        for command in commands { outcomes.append((command, try await workplace.start(command).outcome())) }
        return TinyExperiment(workplace: workplace, outcomes: outcomes)
    }

    func output(of name: String) -> String { outcomes.first { $0.command[0] == name }?.outcome.output ?? "" }
}
