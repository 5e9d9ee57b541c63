import Basics
import Dynamics
import ReferenceModels

/// A rough bed with an island, open to the west and periodic along y, with every option on: rotation, linear drag, wind that changes in
/// time and place, tides and given elevations.
struct ForcedBasin {
    let grid: ShallowWaterGrid
    let forcing: ShallowWaterForcing
    static let timeStep = 600.0

    init(nx: Int = 17, ny: Int = 12) throws {
        let depth = (0..<nx * ny).map { cell in
            let (i, j) = (cell % nx, cell / nx)
            return i == nx - 1 || ((6...8).contains(i) && (4...6).contains(j)) ? 0 : 20 + 6 * cosine(1.3 * Double(i) + 0.4 * Double(i * j))
        }
        grid = try ShallowWaterGrid(nx: nx, ny: ny, dx: 9000, dy: 7000, depth: depth, periodicY: true)
        // More winds and elevations than steps, at uneven times, so that a run meets many of them and begins in their midst.
        let times = (0..<40).map { 500 * Double($0) + 120 * cosine(Double($0)) - 3000 }
        let points = nx * ny
        let cells = grid.wetCells(along: .west)
        forcing = ShallowWaterForcing(
            startTime: 1234,
            wind: .fields(
                times: times, x: (0..<40 * points).map { 0.3 * cosine(0.01 * Double($0)) }, y: (0..<40 * points).map { 0.2 * cosine(0.017 * Double($0)) }),
            boundary: .init(
                cells: cells,
                constituents: [
                    .init(frequency: 1.4e-4, amplitude: cells.map { 0.2 + 1e-4 * Double($0) }, phase: cells.map { 0.01 * Double($0) }),
                    .init(frequency: 7.3e-5, amplitude: cells.map { _ in 0.1 }, phase: cells.map { _ in 1 }),
                ],
                times: times, zeta: (0..<40 * cells.count).map { 0.1 * cosine(0.3 * Double($0)) }))
    }

    func model(implicitness: Double = 0.6, tolerance: Double = 1e-14, forcing: ShallowWaterForcing? = nil) throws -> ShallowWaterModel {
        try ShallowWaterModel(
            grid: grid, timeStep: Self.timeStep,
            parameters: .init(
                implicitness: implicitness, drag: 2e-3, lateralFriction: 500, tolerance: tolerance, linearDrag: 2e-5, coriolis: 1.2e-4,
                density: 1027),
            forcing: forcing ?? self.forcing)
    }

    /// A state without pattern: waves of some decimetres, currents of some decimetres a second, none small.
    func state(_ seed: Int = 1) -> ShallowWaterState {
        var state = pattern(seed)
        state.vector = state.vector.map { 0.2 * $0 + ($0 > 0 ? 0.1 : $0 < 0 ? -0.1 : 0) }
        return state
    }

    /// A vector of size 1 without pattern, zero in dry cells and on closed faces.
    func pattern(_ seed: Int) -> ShallowWaterState { ShallowWaterDerivativeTests.pattern(seed, on: grid) }
}
