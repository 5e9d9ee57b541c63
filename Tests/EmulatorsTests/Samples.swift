import Basics
import Dynamics
import Emulators
import Layers
import StencilSolvers
import Tensors
import TestSupport

/// 6 x 5 cells with an island of two cells and a dry corner, depths 10 ... 40 m.
func islandGrid() throws -> ShallowWaterGrid {
    var depth = (0..<30).map { 10 + Double($0) }
    for dry in [0, 14, 15] { depth[dry] = 0 }
    return try ShallowWaterGrid(nx: 6, ny: 5, dx: 1000, dy: 1500, depth: depth)
}

let sampleScales = ChannelScales(zeta: 0.5, u: 0.2, v: 0.3, depth: 25)

/// The kinds of network, small enough to difference every weight.
enum NetworkKind: String, CaseIterable, Sendable {
    case implicit, explicit, fluxForm

    var specification: NetworkSpecification {
        switch self {
        case .implicit: .implicit(products: 2, stresses: 2)
        case .explicit: .explicit(products: 2, linear: 2, hidden: 3)
        case .fluxForm: .fluxForm(products: 2, stresses: 2)
        }
    }

    var network: any EmulatorNetwork { specification.network() }

    /// Weights that are zero nowhere: the last layers of a network start with none, and would hide all before them.
    /// At this seed no rectified value lies within the difference step of its kink; a gradient test would fail where one does.
    func parameters(seed: UInt64 = 3) -> Tensor<Double> { sampleTensor([network.layout.count], seed: seed).scaled(by: 0.25) }
}

/// A random normalised state that keeps a grid's walls.
func sampleState<Scalar: TensorScalar>(_ geometry: NetworkGeometry<Scalar>, seed: UInt64 = 8) -> Tensor<Scalar> {
    sampleTensor(geometry.stateMask.shape, seed: seed).converted(to: Scalar.self).masked(by: geometry.stateMask)
}

/// A random state in SI units, of the size of `sampleScales`.
func physicalState(_ grid: ShallowWaterGrid, seed: UInt64 = 8) -> ShallowWaterState {
    let normalised = sampleState(NetworkGeometry<Double>(grid, scales: unitScales(depth: 1), timeStep: 4), seed: seed).scalars
    var state = ShallowWaterState(nx: grid.nx, ny: grid.ny)
    state.vector = normalised.enumerated().map { $1 * sampleScales.state[$0 / grid.cellCount] }
    return state
}

func sampleEmulator(
    _ kind: NetworkKind, on grid: ShallowWaterGrid, tolerance: Double = 1e-14
) throws -> ShallowWaterEmulator {
    try ShallowWaterEmulator(
        network: kind.network, parameters: kind.parameters(), scales: sampleScales, grid: grid, timeStep: 600,
        solver: GaussSeidel(tolerance: tolerance))
}

/// Scales that leave the state as it is, and divide depth.
func unitScales(depth: Double) -> ChannelScales { ChannelScales(zeta: 1, u: 1, v: 1, depth: depth) }
