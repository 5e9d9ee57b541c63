import Basics
import Configuration
import Dynamics
import Emulators
import Layers
import Optimisation
import ReferenceModels
import Tensors
import Training

/// `seiche subgrid`: terms learned offline and online, and what their models are worth.
struct SubgridStudy: Sendable {
    /// A model and how it does.
    struct Result: Sendable {
        let name: String
        let model: Lorenz96Emulator
        let skill: SubgridSkill
        /// Root mean square of what the term misses of the tendencies, of validation data.
        let tendencyError: Double
        /// Root mean square error over the states of a window, of validation data.
        let windowError: Double
        /// Wall clock of its training, s.
        let seconds: Double
    }

    let wanted: Experiment.Subgrid
    let experiment: Experiment
    private let truth: Lorenz96Model
    private let stepsBetween: Int

    init(_ experiment: Experiment, _ wanted: Experiment.Subgrid) throws {
        (self.experiment, self.wanted) = (experiment, wanted)
        truth = try Lorenz96Plan(experiment).model
        stepsBetween = try truth.steps(in: wanted.timeStep, named: "subgrid.time_step")
    }

    func run() throws -> (results: [Result], judge: SubgridJudge) {
        let validation = max(2, wanted.trajectories / 10)
        let line = SharedProgress("simulating, trajectories", total: wanted.trajectories + validation + wanted.forecasts.count)
        func data(_ trajectories: Int, _ states: Int, _ purpose: Int) throws -> SubgridData {
            try SubgridData(
                truth, stepsBetween: stepsBetween, spinUpSteps: experiment.simulations.spinUpSteps, trajectories: trajectories, states: states,
                seed: wanted.seed, purpose: purpose, line)
        }
        let (training, held) = (try data(wanted.trajectories, wanted.states, 0), try data(validation, wanted.states, 1))
        let climatology = max(1, wanted.forecasts.climatologySteps / wanted.forecasts.count)
        let judge = try SubgridJudge(wanted.forecasts, truth: data(wanted.forecasts.count, 1 + wanted.forecasts.leadSteps + climatology, 2))
        let scales = try Lorenz96Scales(of: training.states)
        let fitting = SubgridFitting(
            training: training, validation: held, scales: scales, forcing: truth.parameters.forcing, timeStep: wanted.timeStep, wanted: wanted)

        let (polynomial, network) = (SubgridTerm.polynomial(degree: wanted.polynomialDegree), SubgridTerm.network(width: wanted.width))
        var results = [try result("none", .none, SubgridFitting.Outcome(parameters: [], seconds: 0), fitting, judge)]
        for (name, term) in [("polynomial", polynomial), ("net", network)] {
            let offline = try fitting.offline(term)
            results.append(try result("\(name), offline", term, offline, fitting, judge))
            let online = try fitting.online(term, from: offline.parameters)
            results.append(try result("\(name), online", term, online, fitting, judge))
        }
        return (results, judge)
    }

    private func result(
        _ name: String, _ term: SubgridTerm, _ fit: SubgridFitting.Outcome, _ fitting: SubgridFitting, _ judge: SubgridJudge
    ) throws -> Result {
        let model = try Lorenz96Emulator(
            network: fitting.network(term), parameters: fit.parameters, scales: fitting.scales, timeStep: wanted.timeStep)
        return Result(
            name: name, model: model, skill: try judge.skill(of: model), tendencyError: try fitting.tendencyError(term, fit.parameters),
            windowError: try fitting.windowError(term, fit.parameters), seconds: fit.seconds)
    }
}
