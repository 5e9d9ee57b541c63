import Basics
import Dynamics
import Emulators
import Layers
import Optimisation
import Training

/// 6 x 5 cells with an island and a dry corner.
func islandGrid() throws -> ShallowWaterGrid {
    var depth = (0..<30).map { 10 + Double($0) }
    for dry in [0, 14, 15] { depth[dry] = 0 }
    return try ShallowWaterGrid(nx: 6, ny: 5, dx: 1000, dy: 1500, depth: depth)
}

/// The same coast, 25 m deep.
func flatGrid() throws -> ShallowWaterGrid {
    let grid = try islandGrid()
    return try ShallowWaterGrid(nx: grid.nx, ny: grid.ny, dx: grid.dx, dy: grid.dy, depth: grid.wet.map { $0 ? 25 : 0 })
}

/// States of a linear map that both kinds of network can say where the sea is as deep as its scale: u and v carry water through open faces, and are
/// damped and driven by the slope of the new zeta.
struct LinearWaves {
    let grid: ShallowWaterGrid

    func step(_ state: [Float]) -> [Float] {
        let (nx, cells) = (grid.nx, grid.cellCount)
        let (east, north) = (grid.openEast, grid.openNorth)
        var next = state
        for k in 0..<cells {
            if east[k] {
                let flux = 0.3 * state[cells + k]
                (next[k], next[k + 1]) = (next[k] - flux, next[k + 1] + flux)
            }
            if north[k] {
                let flux = 0.2 * state[2 * cells + k]
                (next[k], next[k + nx]) = (next[k] - flux, next[k + nx] + flux)
            }
        }
        for k in 0..<cells {
            if east[k] { next[cells + k] = 0.9 * state[cells + k] - 0.3 * (next[k + 1] - next[k]) }
            if north[k] { next[2 * cells + k] = 0.9 * state[2 * cells + k] - 0.3 * (next[k + nx] - next[k]) }
        }
        return next
    }

    /// A simulation of `count` states from a random one.
    func simulation(_ index: Int, count: Int = 9) throws -> TrainingSimulation {
        var stream = RandomStream(seed: 2, purpose: "test waves", index: index)
        let isFree = grid.wet + grid.openEast + grid.openNorth
        var state = zip(stream.normals(3 * grid.cellCount), isFree).map { $1 ? Float($0) : 0 }
        var values = state
        for _ in 1..<count {
            state = step(state)
            values += state
        }
        // A depth of 25 m, 1 in normalised numbers, carries 0.3 and 0.2 of a velocity; elevations hardly change it.
        return try TrainingSimulation(grid: grid, values: values, scales: ChannelScales(zeta: 1, u: 1, v: 1, depth: 25), timeStep: 12)
    }

    func windows(_ simulations: Range<Int>, count: Int = 9) throws -> TrainingWindows {
        try TrainingWindows(simulations.map { try simulation($0, count: count) })
    }
}

/// The linear map of `LinearWaves` as a network whose weights are its coefficients.
struct LinearWavesNet: EmulatorNetwork {
    static let kind = "linear_waves"
    let layout: ParameterLayout
    let inputLayers: [Convolution] = []
    /// Of transport, damping and slope, for east and north faces.
    private let blocks: [ParameterLayout.Block]

    init() {
        var layout = ParameterLayout()
        blocks = zip(["transport", "damping", "slope"], [[0.3, 0.2], [0.9, 0.9], [0.3, 0.3]]).map { name, values in
            layout.reserve(name, shape: [2], initialiser: .values(values))
        }
        self.layout = layout
    }

    func next<Field: FieldAlgebra>(
        _ state: Field, _ weights: Weights<Field>, geometry: NetworkGeometry<Field.Scalar>, implicit: LinearImplicit
    ) -> Field {
        let (zeta, velocity) = (state.channels(0..<1), state.channels(1..<3))
        let flux = velocity.multiplied(perChannel: weights[blocks[0]])
        let risen = zeta - flux.masked(by: geometry.openFaces).faceDivergence()
        let driven = velocity.multiplied(perChannel: weights[blocks[1]]) - risen.faceDifference().multiplied(perChannel: weights[blocks[2]])
        return risen.concatenated(with: driven.masked(by: geometry.openFaces))
    }
}

let kinds: [NetworkSpecification] = [.implicit(products: 2, stresses: 2), .explicit(products: 2, linear: 6, hidden: 2)]

func settings(
    steps: Int, rate: Double = 5e-3, clip: Double = 1, batchSize: Int = 4, seed: UInt64 = 1, validateEvery: Int = 10, weightDecay: Double = 0,
    plateau: PlateauReduction.Settings? = nil, patience: Int? = nil, averageDecay: Double? = nil
) -> TrainingSettings {
    TrainingSettings(
        seed: seed, steps: steps, batchSize: batchSize,
        optimiser: .adam(
            schedule: LearningRateSchedule(peak: rate, final: rate / 10, warmUpSteps: 10, steps: 400), gradientClip: clip, weightDecay: weightDecay,
            plateau: plateau),
        validateEvery: validateEvery, validationSamples: 8, patience: patience, averageDecay: averageDecay)
}

func trainer(
    _ kind: NetworkSpecification, _ settings: TrainingSettings, loss: RolloutSettings = RolloutSettings(),
    forecasts: (steps: Int, starts: Int)? = nil
) throws -> Trainer {
    let waves = LinearWaves(grid: try flatGrid())
    return try Trainer(
        network: try kind.network(), training: try waves.windows(0..<4), validation: try waves.windows(10..<12), solverTolerance: 1e-5, loss: loss,
        forecasts: forecasts, settings: settings)
}

/// The gradient of a function by central differences of fourth order.
func fourthOrderDifferences(at point: [Double], by h: Double = 0.02, _ function: ([Double]) throws -> Double) rethrows -> [Double] {
    try point.indices.map { k in
        func value(_ step: Double) throws -> Double {
            var moved = point
            moved[k] += step
            return try function(moved)
        }
        return try (8 * (value(h) - value(-h)) - (value(2 * h) - value(-2 * h))) / (12 * h)
    }
}
