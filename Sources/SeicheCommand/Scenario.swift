import Basics
import Configuration
import Dynamics
import ReferenceModels
import Trajectories

/// An experiment's reference model made ready: grids, models and initial states of its simulations.
struct Scenario {
    let experiment: Experiment
    /// The one grid of a real sea; nil where every simulation has a bed of its own.
    let sharedGrid: ShallowWaterGrid?
    private let forcing: ShallowWaterForcing?

    init(_ experiment: Experiment) throws {
        switch experiment.model.domain {
        case .northSea(let bathymetry, let minimumDepth):
            let periodic = experiment.model.periodic
            try self.init(
                experiment,
                sharedGrid: ShallowWaterGrid(
                    bathymetry: bathymetry, minimumDepth: minimumDepth, periodicX: periodic.contains(.x), periodicY: periodic.contains(.y)))
        case .basin: try self.init(experiment, sharedGrid: nil)
        }
    }

    /// - Parameter sharedGrid: the grid of all simulations; nil for the basin.
    init(_ experiment: Experiment, sharedGrid: ShallowWaterGrid?) throws {
        self.experiment = experiment
        self.sharedGrid = sharedGrid
        forcing = try Self.forcing(experiment.model, on: sharedGrid)
    }

    func model(on grid: ShallowWaterGrid) throws -> ShallowWaterModel {
        let model = experiment.model
        return try ShallowWaterModel(grid: grid, timeStep: model.timeStep, parameters: model.shallowWaterParameters, forcing: forcing)
    }

    /// Grid and initial state of simulation `index` of a split: at rest, with the experiment's elevation.
    ///
    /// Each split has streams of its own, so that their sizes can change without changing what is in the others.
    func start(_ split: TrajectoryDataSet.Split, _ index: Int) throws -> (grid: ShallowWaterGrid, state: ShallowWaterState) {
        let seed = experiment.simulations.seed
        var stream = RandomStream(seed: seed, purpose: "initial elevation \(split.rawValue)", index: index)
        let grid: ShallowWaterGrid
        var state: ShallowWaterState
        if let sharedGrid {
            grid = sharedGrid
            state = ShallowWaterState(nx: grid.nx, ny: grid.ny)
        } else if case .basin(let nx, let ny, let spacing) = experiment.model.domain {
            // The basin draws bed and bump from one seed: shifted, so that splits do not share them.
            let shift = TrajectoryDataSet.Split.allCases.firstIndex(of: split) ?? 0
            (grid, state) = try IdealisedBasin(
                nx: nx, ny: ny, spacing: spacing, meanDepth: experiment.model.meanDepth, depthVariance: experiment.model.depthVariance
            ).simulation(
                shift * 1_000_000 + index, seed: seed)
        } else {
            throw SeicheError(.invalidInput, "the experiment's domain has no grid")
        }
        if case .smoothRandom(let rms, let length) = experiment.initial {
            state.zeta = try InitialElevation.random(
                on: grid, rootMeanSquare: rms, correlationLength: length, using: &stream)
        } else if sharedGrid != nil {
            state.zeta = try bump(on: grid, using: &stream)
        }
        let roughness = settings(of: split).roughness
        if roughness > 0 {
            let wet = grid.wet
            let noise = stream.normals(grid.cellCount)
            state.zeta = state.zeta.indices.map { wet[$0] ? state.zeta[$0] + roughness * noise[$0] : 0 }
        }
        return (grid, state)
    }

    func settings(of split: TrajectoryDataSet.Split) -> Experiment.Simulations.Split { experiment.simulations[split.name] }

    /// The talk's bump on a real sea: a square of 5 to 10 cells, 0.05 to 0.15 m high, with a wet cell in its middle.
    private func bump(on grid: ShallowWaterGrid, using stream: inout RandomStream) throws -> [Double] {
        let wetCells = grid.wet.indices.filter { grid.wet[$0] }
        let side = min(Int.random(in: 5...10, using: &stream), grid.nx, grid.ny)
        let height = stream.uniform(in: 0.05...0.15)
        let centre = wetCells[Int.random(in: 0..<wetCells.count, using: &stream)]
        let x = min(max(centre % grid.nx - side / 2, 0), grid.nx - side)
        let y = min(max(centre / grid.nx - side / 2, 0), grid.ny - side)
        return try InitialElevation.bump(on: grid, x: x..<x + side, y: y..<y + side, height: height)
    }

    /// The files of a split, each checked to belong to this experiment: what is learned from or judged by is what the experiment says.
    func simulations(_ split: TrajectoryDataSet.Split) throws -> TrajectoryDataSet {
        let directory = experiment.simulations.directory
        let data = try TrajectoryDataSet(directory: directory, split: split)
        let wanted = settings(of: split)
        guard data.count == wanted.count else {
            throw SeicheError(
                .file, "'\(directory)/\(split.rawValue)' holds \(data.count) simulations, the experiment \(wanted.count)",
                remedy: "run `seiche simulate` to make what is missing, remove what is too many, or correct simulations.\(split.rawValue).count")
        }
        for index in 0..<wanted.count {
            let path = TrajectoryDataSet.path(directory: directory, split: split, index: index)
            let expected = try header(split, index, grid: start(split, index).grid)
            switch Trajectory.status(of: path, expecting: expected, count: wanted.steps + 1) {
            case .complete: continue
            case .missing:
                throw SeicheError(.file, "there is no simulation '\(path)'", remedy: "make it first with `seiche simulate`")
            case .differs(let why): throw foreign(path, why)
            }
        }
        return data
    }

    /// What the file of simulation `index` of a split says of itself.
    func header(_ split: TrajectoryDataSet.Split, _ index: Int, grid: ShallowWaterGrid) throws -> TrajectoryHeader {
        var header = header(
            grid, index: index, title: "Semi-implicit shallow-water simulation \(index) (\(split.rawValue)) of \(experiment.name)")
        header.texts.experiment = try experiment.yaml(of: split.name)
        // What else decides the fields belongs to what a later run compares.
        header.parameters["initial_roughness"] = settings(of: split).roughness
        if case .smoothRandom(let rms, let length) = experiment.initial {
            header.parameters["initial_rms"] = rms
            header.parameters["initial_correlation_length"] = length
        }
        return header
    }

    private func header(_ grid: ShallowWaterGrid, index: Int, title: String) -> TrajectoryHeader {
        let model = experiment.model
        return TrajectoryHeader(
            grid: grid, timeStep: model.timeStep,
            startTime: model.startTime + Double(experiment.simulations.spinUpSteps) * model.timeStep,
            precision: experiment.simulations.precision == .double ? .double : .float,
            parameters: [
                "gravity": model.gravity, "implicitness": model.implicitness, "drag": model.drag,
                "lateral_friction": model.lateralFriction, "solver_tolerance": model.solverTolerance,
            ].merging(model.optionalParameters(forcing)) { $1 },
            seed: experiment.simulations.seed, index: index,
            texts: TrajectoryHeader.Texts(
                title: title, source: Provenance.source, history: Provenance.history("simulate"),
                references: "Backhaus (1983), Continental Shelf Research 2(4), 243-254",
                comment: "No advection of momentum, no wetting and drying. u sits on the east, v on the north face of a cell." + model.optionsInWords,
                version: Provenance.version))
    }
}
