import Basics
import Foundation
import Training

/// A training's log: one JSON object a line, one line a step.
final class TrainingLog {
    private let file: FileHandle
    private let events: EventLog?

    private struct Line: Codable {
        let step: Int
        let loss: Double
        let validationLoss: Double?
        let validationRolloutError: Double?
        /// Of Adam.
        var learningRate: Double?
        /// Of Adam and L-BFGS.
        var gradientNorm: Double?
        /// Of Levenberg-Marquardt.
        var damping: Double?
        var gainRatio: Double?
        var innerIterations: Int?
        /// Of L-BFGS.
        var stepLength: Double?
        var evaluations: Int?
        let forwardSweeps: Double
        let backwardSweeps: Double
        let gradientError: Double?

        init(_ progress: TrainingProgress) {
            func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }
            step = progress.step
            loss = progress.loss
            validationLoss = finite(progress.validation?.loss)
            validationRolloutError = finite(progress.validation?.forecastError)
            forwardSweeps = progress.forward.meanIterations
            backwardSweeps = progress.backward.meanIterations
            gradientError = finite(progress.gradientError)
            switch progress.update {
            case .adam(let rate, let norm): (learningRate, gradientNorm) = (rate, norm)
            case .levenbergMarquardt(let report):
                (damping, gainRatio, innerIterations) = (report.damping, finite(report.ratio), report.innerIterations)
            case .lbfgs(let report): (gradientNorm, stepLength, evaluations) = (report.gradientNorm, report.length, report.evaluations)
            }
        }
    }

    /// Opens the log for appending; lines after step `step`, left by a run that was killed after its last checkpoint, are dropped.
    ///
    /// - Parameter writesEvents: also for TensorBoard, into a file beside it.
    init(folder: String, from step: Int, writesEvents: Bool) throws {
        let path = folder + "/log.jsonl"
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let old = step == 0 ? "" : (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let kept = old.split(separator: "\n").filter { line in
            (try? decoder.decode(Line.self, from: Data(line.utf8))).map { $0.step <= step } ?? false
        }
        do {
            try Data(kept.map { $0 + "\n" }.joined().utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
            file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            try file.seekToEnd()
        } catch {
            throw SeicheError(.file, "cannot write the log '\(path)'", why: error.localizedDescription, remedy: "check the folder and the disk")
        }
        // TensorBoard takes files that have "tfevents" in their names.
        events = writesEvents ? try EventLog(path: folder + "/events.out.tfevents.seiche", from: step) : nil
    }

    func append(_ progress: TrainingProgress) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let line = try encoder.encode(Line(progress))
        try file.write(contentsOf: line + Data("\n".utf8))
        guard let events, let numbers = try JSONSerialization.jsonObject(with: line) as? [String: NSNumber] else { return }
        let values = numbers.filter { $0.key != "step" }.sorted { $0.key < $1.key }
        try events.append(values.map { (tag: $0.key, value: $0.value.doubleValue) }, step: progress.step)
    }
}
