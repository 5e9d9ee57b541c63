import Basics
import Configuration
import Dynamics
import ReferenceModels
import Trajectories

/// Trajectories of a Lorenz '96 model, each from a random state that a spin-up has brought onto the attractor.
struct Lorenz96Plan: SimulationPlan {
    let experiment: Experiment
    private let settings: Experiment.Lorenz96
    let model: Lorenz96Model

    init(_ experiment: Experiment, _ settings: Experiment.Lorenz96) throws {
        self.experiment = experiment
        self.settings = settings
        model = try Lorenz96Model(
            parameters: Lorenz96Parameters(
                sectors: settings.sectors, fastPerSector: settings.fastPerSector, forcing: settings.forcing, coupling: settings.coupling,
                timeScaleRatio: settings.timeScaleRatio, amplitudeRatio: settings.amplitudeRatio),
            timeStep: settings.timeStep)
    }

    /// Throws `SeicheError` (invalidInput) for an experiment of another model.
    init(_ experiment: Experiment) throws {
        guard let settings = experiment.model.lorenz96 else {
            throw SeicheError(.invalidInput, "the experiment \(experiment.name) is not of the Lorenz '96 model")
        }
        try self.init(experiment, settings)
    }

    /// The trajectories of a split, or the first so many, each checked to belong to this experiment: what is learned from or judged by is what the
    /// experiment says.
    func simulations(_ split: TrajectoryDataSet.Split, first count: Int? = nil) throws -> Lorenz96DataSet {
        let data = try Lorenz96DataSet(
            directory: experiment.simulations.directory, split: split, count: count ?? experiment.simulations[split.name].count)
        for (index, path) in data.paths.enumerated() {
            if case .differs(let why) = try status(split, index, of: path) { throw foreign(path, why) }
        }
        return data
    }

    func status(_ split: TrajectoryDataSet.Split, _ index: Int, of path: String) throws -> TrajectoryStatus {
        Lorenz96Trajectory.status(
            of: path, expecting: try header(split, index), count: experiment.simulations[split.name].steps + 1,
            deflate: experiment.simulations.compression)
    }

    func volume() throws -> StoredVolume {
        StoredVolume(
            varying: settings.sectors * (1 + settings.fastPerSector), constant: 0,
            valueSize: experiment.simulations.precision == .double ? 8 : 4, fields: settings.fastPerSector > 0 ? 2 : 1,
            statesPerChunk: try header(.training, 0).statesPerChunk, fixed: 4 * (settings.sectors + settings.fastPerSector),
            isDeflated: experiment.simulations.compression > 0)
    }

    func simulate(_ split: TrajectoryDataSet.Split, _ index: Int, to path: String, progress: (Int) -> Void) throws {
        let simulations = experiment.simulations
        let writer = try Lorenz96Writer(path: path, header: try header(split, index), deflate: simulations.compression)
        // Shifted, so that splits do not share initial states.
        let shift = TrajectoryDataSet.Split.allCases.firstIndex(of: split) ?? 0
        var state = model.initialState(
            seed: simulations.seed, index: shift * 1_000_000 + index, perturbation: settings.perturbation)
        state = try model.advance(state, steps: simulations.spinUpSteps)
        try writer.append(state)
        var unreported = simulations.spinUpSteps
        for _ in 0..<simulations[split.name].steps {
            if Interruption.isRequested { return writer.abandon() }
            state = try model.step(state)
            try writer.append(state)
            unreported += 1
            // A step takes a microsecond, and saying so takes another.
            if unreported >= 500 {
                progress(unreported)
                unreported = 0
            }
        }
        try writer.finish()
        progress(unreported)
    }

    private func header(_ split: TrajectoryDataSet.Split, _ index: Int) throws -> Lorenz96Header {
        var parameters = ["forcing": settings.forcing, "initial_perturbation": settings.perturbation]
        if settings.fastPerSector > 0 {
            parameters["coupling"] = settings.coupling
            parameters["time_scale_ratio"] = settings.timeScaleRatio
            parameters["amplitude_ratio"] = settings.amplitudeRatio
        }
        return Lorenz96Header(
            sectors: settings.sectors, fastPerSector: settings.fastPerSector, timeStep: settings.timeStep,
            startTime: Double(experiment.simulations.spinUpSteps) * settings.timeStep,
            precision: experiment.simulations.precision == .double ? .double : .float,
            parameters: parameters, seed: experiment.simulations.seed, index: index,
            texts: TrajectoryHeader.Texts(
                title: "Lorenz '96 trajectory \(index) (\(split.rawValue)) of \(experiment.name)", source: Provenance.lorenz96Source,
                history: Provenance.history("simulate"),
                references: "Lorenz (1996), Predictability: a problem partly solved, Proc. Seminar on Predictability, ECMWF"
                    + (settings.fastPerSector > 0 ? "; Rasp (2020), Geosci. Model Dev. 13, 2185-2196, doi:10.5194/gmd-13-2185-2020" : ""),
                comment: "Classical Runge-Kutta steps of time_step. The fast variables, where there are any, form one ring over all sectors.",
                experiment: try experiment.yaml(of: split.name), version: Provenance.version))
    }
}
