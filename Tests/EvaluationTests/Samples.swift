import Basics
import Dynamics

/// 5 x 4 cells with a dry corner and an island.
func islandGrid() throws -> ShallowWaterGrid {
    var depth = (0..<20).map { 10 + Double($0) }
    for dry in [0, 12] { depth[dry] = 0 }
    return try ShallowWaterGrid(nx: 5, ny: 4, dx: 1000, dy: 1500, depth: depth)
}

let sampleScales = ChannelScales(zeta: 0.5, u: 0.2, v: 0.25, depth: 20)

/// Random values, on land too: what is there must not count.
func sampleState(_ grid: ShallowWaterGrid, _ index: Int) -> ShallowWaterState {
    var stream = RandomStream(seed: 4, purpose: "test state", index: index)
    var state = ShallowWaterState(nx: grid.nx, ny: grid.ny)
    state.vector = stream.normals(state.vector.count)
    return state
}

/// x' = a x + b P x + c x^3, with P moving every value to its neighbour in the vector.
struct ShiftModel: AdjointModel {
    var a = 0.9
    var b = 0.3
    var c = 0.0
    /// Other than 1 spoils the adjoint.
    var adjointFactor = 1.0
    let timeStep = 60.0

    func step(_ state: ShallowWaterState) -> ShallowWaterState {
        let x = state.vector
        var next = state
        next.vector = x.indices.map { a * x[$0] + b * x[($0 + 1) % x.count] + c * x[$0] * x[$0] * x[$0] }
        return next
    }

    /// J d, written out.
    func tangent(at state: ShallowWaterState, _ d: [Double]) -> [Double] {
        let x = state.vector
        return x.indices.map { a * d[$0] + b * d[($0 + 1) % d.count] + 3 * c * x[$0] * x[$0] * d[$0] }
    }

    func adjointStep(at state: ShallowWaterState, applying cotangent: ShallowWaterState) -> ShallowWaterState {
        let (x, w) = (state.vector, cotangent.vector)
        var result = cotangent
        result.vector = w.indices.map { k in
            adjointFactor * (a * w[k] + b * w[(k + w.count - 1) % w.count] + 3 * c * x[k] * x[k] * w[k])
        }
        return result
    }
}

/// Adds a constant to one channel, land included, at every step; its states are compared with `start`, which never changes.
struct DriftingModel: DynamicalModel {
    let timeStep = 60.0
    let channel: Int
    let perStep: Double
    /// Throws from this step on.
    var lastStep = Int.max
    let start: ShallowWaterState

    func step(_ state: ShallowWaterState) throws -> ShallowWaterState {
        let cells = state.nx * state.ny
        let done = Int(((state.vector[channel * cells] - start.vector[channel * cells]) / perStep).rounded())
        guard done + 1 <= lastStep else { throw SeicheError(.model, "the sample has run into its limit") }
        var next = state
        for k in channel * cells..<(channel + 1) * cells { next.vector[k] += perStep }
        return next
    }
}

/// x' = x + t x^2 with t the step's number: a model whose steps depend on time, and which says so.
struct TimedModel: DynamicalModel {
    let timeStep = 1.0

    func step(_ state: Lorenz96State) throws -> Lorenz96State { throw SeicheError(.invalidInput, "a step without its number") }

    func step(_ state: Lorenz96State, number: Int) -> Lorenz96State {
        var next = state
        next.vector = state.vector.map { $0 + Double(number) * $0 * $0 }
        return next
    }
}
