import Basics
import Configuration
import Dynamics
import Emulators
import Evaluation
import NetCDF
import ReferenceModels

/// Emulators' full one-step Jacobians beside the Fortran model's exact one, on a small domain: what no set of directions can miss.
///
/// Rows and columns are the free values (wet cells, open faces), in units of the channels' scales.
struct JacobianCheck {
    struct Entry {
        let label: String
        /// |J_emulator - J_model| / |J_model| in Frobenius' norm at each state, or why there is none.
        let errors: Result<[Double], SeicheError>
    }

    /// Jacobians are taken at so many states, evenly over a test simulation.
    static let stateCount = 4

    let entries: [Entry]
    private let cells: Int
    private let freeCount: Int
    private let timeStep: Double

    /// - Parameter cells: along x and along y.
    init(_ experiment: Experiment, cells: Int, _ sources: [EmulatorSource]) throws {
        let (model, start) = try Scenario(experiment, cells: cells).spunUp(.test, 0)
        var states = [start]
        let steps = experiment.simulations.test.steps
        for k in 1..<Self.stateCount {
            let between = steps * k / (Self.stateCount - 1) - steps * (k - 1) / (Self.stateCount - 1)
            states.append(try model.advanced(states[k - 1], steps: between))
        }
        let timeStep = model.timeStep
        let elements = ChannelMasks(model.grid).elements
        let line = ProgressLine("Jacobians", total: states.count * (sources.count + 1))
        var done = 0
        func jacobian(_ of: some TangentLinearModel<ShallowWaterState>, at state: ShallowWaterState, _ scales: ChannelScales) throws -> Jacobian {
            try Interruption.check()
            let units = scales.state.flatMap { [Double](repeating: $0, count: model.grid.cellCount) }
            defer {
                done += 1
                line.update(done)
            }
            return try of.jacobian(at: state, elements: elements, units: units)
        }
        var errors = sources.map { _ in Result<[Double], SeicheError>.success([]) }
        for state in states {
            // Emulators of one data set share their scales, so that one Jacobian of the model serves them all.
            var exact: (scales: ChannelScales, jacobian: Jacobian)?
            for (k, source) in sources.enumerated() {
                guard case .success(let before) = errors[k] else { continue }
                let scales = source.checkpoint.scales
                let truth = if let exact, exact.scales == scales { exact.jacobian } else { try jacobian(model, at: state, scales) }
                exact = (scales, truth)
                do {
                    let emulator = try source.checkpoint.emulator(on: model.grid, timeStep: timeStep)
                    errors[k] = .success(before + [try jacobian(emulator, at: state, scales).relativeError(to: truth)])
                } catch let error as SeicheError where error.category != .interrupted {
                    errors[k] = .failure(error)
                }
            }
        }
        entries = zip(sources, errors).map { Entry(label: $0.label, errors: $1) }
        self.cells = cells
        freeCount = elements.count
        self.timeStep = timeStep
    }

    var report: String {
        let header = ["emulator"] + (0..<Self.stateCount).map { "state \($0)" } + ["mean"]
        let rows = entries.map { entry in
            let errors = try? entry.errors.get()
            return [entry.label] + (errors.map { $0.map(Text.figure) + [Text.figure(SampleStatistics($0).mean)] } ?? ["cannot"])
        }
        let notes = entries.compactMap { entry in
            if case .failure(let error) = entry.errors { "\n\(entry.label), cannot: \(error.what)" } else { nil }
        }
        return "One-step Jacobian of \(freeCount) x \(freeCount) entries on \(cells) x \(cells) cells, normalised, against the Fortran model's: "
            + "relative error in Frobenius' norm\n" + Text.table([header] + rows) + notes.joined()
    }

    /// Writes frobenius_error(emulator), the mean over states, and each state's; not a number where there is no Jacobian.
    func write(to path: String) throws {
        let all = entries.map { (try? $0.errors.get()) ?? [Double](repeating: .nan, count: Self.stateCount) }
        try NetCDFFile.writeAtomically(to: path) { file in
            try file.describe("Errors of emulators' full one-step Jacobians")
            try file.setAttribute("emulators", .texts(entries.map(\.label)))
            try file.setAttribute("time_step_s", .double([timeStep]))
            try file.setAttribute("cells_along_an_edge", .int32([Int32(cells)]))
            try file.defineLabels("emulator", entries.map(\.label))
            try file.defineDimension("state", length: Self.stateCount)
            let measure = "|J - J_model| / |J_model| in Frobenius' norm, J in units of the channels' training RMS"
            try file.defineFigures("frobenius_error", ["emulator"], all.map { SampleStatistics($0).mean }, "\(measure), mean over states")
            try file.defineFigures("frobenius_error_at_state", ["emulator", "state"], all.flatMap(\.self), measure)
        }
    }
}
