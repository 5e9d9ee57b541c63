import Basics
import Configuration
import Dynamics
import Emulators
import Evaluation
import ReferenceModels
import Trajectories

/// Emulators as they were trained, on cases that they were not trained on, beside the Fortran model run in memory.
///
/// The first case is the experiment itself. Errors are told in the emulator's scales, the RMS of its training set, and relative to the RMS of
/// the case's own truth: in deep water waves have other amplitudes.
struct TransferStudy {
    /// One emulator on one case.
    struct Trial {
        /// In the RMS of the case's truth, and in the emulator's scales.
        let own, training: Skill
        /// What the first single step and the first forecast that failed said.
        let failures: [String]

        struct Skill {
            let oneStep: SampleStatistics
            /// By lead time: the error, and the relative mass drift.
            let error, relativeMassDrift: [Double]
        }
    }

    struct Case {
        let name: String
        let timeStep: Double
        /// Largest sqrt(g h) dt / min(dx, dy) over the simulations' wet cells.
        let courantNumber: Double
        /// RMS of zeta (m), u and v (m/s) over the states of the truth.
        let rootMeanSquares: [Double]
        /// By emulator, persistence last; or why there is no such emulator.
        let trials: [Result<Trial, SeicheError>]
    }

    /// Emulators, and persistence last.
    let labels: [String]
    /// Cases, or why the Fortran model could not run them.
    let cases: [(name: String, result: Result<Case, SeicheError>)]
    let hours: Double

    init(_ experiment: Experiment, _ sources: [EmulatorSource], precision: EmulatorPrecision) throws {
        let transfer = experiment.transfer
        guard !transfer.cases.isEmpty else {
            throw SeicheError(
                .invalidInput, "the experiment '\(experiment.name)' names no cases to transfer to",
                remedy: "add transfer.cases to it, as experiments/north_sea.yaml shows")
        }
        // All experiments are read before the first is run.
        let experiments = try [(experiment.name, experiment)] + transfer.cases.map { ($0.name, try experiment.experiment(of: $0)) }
        for (name, other) in experiments where other.model.lorenz96 != nil {
            throw SeicheError(.invalidInput, "transfer case '\(name)' is of the Lorenz '96 model, which these emulators know nothing of")
        }
        for (_, other) in experiments { try other.model.checkLearnable() }
        labels = sources.map(\.labelOfState) + ["persistence"]
        hours = transfer.hours
        cases = try experiments.map { name, other in
            do {
                return (name, .success(try TransferCaseRun(name, other, transfer, sources, precision).result()))
            } catch let error as SeicheError where error.category == .model || error.category == .solver {
                return (name, .failure(error))
            }
        }
    }

    /// The lead times at which errors are told, in h: every whole hour.
    var leadHours: [Double] { hours < 1 ? [hours] : (1...Int(hours)).map { Double($0) } }

    /// Values after 1, 2, ... steps at the lead times, linear in between; not a number before the first step.
    func atLeadHours(_ values: [Double], timeStep: Double) -> [Double] {
        leadHours.map { hour in
            // Rounding must not put a whole number of steps beyond the last one.
            let steps = hour * 3600 / timeStep
            let before = Int((steps + 1e-9).rounded(.down))
            guard before >= 1, before <= values.count else { return .nan }
            let share = steps - Double(before)
            guard share > 1e-9, before < values.count else { return values[before - 1] }
            return (1 - share) * values[before - 1] + share * values[before]
        }
    }
}
