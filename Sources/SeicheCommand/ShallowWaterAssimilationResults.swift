import Assimilation
import Basics
import Configuration
import Dynamics

/// What the runs of shallow-water assimilation came to, as a table.
struct ShallowWaterAssimilationResults {
    struct Run {
        let settings: Experiment.SeaAssimilation.Run
        let cases: [ShallowWaterAssimilation.CaseResult]

        var failure: SeicheError? { cases.lazy.compactMap(\.failure).first }

        /// Of the cases.
        func mean(_ value: (ShallowWaterAssimilation.CaseResult) -> Double) -> Double {
            cases.reduce(0) { $0 + value($1) } / Double(cases.count)
        }
    }

    let assimilation: ShallowWaterAssimilation
    let runs: [Run]

    var wanted: Experiment.SeaAssimilation { assimilation.wanted }
    var hour: Double { assimilation.experiment.model.timeStep / 3600 }
    var errors: ShallowWaterErrors { ShallowWaterErrors(assimilation.grid) }

    /// After the last window, in h.
    var leads: [Double] {
        (Array(stride(from: 0, to: wanted.forecastSteps, by: wanted.interval)) + [wanted.forecastSteps]).map { Double($0) * hour }
    }

    var report: String {
        // The window's end, the middle and the end of the forecast.
        let shown = Array(Set([0, (leads.count - 1) / 2, leads.count - 1])).sorted()
        func names(_ field: String) -> [String] {
            ["\(field) start"] + shown.map { leads[$0] == 0 ? "end" : "+\(Text.figure(leads[$0])) h" }
        }
        let header = ["run", "method", "model", "factor"] + names("zeta") + names("velocity") + ["2J/p", "R", "HBH'", "runs", "core s"]
        let rows = runs.map { run in
            let settings = run.settings
            let set = [
                settings.name, settings.scheme.method.rawValue, Files.name(of: settings.scheme.model),
                settings.scheme.method == .freeRun ? "" : Text.figure(settings.backgroundFactor),
            ]
            guard run.failure == nil else { return set + ["failed"] }
            let start = { (result: ShallowWaterAssimilation.CaseResult) in
                errors.size(result.cycles[result.cycles.count - 1].analysis.initial, result.cycles[result.cycles.count - 1].truth.initial)
            }
            var statistics = TwinStatistics()
            for cycle in run.cases.flatMap(\.cycles) { statistics.add(cycle) }
            let minimisations = run.cases.flatMap(\.cycles).compactMap(\.analysis.minimisation)
            let isVariational = !minimisations.isEmpty
            let products = minimisations.reduce(0) { $0 + $1.products + $1.evaluations }
            return set + [Text.figure(run.mean { start($0).zeta })] + shown.map { lead in Text.figure(run.mean { $0.forecastErrors[lead].zeta }) }
                + [Text.figure(run.mean { start($0).velocity })] + shown.map { lead in Text.figure(run.mean { $0.forecastErrors[lead].velocity }) }
                + [
                    isVariational ? Text.figure(TwinStatistics.mean(statistics.chiSquares).mean) : "",
                    Text.figure(statistics.departures.observationVariance), Text.figure(statistics.departures.backgroundVariance),
                    isVariational ? Text.figure(Double(products) / Double(minimisations.count)) : "", Text.figure(run.mean(\.seconds)),
                ]
        }
        let statistics = assimilation.errorStatistics
        let count = runs.first?.cases.first?.cycles.first?.window.observationCount ?? 0
        var text = """
            Root mean square errors of the last window's analysis at its start and end, and of forecasts from it; zeta in m, velocities in m/s; \
            means over \(wanted.cases) cases
            \(Text.table([header] + rows))
            windows of \(Text.figure(Double(wanted.window * wanted.interval) * hour)) h with \(count) elevations, errors of \
            \(Text.figure(wanted.observations.deviation)) m, variance \(Text.figure(wanted.observations.deviation * wanted.observations.deviation))
            B: deviations of \(Text.figure(statistics.elevationDeviation)) m and \(Text.figure(statistics.velocityDeviation)) m/s times the factor, \
            lengths of \(Text.figure(statistics.elevationLength / 1000)) and \(Text.figure(statistics.velocityLength / 1000)) km
            2J/p: of the minimum, one where B and R are right; R and HBH': variances that departures tell (Desroziers et al. 2005)
            runs: of model or tangent-linear with adjoint, a window; core s: of one core, for all windows and the forecast of a case
            """
        for run in runs {
            if let failure = run.failure { text += "\n\(run.settings.name) lost the truth: \(failure.what)" }
        }
        return text
    }
}
