import Basics
import Evaluation
import NetCDF

extension Comparison {
    /// Writes the errors as NetCDF; not a number stands for what an entry does not have.
    func write(to path: String) throws {
        let count = entries.first?.skill.error.count ?? 0
        try NetCDFFile.writeAtomically(to: path) { file in
            try file.describe("Errors of single steps and of forecasts by lead time")
            try file.setAttribute("emulators", .texts(entries.map(\.label)))
            try file.setAttribute("time_step_s", .double([timeStep]))
            try file.defineDimension("lead", length: count)
            try file.defineLabels("emulator", entries.map(\.label))
            try file.defineLabels("channel", ["zeta", "u", "v"])
            try file.defineVariable(
                "lead", Double.self, dimensions: ["lead"], attributes: [("units", "s"), ("long_name", "lead time")]
            ).write((1...count).map { Double($0) * timeStep })
            let measure = "root mean square error over wet cells and open faces, channels divided by their training RMS"
            func byLead(_ name: String, _ values: (ForecastSkill) -> [Double], units: String = "1", _ meaning: String) throws {
                try file.defineFigures(name, ["emulator", "lead"], entries.flatMap { values($0.skill) }, units: units, meaning)
            }
            try byLead("error", \.error, "\(measure); mean over forecasts, infinite where one failed")
            try byLead("error_deviation", \.errorDeviation, "standard deviation of that error over forecasts")
            try file.defineFigures(
                "channel_error", ["emulator", "channel", "lead"], entries.flatMap { $0.skill.channelError.flatMap(\.self) },
                "the same as error for zeta, u and v alone")
            try byLead("mean_elevation_drift", \.meanElevationDrift, units: "m", "largest change of the mean elevation since the start")
            try byLead(
                "relative_mass_drift", \.relativeMassDrift,
                "largest change of the sum of zeta since the start over the sum of its magnitude at the start")
            func single(_ name: String, units: String = "1", _ meaning: String, _ value: (Entry) -> Double) throws {
                try file.defineFigures(name, ["emulator"], entries.map(value), units: units, meaning)
            }
            try single("one_step_error", "\(measure); mean over all states of all simulations") { $0.oneStep.statistics.mean }
            try single("one_step_error_deviation", "standard deviation over simulations of a simulation's mean error of one step") {
                $0.oneStep.statistics.deviation
            }
            try single("parameters", "trained weights") { $0.training.map { Double($0.parameters) } ?? .nan }
            try single("samples", "samples seen in training") { $0.training?.samples ?? .nan }
            try single("training_seconds", units: "s", "wall-clock time of training") { $0.training?.seconds ?? .nan }
        }
    }

    /// Labels and errors of a file that `write` made.
    static func read(_ path: String) throws -> (leads: [Double], labels: [String], errors: [[Double]]) {
        let file = try NetCDFFile(reading: path)
        defer { try? file.close() }
        let leads = try file.variable("lead").read(Double.self)
        let labels: [String]
        switch try file.attribute("emulators") {
        case .texts(let texts): labels = texts
        case .text(let text): labels = [text]
        default: labels = []
        }
        let errors = try file.variable("error", shape: [labels.count, leads.count]).read(Double.self)
        return (leads, labels, labels.indices.map { Array(errors[$0 * leads.count..<($0 + 1) * leads.count]) })
    }
}
