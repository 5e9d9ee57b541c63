import Basics
import Dynamics
import Evaluation
import NetCDF
import StencilSolvers

/// How solvers converge on the systems that implicit emulators learned: forward, from the layer's own right-hand side, and backward, on the
/// transposed matrix from white noise in wet cells, as cotangents of a loss may be.
struct ConvergencePlot {
    struct Entry {
        let label: String
        let forward, backward: [SolverConvergence.History]
    }

    static let iterations = 60
    let entries: [Entry]

    init(_ systems: [(label: String, matrix: StencilMatrix<Double>, rightHandSide: [Double])], wet: [Bool]) {
        var stream = RandomStream(seed: 1, purpose: "right-hand side of a backward solve", index: 0)
        let noise = zip(stream.normals(wet.count), wet).map { $1 ? $0 : 0 }
        entries = systems.map { label, matrix, b in
            Entry(
                label: label, forward: SolverConvergence(of: matrix, rightHandSide: b, iterations: Self.iterations).histories,
                backward: SolverConvergence(of: matrix.transposed(), rightHandSide: noise, iterations: Self.iterations).histories)
        }
    }

    func write(to path: String) throws {
        var methods: [String] = []
        for history in entries.flatMap(\.forward) where !methods.contains(history.method) { methods.append(history.method) }
        let length = Self.iterations + 1
        let values = entries.flatMap { entry in
            [entry.forward, entry.backward].flatMap { histories in
                methods.flatMap { name in (histories.first { $0.method == name }?.residuals ?? []).padded(to: length) }
            }
        }
        try NetCDFFile.writeFigure(
            path, title: "Relative residuals by iteration on learned systems",
            labels: [("emulator", entries.map(\.label)), ("direction", ["forward", "backward"]), ("method", methods)], lengths: [("iteration", length)],
            [("relative_residual", ["emulator", "direction", "method", "iteration"], values, "1", "Euclidean norm of b - A y over that of b")])
    }

    func figure(_ entry: Entry) throws -> CurveFigure {
        let curves = [(entry.forward, "", Curve.Style.line), (entry.backward, ", backward", .dashed)].flatMap { histories, suffix, style in
            histories.enumerated().map { k, history in
                Curve(
                    label: history.method + suffix, x: history.residuals.indices.map(Double.init), y: history.residuals, style: style, color: k)
            }
        }
        return try CurveFigure(
            title: "Solves of the system that \(entry.label) learned, and of its transpose", curves: curves,
            x: CurveAxis(label: "sweeps, cycles or steps"), y: CurveAxis(label: "residual / right-hand side", isLogarithmic: true))
    }
}
