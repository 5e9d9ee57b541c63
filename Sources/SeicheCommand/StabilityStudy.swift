import Basics
import Configuration
import Emulators
import Evaluation
import NetCDF

/// Very long forecasts in single precision from the first state of the first test simulation, as `seiche compare --stability` makes them.
struct StabilityStudy {
    let labels: [String]
    let forecasts: [LongForecast]
    private let timeStep: Double

    init(_ experiment: Experiment, _ sources: [EmulatorSource], steps: Int) throws {
        let trajectory = try Scenario(experiment).simulations(.test).trajectory(0)
        let start = try trajectory.state(at: 0)
        let line = SharedProgress("stability, steps", total: steps * sources.count)
        let results = Slots<LongForecast>(sources.count)
        try concurrentForEach(sources.count) { k in
            let emulator = try sources[k].checkpoint.emulator(on: trajectory.grid, timeStep: trajectory.timeStep, precision: .single)
            let forecast = try LongForecast(
                emulator, from: start, grid: trajectory.grid, scales: sources[k].checkpoint.scales, count: steps, every: max(1, steps / 500)
            ) {
                try Interruption.check()
                line.add(1)
            }
            results.set(k, forecast)
        }
        labels = sources.map(\.labelOfState)
        forecasts = results.values
        timeStep = trajectory.timeStep
    }

    var report: String {
        let header = ["emulator", "RMS at the start", "at the end", "largest", "relative mass drift at the end", "largest"]
        let rows = zip(labels, forecasts).map { label, forecast in
            [label] + [
                forecast.rms.first, forecast.rms.last, forecast.largestRMS, forecast.relativeMassDrift.last, forecast.largestMassDrift,
            ].map { Text.figure($0 ?? .nan) }
        }
        let failures = zip(labels, forecasts).compactMap { label, forecast in
            forecast.failure?.split(separator: "\n").first.map { "\(label): failed at \($0)" }
        }
        let title = "\(forecasts.first?.steps.last ?? 0) steps in single precision from the first test state (1 = the training set's RMS)"
        return ([title, Text.table([header] + rows)] + failures).joined(separator: "\n")
    }

    func write(to path: String) throws {
        let steps = forecasts.first?.steps ?? []
        try NetCDFFile.writeAtomically(to: path) { file in
            try file.describe("Very long forecasts in single precision")
            try file.setAttribute("emulators", .texts(labels))
            try file.setAttribute("time_step_s", .double([timeStep]))
            try file.defineLabels("emulator", labels)
            try file.defineDimension("step", length: steps.count)
            try file.defineFigures("step", ["step"], steps.map { Double($0) }, "steps since the start")
            try file.defineFigures(
                "rms", ["emulator", "step"], forecasts.flatMap(\.rms),
                "root mean square of the state, channels divided by their training RMS; infinite where the forecast failed")
            try file.defineFigures(
                "relative_mass_drift", ["emulator", "step"], forecasts.flatMap(\.relativeMassDrift),
                "change of the sum of zeta since the start over the sum of its magnitude at the start")
            try file.defineFigures(
                "largest_relative_mass_drift", ["emulator"], forecasts.map(\.largestMassDrift), "the largest over all steps")
        }
    }
}
