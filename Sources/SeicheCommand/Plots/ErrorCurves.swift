import Configuration
import Evaluation

/// Errors of forecasts against lead time, the seeds of an emulator as one curve, published nets as points.
struct ErrorCurves {
    /// s
    let leads: [Double]
    let labels: [String]
    /// [label][lead]
    let errors: [[Double]]

    /// Numbers of the colours that what is not an emulator of ours has in every figure, black and brown; emulators pass them over.
    private static let (publishedColor, persistenceColor) = (6, 7)
    private static func emulatorColor(_ place: Int) -> Int { place < publishedColor ? place : place + 2 }

    func figure(beside published: [PublishedNets.Net], endHours: Double) throws -> CurveFigure {
        let hours = leads.map { $0 / 3600 }
        // Errors far beyond the signal's own size say only "useless": the axis ends at ten times persistence.
        let persistence = labels.firstIndex(of: "persistence").map { errors[$0] } ?? []
        let ceiling = 10 * (persistence.filter(\.isFinite).max() ?? 1)
        let least = (errors.joined() + published.map(\.oneStep)).filter { $0 > 0 && $0.isFinite }.min() ?? 1e-3
        var names: [String] = []
        for label in labels where !names.contains(BasinResults.family(of: label)) { names.append(BasinResults.family(of: label)) }
        let curves = names.enumerated().map { place, name -> Curve in
            let members = zip(labels, errors).filter { BasinResults.family(of: $0.0) == name }.map(\.1)
            let values = hours.indices.map { k in members.reduce(0) { $0 + $1[k] } / Double(members.count) }
            let shown = hours.indices.prefix { values[$0].isFinite && values[$0] < 10 * ceiling }
            let spread = shown.map { k in (members.map { $0[k] }.min() ?? .nan, members.map { $0[k] }.max() ?? .nan) }
            return Curve(
                label: members.count > 1 ? "\(name), \(members.count) seeds" : name, x: shown.map { hours[$0] }, y: shown.map { values[$0] },
                spread: members.count > 1 ? (spread.map(\.0), spread.map(\.1)) : nil, style: name == "persistence" ? .dashed : .line,
                color: name == "persistence" ? Self.persistenceColor : Self.emulatorColor(place))
        }
        let points = published.map { net in
            Curve(
                label: "published \(net.name)", x: [net.timeStep / 3600] + net.steps.map { Double($0) * net.timeStep / 3600 } + [endHours],
                y: [net.oneStep] + net.errors + [net.end], style: .markers, color: Self.publishedColor)
        }
        return try CurveFigure(
            title: "Forecast error on unseen simulations", curves: curves + points, x: CurveAxis(label: "lead time, h"),
            y: CurveAxis(label: "error / RMS of the training set", isLogarithmic: true, range: least / 1.5...ceiling))
    }
}
