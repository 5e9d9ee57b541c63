import Basics
import Emulators
import NetCDF

/// What steps and derivatives of the Fortran model and of emulators cost, by precision, threads and batch.
struct CostTable {
    enum Operation: String, CaseIterable { case step, tangentLinear = "tangent_linear", adjoint }

    /// Of one sample.
    struct Figure {
        let seconds: Double
        /// Between the quartiles of the repeats, over the median.
        let spread: Double
        /// Peak memory beside what holds the model and the states.
        let bytes: Double

        static let none = Figure(seconds: .nan, spread: .nan, bytes: .nan)
    }

    struct Key: Hashable {
        let model: Int
        let precision: EmulatorPrecision
        let threads: Int
        let operation: Operation
        let batch: Int
    }

    /// The Fortran model first.
    let labels: [String]
    let threads: [Int]
    let batches: [Int]
    let cells: String
    var figures: [Key: Figure] = [:]
    /// What could not be measured, and why.
    var failures: [String] = []

    static let precisions: [EmulatorPrecision] = [.single, .double]

    /// Times and memory of all models, one row for each setting of precision, threads and batch.
    var report: String {
        let header = ["model", "precision", "threads", "batch"] + Operation.allCases.flatMap { [$0.words + ", ms", "spread", "memory"] }
        let rows = labels.indices.flatMap { model in
            Self.precisions.flatMap { precision in
                threads.flatMap { threads in
                    batches.compactMap { batch -> [String]? in
                        let found = Operation.allCases.map {
                            figures[Key(model: model, precision: precision, threads: threads, operation: $0, batch: batch)]
                        }
                        guard found.contains(where: { $0 != nil }) else { return nil }
                        return [labels[model], precision.rawValue, "\(threads)", "\(batch)"]
                            + found.flatMap { figure in
                                guard let figure else { return ["", "", ""] }
                                return [
                                    Text.figure(figure.seconds * 1000), Text.figure(figure.spread * 100) + " %",
                                    figure.bytes.isFinite ? Text.bytes(figure.bytes) : "",
                                ]
                            }
                    }
                }
            }
        }
        return (["\(cells); time and peak memory a sample, median of repeats and the distance of their quartiles", Text.table([header] + rows)]
            + failures).joined(separator: "\n")
    }

    /// Writes seconds, spread and memory by model, precision, threads, batch and operation; not a number for what there is not.
    func write(to path: String) throws {
        let keys = labels.indices.flatMap { model in
            Self.precisions.flatMap { precision in
                threads.flatMap { threads in
                    batches.flatMap { batch in
                        Operation.allCases.map { Key(model: model, precision: precision, threads: threads, operation: $0, batch: batch) }
                    }
                }
            }
        }
        let values = keys.map { figures[$0] ?? .none }
        // The operations last, where tables have their columns.
        let dimensions = ["model", "precision", "threads", "batch", "operation"]
        try NetCDFFile.writeAtomically(to: path) { file in
            try file.describe("Cost of steps, tangent-linears and adjoints")
            try file.setAttribute("models", .texts(labels))
            try file.setAttribute("grid", .text(cells))
            try file.defineLabels("model", labels)
            try file.defineLabels("precision", Self.precisions.map(\.rawValue))
            try file.defineLabels("operation", Operation.allCases.map(\.rawValue))
            try file.defineLabels("threads", threads.map { "\($0)" }, values: threads)
            try file.defineLabels("batch", batches.map { "\($0)" }, values: batches)
            try file.defineFigures("seconds", dimensions, values.map(\.seconds), units: "s", "wall-clock time of one sample, median of repeats")
            try file.defineFigures("spread", dimensions, values.map(\.spread), "distance of the quartiles of the repeats over their median")
            try file.defineFigures("memory", dimensions, values.map(\.bytes), units: "byte", "peak memory of one sample beside the model and its states")
        }
    }
}

extension CostTable.Operation {
    var words: String { self == .tangentLinear ? "tangent-linear" : rawValue }
}
