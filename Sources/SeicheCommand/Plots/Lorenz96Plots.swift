import Basics
import Evaluation

/// Figures of Lorenz '96 emulators, from what `seiche compare` wrote.
struct Lorenz96Plots {
    private let labels: [String]
    /// Units of the model's time.
    private let leads: [Double]
    /// Root mean square over the forecasts, [label][lead].
    private let errors: [[Double]]
    private let oneStep: [Double]

    init(_ path: String) throws {
        guard let file = try ResultFile(ifPresent: path), let labels = try file.labels("emulator"), let leads = try file.values("lead"),
            let rows = try file.rows("error"), let oneStep = try file.values("one_step_error"), !labels.isEmpty, rows.count % labels.count == 0
        else { throw SeicheError(.file, "'\(path)' is no comparison of Lorenz '96 emulators", remedy: "make it with `seiche compare`") }
        self.labels = labels
        self.leads = leads
        self.oneStep = oneStep
        let forecasts = rows.count / labels.count
        errors = labels.indices.map { k in
            leads.indices.map { lead in
                (rows[k * forecasts..<(k + 1) * forecasts].reduce(0) { $0 + $1[lead] * $1[lead] } / Double(forecasts)).squareRoot()
            }
        }
    }

    /// Of a learning curve's runs the ones with the most trajectories stand for the others.
    static func shown(_ labels: [String]) -> [String] {
        let counts = labels.map { count(of: $0) }
        return zip(labels, counts).filter { _, own in
            guard let own else { return true }
            return !counts.contains { $0.map { $0.name == own.name && $0.count > own.count } ?? false }
        }.map(\.0)
    }

    /// "relu_rk4" and 300 for the run relu_rk4_300.
    private static func count(of label: String) -> (name: String, count: Double)? {
        guard let match = label.wholeMatch(of: /(.+)_([0-9]+)/), let count = Double(match.2) else { return nil }
        return (String(match.1), count)
    }

    func errorFigure() throws -> CurveFigure {
        let shown = Self.shown(labels)
        return try CurveFigure(
            title: "Forecast error on unseen simulations, Lorenz '96",
            curves: zip(labels, errors).filter { shown.contains($0.0) }.map { Curve(label: $0, x: leads, y: $1, style: $0 == "persistence" ? .dashed : .line) },
            x: CurveAxis(label: "lead time, units of the model's time"), y: CurveAxis(label: "error / climatological deviation", isLogarithmic: true))
    }

    /// One-step errors against the number of trajectories, of runs NAME_10, NAME_30, ...; nil where there are no such runs.
    func learningFigure() throws -> CurveFigure? {
        var (names, points) = ([String](), [String: [(count: Double, error: Double)]]())
        for (label, error) in zip(labels, oneStep) {
            guard let (name, count) = Self.count(of: label) else { continue }
            if points[name] == nil { names.append(name) }
            points[name, default: []].append((count, error))
        }
        guard names.contains(where: { (points[$0]?.count ?? 0) > 1 }) else { return nil }
        return try CurveFigure(
            title: "Learning curves of Lorenz '96 emulators",
            curves: names.map { name in
                let sorted = (points[name] ?? []).sorted { $0.count < $1.count }
                return Curve(label: name, x: sorted.map(\.count), y: sorted.map(\.error), style: .lineWithMarkers)
            },
            x: CurveAxis(label: "training trajectories", isLogarithmic: true),
            y: CurveAxis(label: "one-step error / climatological deviation", isLogarithmic: true))
    }
}
