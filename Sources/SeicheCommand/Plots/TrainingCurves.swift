import Basics
import Evaluation
import Foundation
import NetCDF

/// Errors on validation runs against training time, from the logs of runs.
///
/// A log holds no times, so that its bytes follow from the experiment. The time that the checkpoint tells is shared out over the steps: evenly, but by
/// inner iterations where the optimiser is Levenberg-Marquardt and by evaluations of the loss where it is L-BFGS, for these are what such steps cost.
struct TrainingCurves {
    struct Run {
        let label: String
        /// s, at each look at the validation runs.
        let seconds: [Double]
        /// Root of the validation loss.
        let errors: [Double]
    }

    let runs: [Run]

    private struct Line: Decodable {
        let step: Int
        let validationLoss: Double?
        let innerIterations: Int?
        let evaluations: Int?
    }

    /// - Parameter runs: label, folder and training time in s; runs without a look at validation runs are left out.
    init(_ runs: [(label: String, folder: String, seconds: Double)]) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        self.runs = try runs.compactMap { label, folder, seconds in
            guard let text = try? String(contentsOfFile: "\(folder)/log.jsonl", encoding: .utf8) else { return nil }
            let lines = try text.split(separator: "\n").map { line in
                do { return try decoder.decode(Line.self, from: Data(line.utf8)) } catch {
                    throw SeicheError(.file, "the log '\(folder)/log.jsonl' has a line that is none of a training: \(line.prefix(80))")
                }
            }
            let work = lines.map { Double($0.innerIterations ?? $0.evaluations ?? 1) }
            let total = work.reduce(0, +)
            var (done, times, errors) = (0.0, [Double](), [Double]())
            for (line, share) in zip(lines, work) {
                done += share
                guard let loss = line.validationLoss, loss >= 0 else { continue }
                times.append(seconds * done / max(total, 1))
                errors.append(loss.squareRoot())
            }
            return errors.isEmpty ? nil : Run(label: label, seconds: times, errors: errors)
        }
    }

    func write(to path: String) throws {
        let length = runs.map(\.errors.count).max() ?? 0
        try NetCDFFile.writeFigure(
            path, title: "Errors on validation runs while training", labels: [("run", runs.map(\.label))], lengths: [("look", length)],
            [
                ("seconds", ["run", "look"], runs.flatMap { $0.seconds.padded(to: length) }, "s", "time of training until the look, shared out over the steps"),
                ("validation_error", ["run", "look"], runs.flatMap { $0.errors.padded(to: length) }, "1", "root of the validation loss"),
            ])
    }

    func figure() throws -> CurveFigure {
        try CurveFigure(
            title: "Error on validation runs while training",
            curves: runs.map { Curve(label: $0.label, x: $0.seconds.map { $0 / 60 }, y: $0.errors, style: $0.errors.count < 40 ? .lineWithMarkers : .line) },
            x: CurveAxis(label: "training time, min", isLogarithmic: true), y: CurveAxis(label: "error / RMS of the training set", isLogarithmic: true))
    }
}
