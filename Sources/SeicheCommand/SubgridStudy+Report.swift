import Basics
import Configuration
import Emulators
import NetCDF
import Tensors

extension SubgridStudy {
    /// Leads, in the model's unit, that the table shows.
    private static let leads = [0.5, 1.0, 2.0]

    func report(_ results: [Result], _ judge: SubgridJudge) -> String {
        let header = ["term", "weights", "tendency", "window"] + Self.leads.map { "at \(Text.figure($0))" } + [
            "valid", "mean", "deviation", "distance", "seconds",
        ]
        let rows = results.map { result in
            let skill = result.skill
            let errors = Self.leads.map { lead in
                let step = Int((lead / wanted.timeStep).rounded())
                return skill.errors.indices.contains(step - 1) ? Text.figure(skill.errors[step - 1]) : ""
            }
            let climate = skill.failure == nil
                ? [Text.figure(skill.climate.mean), Text.figure(skill.climate.deviation), Text.figure(skill.distance)] : ["failed", "", ""]
            return [result.name, "\(result.model.parameters.count)", Text.figure(result.tendencyError), Text.figure(result.windowError)] + errors
                + [Text.figure(skill.validTime)] + climate + [Text.figure(result.seconds)]
        }
        let truth = ["two levels", "", "", ""] + Self.leads.map { _ in "" } + [
            "", Text.figure(judge.climate.mean), Text.figure(judge.climate.deviation), Text.figure(judge.chance), "",
        ]
        return """
            \(Text.table([header] + rows + [truth]))
            tendency, window: root mean square of what the term misses of validation tendencies, and error over windows of \(wanted.window) steps
            at ...: errors of \(wanted.forecasts.count) forecasts, in deviations of the climatology; valid: mean time until one exceeds \
            \(Text.figure(wanted.forecasts.threshold))
            mean, deviation, distance: climatology, and the largest difference of cumulative distributions from the two-level model's; in its \
            own row the distance of its two halves
            """
    }

    /// Each model as a checkpoint, `FOLDER/polynomial_offline.nc` and so on, which `seiche assimilate` takes; their paths.
    func writeModels(_ results: [Result], to folder: String) throws -> [String] {
        try results.map { result in
            let path = "\(folder)/\(result.name.replacing(", ", with: "_")).nc"
            try Lorenz96Checkpoint(
                network: result.model.network, parameters: result.model.parameters.scalars, scales: result.model.scales,
                timeStep: result.model.timeStep,
                provenance: ["experiment": try experiment.resolvedYAML, "command": Provenance.command, "version": Provenance.version],
                numbers: ["seconds": result.seconds]
            ).write(to: path)
            return path
        }
    }

    /// Errors by lead time, distributions and the terms as functions.
    func write(_ results: [Result], _ judge: SubgridJudge, to path: String) throws {
        let pending = try AtomicNetCDFFile(target: path)
        let file = pending.file
        try file.setAttribute("Conventions", "CF-1.11")
        try file.setAttribute("title", .text("Subgrid terms of \(experiment.name)"))
        try file.setAttribute("source", .text(Provenance.lorenz96Source))
        try file.setAttribute("history", .text(Provenance.history("subgrid")))
        try file.setAttribute("experiment", .text(try experiment.resolvedYAML))
        try file.setAttribute("terms", .text(results.map(\.name).joined(separator: "; ")))
        try file.defineDimension("term", length: results.count)
        try file.defineDimension("climate", length: results.count + 1)
        try file.defineDimension("lead", length: wanted.forecasts.leadSteps)
        try file.defineDimension("x", length: SubgridSkill.Climate.bins)
        func define(_ name: String, _ longName: String, _ dimensions: [String], _ values: [Double]) throws {
            try file.defineVariable(
                name, Double.self, dimensions: dimensions, fill: missing, attributes: [("long_name", .text(longName)), ("units", "1")]
            ).write(values)
        }
        let (first, width, bins) = (SubgridSkill.Climate.first, SubgridSkill.Climate.width, SubgridSkill.Climate.bins)
        let centres = (0..<bins).map { first + (Double($0) + 0.5) * width }
        try define("lead", "lead time, dimensionless model time", ["lead"], (1...wanted.forecasts.leadSteps).map { Double($0) * wanted.timeStep })
        try define("x", "slow variable, middle of a bin", ["x"], centres)
        try define(
            "error", "root mean square error of forecasts in deviations of the climatology", ["term", "lead"],
            results.flatMap { $0.skill.errors + [Double](repeating: missing, count: wanted.forecasts.leadSteps - $0.skill.errors.count) })
        try define(
            "density", "probability density of slow variables: the terms' models, then the two-level model", ["climate", "x"],
            (results.map(\.skill.climate) + [judge.climate]).flatMap { climate in
                let total = max(1, climate.histogram.reduce(0, +)) * width
                return climate.histogram.map { $0 / total }
            })
        try define(
            "subgrid_tendency", "the term as a function of the slow variable", ["term", "x"],
            results.flatMap { $0.model.subgridTendency(at: centres) })
        try pending.finish()
    }

    private var missing: Double { Double.netCDF.defaultFill }
}
