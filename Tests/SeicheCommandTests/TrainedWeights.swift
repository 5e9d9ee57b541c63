import Emulators
import Foundation

/// All numbers of a run's last checkpoint that training decides: weights, best weights, the optimiser's moments, and the step.
func weights(_ workplace: Workplace, run: String = "implicit") throws -> [String: [Double]] {
    let checkpoint = try EmulatorCheckpoint(reading: workplace.path("data/tiny/emulators/\(run)/latest.nc"))
    var result = checkpoint.vectors
    result["parameters"] = checkpoint.parameters
    result["numbers"] = ["step", "steps", "validation_loss", "updates"].map { checkpoint.numbers[$0] ?? .nan }
    return result
}

/// The step of every line of a run's log.
func loggedSteps(_ workplace: Workplace, run: String = "implicit") throws -> [Int] {
    struct Line: Decodable { let step: Int }
    let log = try String(contentsOfFile: workplace.path("data/tiny/emulators/\(run)/log.jsonl"), encoding: .utf8)
    return try log.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)).step }
}
