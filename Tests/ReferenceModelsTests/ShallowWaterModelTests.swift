import Basics
import Dynamics
import ReferenceModels
import Testing

/// The properties of the scheme as they reach Swift; `fortran/tests` tests them more closely.
struct ShallowWaterModelTests {
    static let linear = ShallowWaterParameters(drag: 0, lateralFriction: 0, tolerance: 1e-14, isLinear: true)

    /// In a closed flat box zeta = cos(kx) cos(ly) keeps its shape; amplitude and phase per step are known exactly.
    @Test(arguments: [0.5, 0.55, 0.6, 1], [0.3, 1.8, 6])
    func standingWave(implicitness w: Double, courantNumber: Double) throws {
        let (nx, ny, dx, dy, depth) = (24, 17, 1000.0, 700.0, 20.0)
        let grid = try ShallowWaterGrid(
            nx: nx, ny: ny, dx: dx, dy: dy, depth: [Double](repeating: depth, count: nx * ny))
        var parameters = Self.linear
        parameters.implicitness = w
        let dt = courantNumber * dy / (9.81 * depth).squareRoot()
        let model = try ShallowWaterModel(grid: grid, timeStep: dt, parameters: parameters)

        let (a, b) = (2 * Double.pi / Double(nx), 3 * Double.pi / Double(ny))
        let shape = (0..<nx * ny).map { cosine(a * (Double($0 % nx) + 0.5)) * cosine(b * (Double($0 / nx) + 0.5)) }
        // 2/dx * sin(a/2), squared, by the half-angle formula
        let k2 = 2 * (1 - cosine(a)) / (dx * dx) + 2 * (1 - cosine(b)) / (dy * dy)
        let s2 = dt * dt * 9.81 * depth * k2
        let damping = ((1 + (1 - w) * (1 - w) * s2) / (1 + w * w * s2)).squareRoot()
        // cos(atan(w s) + atan((1-w) s)), and the recurrence of cos(n x) in place of further angles
        let cosPhase = (1 - w * (1 - w) * s2) / ((1 + w * w * s2) * (1 + (1 - w) * (1 - w) * s2)).squareRoot()
        var (previous, current) = (1.0, cosPhase)

        var state = ShallowWaterState(nx: nx, ny: ny)
        state.zeta = shape
        var decay = 1.0
        for _ in 1...20 {
            state = try model.step(state)
            decay *= damping
            let exact = shape.map { $0 * decay * current }
            #expect(maximumDifference(state.zeta, exact) <= 1e-12)
            (previous, current) = (current, 2 * cosPhase * current - previous)
        }
    }

    @Test func volumeIsConserved() throws {
        let (grid, start) = try IdealisedBasin(nx: 40, ny: 30).simulation(3, seed: 1)
        let model = try ShallowWaterModel(grid: grid, timeStep: 900)
        let end = try model.advance(start, steps: 2000).state
        let change = abs(wetSum(end.zeta, on: grid) - wetSum(start.zeta, on: grid)) / wetSum(start.zeta.map(abs), on: grid)
        print("volume: relative change \(change) after 2000 steps, bound 1e-12")
        #expect(change <= 1e-12)
        #expect(maximumNorm(end.u) > 1e-5)
    }

    @Test func lakeStaysAtRest() throws {
        let (grid, _) = try IdealisedBasin().simulation(0, seed: 2)
        let model = try ShallowWaterModel(grid: grid, timeStep: 1500)
        var state = ShallowWaterState(nx: grid.nx, ny: grid.ny)
        state.zeta = [Double](repeating: 0.8, count: grid.cellCount)
        let (end, statistics) = try model.advance(state, steps: 100)
        #expect(maximumNorm(end.u + end.v) <= 1e-13)
        #expect(end.zeta == state.zeta)
        #expect(statistics == SolveStatistics(solves: 100))
    }

    @Test func concurrentRunsGiveTheSameBits() throws {
        let basin = IdealisedBasin(nx: 50, ny: 41)
        let setUps = try (0..<12).map { try basin.simulation($0, seed: 7) }
        let alone = try setUps.map { try ShallowWaterModel(grid: $0.grid, timeStep: 600).advance($0.initialState, steps: 30).state }
        let together = Slots<ShallowWaterState>(setUps.count)
        try concurrentForEach(setUps.count) { index in
            let setUp = setUps[index]
            together[index] = try ShallowWaterModel(grid: setUp.grid, timeStep: 600).advance(setUp.initialState, steps: 30).state
        }
        #expect(together.values == alone)
    }

    @Test func manyStepsEqualSingleSteps() throws {
        let (grid, start) = try IdealisedBasin(nx: 31, ny: 30).simulation(1, seed: 1)
        let model = try ShallowWaterModel(grid: grid, timeStep: 900)
        var state = start
        for _ in 0..<10 { state = try model.step(state) }
        let (end, statistics) = try model.advance(start, steps: 10)
        #expect(end == state)
        #expect(statistics.solves == 10)
        #expect(statistics.totalIterations >= 10 && statistics.mostIterations * 10 >= statistics.totalIterations)
        #expect(statistics.largestResidual > 0 && statistics.largestResidual <= model.parameters.tolerance)
    }

    @Test func stencilHoldsFaceDepths() throws {
        let (grid, start) = try IdealisedBasin(nx: 20, ny: 16).simulation(5, seed: 1)
        let model = try ShallowWaterModel(grid: grid, timeStep: 1500)
        let stencil = try model.elevationStencil(zeta: start.zeta)
        let h = zip(start.zeta, grid.depth).map { $0 + $1 }
        let (east, north) = (grid.openEast, grid.openNorth)
        let factor = 1500.0 * 1500 * 0.25 * 9.81 / 1e8
        for cell in 0..<grid.cellCount {
            let expectedEast = east[cell] ? factor * 0.5 * (h[cell] + h[cell + 1]) : 0
            let expectedNorth = north[cell] ? factor * 0.5 * (h[cell] + h[cell + grid.nx]) : 0
            #expect(abs(stencil.east[cell] - expectedEast) <= 1e-14)
            #expect(abs(stencil.north[cell] - expectedNorth) <= 1e-14)
            if east[cell] { #expect(stencil.west[cell + 1] == stencil.east[cell]) }
            if north[cell] { #expect(stencil.south[cell + grid.nx] == stencil.north[cell]) }
        }
    }
}

/// One value per index, each written by one thread only.
private final class Slots<Value>: @unchecked Sendable {
    private let storage: UnsafeMutableBufferPointer<Value?>

    init(_ count: Int) {
        storage = .allocate(capacity: count)
        storage.initialize(repeating: nil)
    }

    deinit {
        storage.deinitialize()
        storage.deallocate()
    }

    subscript(index: Int) -> Value? {
        get { storage[index] }
        set { storage[index] = newValue }
    }

    var values: [Value] { storage.compactMap(\.self) }
}
