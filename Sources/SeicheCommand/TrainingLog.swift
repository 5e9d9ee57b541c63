import Basics
import Foundation
import Training

/// A training's log: one JSON object a line, one line a step.
final class TrainingLog {
    private let file: FileHandle

    private struct Line: Codable {
        let step: Int
        let loss: Double
        let validationLoss: Double?
        /// Of Adam.
        var learningRate: Double?
        var gradientNorm: Double?
        /// Of Levenberg-Marquardt.
        var damping: Double?
        var gainRatio: Double?
        var innerIterations: Int?
        let forwardSweeps: Double
        let backwardSweeps: Double
        let gradientError: Double?
    }

    /// Opens the log for appending; lines after step `step`, left by a run that was killed after its last checkpoint, are dropped.
    init(path: String, from step: Int) throws {
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
    }

    func append(_ progress: TrainingProgress) throws {
        var line = Line(
            step: progress.step, loss: progress.loss, validationLoss: progress.validationLoss.flatMap { $0.isFinite ? $0 : nil },
            forwardSweeps: progress.forward.meanIterations, backwardSweeps: progress.backward.meanIterations,
            gradientError: progress.gradientError.flatMap { $0.isFinite ? $0 : nil })
        switch progress.update {
        case .adam(let rate, let norm): (line.learningRate, line.gradientNorm) = (rate, norm)
        case .levenbergMarquardt(let report):
            (line.damping, line.innerIterations) = (report.damping, report.innerIterations)
            line.gainRatio = report.ratio.isFinite ? report.ratio : nil
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        encoder.keyEncodingStrategy = .convertToSnakeCase
        try file.write(contentsOf: encoder.encode(line) + Data("\n".utf8))
    }
}
