import Emulators
import Foundation

/// All numbers of a run's last checkpoint that training decides: weights, best weights, what the optimiser carries, and how far it is.
func weights(_ workplace: Workplace, run: String = "implicit") throws -> [String: [Double]] {
    let checkpoint = try EmulatorCheckpoint(reading: workplace.path("data/tiny/emulators/\(run)/latest.nc"))
    var result = checkpoint.vectors
    result["parameters"] = checkpoint.parameters
    result["numbers"] = checkpoint.numbers.filter { $0.key != "seconds" }.sorted { $0.key < $1.key }.map(\.value)
    return result
}

/// The step of every line of a run's log.
func loggedSteps(_ workplace: Workplace, run: String = "implicit") throws -> [Int] {
    struct Line: Decodable { let step: Int }
    let log = try String(contentsOfFile: workplace.path("data/tiny/emulators/\(run)/log.jsonl"), encoding: .utf8)
    return try log.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)).step }
}
