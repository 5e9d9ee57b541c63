import Basics
import Dynamics
import Emulators
import Evaluation
import Optimisation
import ReferenceModels
import StencilSolvers
import Tensors
import Training

/// A basin of 32 x 32 cells of 2 km, where waves cross 1.8 cells in a step so that the implicit solve matters, its Fortran simulations in memory, and both kinds of network trained on them: made once for all tests.
struct TrainedEmulators: Sendable {
    let implicit: ShallowWaterEmulator
    let explicit: ShallowWaterEmulator
    /// The unseen simulation on the emulators' grid, and the model that made it.
    let truth: [ShallowWaterState]
    let model: ShallowWaterModel
    var scales: ChannelScales { implicit.scales }
    var grid: ShallowWaterGrid { model.grid }

    /// Throws what went wrong in the making to every test that asks.
    static func made() throws -> TrainedEmulators { try making.get() }

    private static let making = Result { try TrainedEmulators() }

    private init() throws {
        let simulations = try (0..<6).map { try Simulation($0, steps: 40, roughness: 0.03) }
        let scales = try Simulation.scales(simulations)
        let training = try TrainingWindows(simulations.map { try $0.training(scales) })
        let validation = try TrainingWindows([Simulation(100, steps: 30).training(scales)])
        let unseen = try Simulation(200, steps: 60)
        func trained(
            _ kind: NetworkSpecification, _ optimiser: OptimiserSettings, steps: Int, batchSize: Int, validateEvery: Int, tolerance: Double
        ) throws -> ShallowWaterEmulator {
            let settings = TrainingSettings(
                seed: 1, steps: steps, batchSize: batchSize, optimiser: optimiser, validateEvery: validateEvery)
            let network = try kind.network()
            let trainer = try Trainer(
                network: network, training: training, validation: validation, solverTolerance: tolerance, settings: settings)
            var state = trainer.initialState(network.layout)
            try trainer.run(&state) { _, _ in true }
            // A tolerance near rounding, so that finite differences show the network and not the solver.
            return try ShallowWaterEmulator(
                network: network, parameters: Tensor(shape: [state.best.count], scalars: state.best), scales: scales,
                grid: unseen.grid, timeStep: Simulation.timeStep, solver: GaussSeidel(tolerance: 1e-13))
        }
        let kind = NetworkSpecification.implicit(products: 12, stresses: 4)
        implicit = try trained(
            kind, .levenbergMarquardt(LevenbergMarquardt.Settings()), steps: 14, batchSize: 16, validateEvery: 2, tolerance: 1e-6)
        let schedule = LearningRateSchedule(peak: 5e-3, final: 1.5e-5, warmUpSteps: 50, steps: 700)
        explicit = try trained(
            .explicit(matching: kind, products: 0, linear: 6), .adam(schedule: schedule, gradientClip: 1), steps: 700, batchSize: 2,
            validateEvery: 100, tolerance: 1e-5)
        truth = unseen.states
        model = unseen.model
    }
}

/// One run of the Fortran model from a random bump, without its first ten steps.
private struct Simulation {
    static let timeStep = 300.0
    let model: ShallowWaterModel
    let states: [ShallowWaterState]
    var grid: ShallowWaterGrid { model.grid }

    init(_ index: Int, steps: Int, roughness: Double = 0) throws {
        var (grid, state) = try IdealisedBasin(nx: 32, ny: 32, spacing: 2e3).simulation(index, seed: 5)
        var stream = RandomStream(seed: 5, purpose: "roughness", index: index)
        let noise = stream.normals(grid.cellCount)
        state.zeta = zip(zip(state.zeta, noise), grid.wet).map { $1 ? $0.0 + roughness * $0.1 : 0 }
        model = try ShallowWaterModel(grid: grid, timeStep: Self.timeStep)
        state = try model.advanced(state, steps: 10)
        var states = [state]
        for _ in 0..<steps {
            state = try model.step(state)
            states.append(state)
        }
        self.states = states
    }

    func training(_ scales: ChannelScales) throws -> TrainingSimulation {
        try TrainingSimulation(grid: grid, values: states.flatMap { $0.vector.map { Float($0) } }, scales: scales, timeStep: Self.timeStep)
    }

    /// Root mean squares over wet cells and open faces.
    static func scales(_ simulations: [Simulation]) throws -> ChannelScales {
        func rootMeanSquare(_ values: (Simulation) -> [(values: [Double], mask: [Bool])]) -> Double {
            var (sum, count) = (0.0, 0.0)
            for (values, mask) in simulations.flatMap(values) {
                for (value, counts) in zip(values, mask) where counts { (sum, count) = (sum + value * value, count + 1) }
            }
            return (sum / count).squareRoot()
        }
        return ChannelScales(
            zeta: rootMeanSquare { s in s.states.map { ($0.zeta, s.grid.wet) } },
            u: rootMeanSquare { s in s.states.map { ($0.u, s.grid.openEast) } },
            v: rootMeanSquare { s in s.states.map { ($0.v, s.grid.openNorth) } },
            depth: rootMeanSquare { s in [(s.grid.depth, s.grid.wet)] })
    }
}
