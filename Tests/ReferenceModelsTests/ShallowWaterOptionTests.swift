import Basics
import Dynamics
import ReferenceModels
import TestSupport
import Testing

/// What the optional terms do, as it reaches Swift; `fortran/tests` tests them more closely.
struct ShallowWaterOptionTests {
    /// 1/2 sum(g zeta^2 + h u^2 + h v^2), h the undisturbed depth on faces: per density and cell area.
    private func energy(_ state: ShallowWaterState, on grid: ShallowWaterGrid) -> Double {
        let (u, v, zeta, depth, nx, count) = (state.u, state.v, state.zeta, grid.depth, grid.nx, grid.cellCount)
        return (0..<count).reduce(0) { sum, cell in
            let east = cell % nx == nx - 1 ? cell + 1 - nx : cell + 1
            let north = (cell + nx) % count
            let face = (depth[cell] + depth[east]) * u[cell] * u[cell] + (depth[cell] + depth[north]) * v[cell] * v[cell]
            return sum + 0.5 * (9.81 * zeta[cell] * zeta[cell] + 0.5 * face)
        }
    }

    private func roughBed(nx: Int, ny: Int, shiftedBy shift: Int = 0, periodicX: Bool, periodicY: Bool) throws -> ShallowWaterGrid {
        let depth = (0..<nx * ny).map { cell in
            let (i, j) = ((cell % nx + nx - shift) % nx, cell / nx)
            return i == 3 && j == 4 ? 0 : 30 + 20 * cosine(1.9 * Double(i) + 0.7 * Double(i * j))
        }
        return try ShallowWaterGrid(nx: nx, ny: ny, dx: 5000, dy: 6000, depth: depth, periodicX: periodicX, periodicY: periodicY)
    }

    @Test(arguments: [false, true], [false, true]) func rotationKeepsTheEnergyOverARoughBed(periodicX: Bool, periodicY: Bool) throws {
        let grid = try roughBed(nx: 18, ny: 13, periodicX: periodicX, periodicY: periodicY)
        var parameters = ShallowWaterModelTests.linear
        (parameters.coriolis, parameters.beta) = (1.2e-4, periodicY ? 0 : 1e-10)
        let model = try ShallowWaterModel(grid: grid, timeStep: 900, parameters: parameters)
        let start = ShallowWaterDerivativeTests.pattern(1, on: grid)
        let end = try model.advance(start, steps: 500).state
        let change = abs(energy(end, on: grid) / energy(start, on: grid) - 1)
        print("energy with rotation: relative change \(change) after 500 steps, bound 1e-11")
        #expect(change <= 1e-11)
        #expect(maximumDifference(end.vector, start.vector) > 0.1)
    }

    private func flatPeriodic(nx: Int = 6, ny: Int = 5) throws -> ShallowWaterGrid {
        try ShallowWaterGrid(
            nx: nx, ny: ny, dx: 1000, dy: 1000, depth: [Double](repeating: 10, count: nx * ny), periodicX: true, periodicY: true)
    }

    /// A uniform current in boundless water turns clockwise (f > 0) by 2 atan(f dt/2) a step, and linear drag takes dt R of it.
    @Test func inertialCircleAndLinearDrag() throws {
        let grid = try flatPeriodic()
        let (f, dt) = (1.3e-4, 900.0)
        var parameters = ShallowWaterModelTests.linear
        var state = ShallowWaterState(nx: 6, ny: 5)
        state.u = [Double](repeating: 0.5, count: 30)
        parameters.linearDrag = 1e-5
        let slowed = try ShallowWaterModel(grid: grid, timeStep: dt, parameters: parameters).advance(state, steps: 3).state
        let left = 0.5 * power(1 - dt * 1e-5, 3)
        #expect(maximumDifference(slowed.u, [Double](repeating: left, count: 30)) <= 1e-15)
        (parameters.linearDrag, parameters.coriolis) = (0, f)
        for sign in [1.0, -1] {
            parameters.coriolis = sign * f
            let turned = try ShallowWaterModel(grid: grid, timeStep: dt, parameters: parameters).step(state)
            // cos and sin of 2 atan(t), t = f dt/2
            let t = f * dt / 2
            #expect(maximumDifference(turned.u, [Double](repeating: 0.5 * (1 - t * t) / (1 + t * t), count: 30)) <= 1e-13)
            #expect(maximumDifference(turned.v, [Double](repeating: -sign * 0.5 * 2 * t / (1 + t * t), count: 30)) <= 1e-13)
        }
    }

    /// In a short time a uniform current along x is turned by f of each row: coriolis in the middle, growing by beta with y.
    @Test func betaIsTheIncreaseNorthward() throws {
        let (nx, ny, dt) = (4, 6, 1.0)
        let grid = try ShallowWaterGrid(nx: nx, ny: ny, dx: 1e4, dy: 2e4, depth: [Double](repeating: 10, count: nx * ny), periodicX: true)
        var parameters = ShallowWaterModelTests.linear
        (parameters.coriolis, parameters.beta) = (1e-4, 5e-10)
        var state = ShallowWaterState(nx: nx, ny: ny)
        state.u = [Double](repeating: 1, count: nx * ny)
        let v = try ShallowWaterModel(grid: grid, timeStep: dt, parameters: parameters).step(state).v
        for row in 0..<ny - 1 {
            let f = 1e-4 + 5e-10 * 2e4 * Double(row + 1 - ny / 2)
            #expect(abs(v[row * nx] / (-f * dt) - 1) <= 1e-3)
        }
    }

    /// zeta = cos(kx) in a periodic flat channel, at rest: amplitude cos(n phase), phase = 2 atan(s/2), s = 2 dt sqrt(gH)/dx sin(k dx/2).
    @Test func periodicWave() throws {
        let (nx, ny, depth, dt) = (24, 5, 20.0, 700.0)
        let grid = try ShallowWaterGrid(
            nx: nx, ny: ny, dx: 4000, dy: 3000, depth: [Double](repeating: depth, count: nx * ny), periodicX: true, periodicY: true)
        let model = try ShallowWaterModel(grid: grid, timeStep: dt, parameters: ShallowWaterModelTests.linear)
        let k = 2 * Double.pi * 2 / Double(nx)
        var state = ShallowWaterState(nx: nx, ny: ny)
        let shape = (0..<nx * ny).map { cosine(k * Double($0 % nx) + 0.4) }
        state.zeta = shape
        // (2/dx sin(k/2))^2 by the half-angle formula; cos(2 atan(s/2)) = (4 - s^2)/(4 + s^2)
        let s2 = dt * dt * 9.81 * depth * 2 * (1 - cosine(k)) / (4000 * 4000)
        let cosPhase = (4 - s2) / (4 + s2)
        var (previous, current) = (1.0, cosPhase)
        for _ in 1...30 {
            state = try model.step(state)
            #expect(maximumDifference(state.zeta, shape.map { $0 * current }) <= 1e-12)
            (previous, current) = (current, 2 * cosPhase * current - previous)
        }
    }

    /// Where the periodic grid is cut open does not matter.
    @Test func aPeriodicGridHasNoPlaceOfItsOwn() throws {
        let (nx, ny, shift) = (16, 9, 5)
        let parameters = ShallowWaterParameters(drag: 2e-3, tolerance: 1e-14, coriolis: 1e-4)
        func end(_ shift: Int) throws -> [Double] {
            let grid = try roughBed(nx: nx, ny: ny, shiftedBy: shift, periodicX: true, periodicY: false)
            var state = ShallowWaterState(nx: nx, ny: ny)
            state.zeta = (0..<nx * ny).map { grid.wet[$0] && ($0 % nx + nx - shift) % nx == 7 ? 0.5 : 0 }
            return try ShallowWaterModel(grid: grid, timeStep: 600, parameters: parameters).advance(state, steps: 40).state.zeta
        }
        let (here, there) = (try end(0), try end(shift))
        let moved = (0..<nx * ny).map { there[$0 / nx * nx + ($0 % nx + shift) % nx] }
        #expect(maximumDifference(here, moved) <= 1e-12)
        #expect(maximumNorm(here) > 0.01)
    }

    /// In the end the slope holds the wind: g h dzeta/dx = tau/rho, and the water stands still.
    @Test func windSetUp() throws {
        let (nx, ny, dx, depth) = (20, 4, 2000.0, 15.0)
        let grid = try ShallowWaterGrid(nx: nx, ny: ny, dx: dx, dy: 2000, depth: [Double](repeating: depth, count: nx * ny))
        var parameters = ShallowWaterModelTests.linear
        // Above one half, so that short waves die as well.
        (parameters.linearDrag, parameters.density, parameters.implicitness) = (2e-4, 1020, 0.7)
        let forcing = ShallowWaterForcing(wind: .constant(x: 0.4, y: 0))
        let model = try ShallowWaterModel(grid: grid, timeStep: 600, parameters: parameters, forcing: forcing)
        let end = try model.advance(ShallowWaterState(nx: nx, ny: ny), steps: 1000).state
        let slope = 0.4 / (1020 * 9.81 * depth)
        let errors = (0..<nx * ny).filter { $0 % nx < nx - 1 }.map { (end.zeta[$0 + 1] - end.zeta[$0]) / dx / slope - 1 }
        #expect(maximumNorm(errors) <= 1e-9)
        #expect(maximumNorm(end.u + end.v) <= 1e-12)
        #expect(abs(wetSum(end.zeta, on: grid)) <= 1e-12)
    }

    /// From rest, over a flat bed in linear mode without friction, one step in a wind that rises linearly has the mean of old and new stress.
    @Test(arguments: [0.5, 0.8]) func windIsLinearBetweenItsTimes(implicitness w: Double) throws {
        let (nx, ny) = (6, 1)
        let grid = try ShallowWaterGrid(nx: nx, ny: ny, dx: 1000, dy: 1000, depth: [Double](repeating: 10, count: nx), periodicX: true)
        var parameters = ShallowWaterModelTests.linear
        parameters.implicitness = w
        let (times, stress) = ([0.0, 1000, 4000], [0.0, 1, 0.4])
        let uniform = ShallowWaterForcing(startTime: 100, wind: .uniform(times: times, x: stress, y: [0, 0, 0]))
        let fields = ShallowWaterForcing(
            startTime: 100, wind: .fields(times: times, x: stress.flatMap { [Double](repeating: $0, count: nx) }, y: [Double](repeating: 0, count: 3 * nx)))
        func value(_ t: Double) -> Double { t <= 1000 ? t / 1000 : t <= 4000 ? 1 - 0.2 * (t - 1000) / 1000 : 0.4 }
        for forcing in [uniform, fields] {
            let model = try ShallowWaterModel(grid: grid, timeStep: 300, parameters: parameters, forcing: forcing)
            var (state, expected) = (ShallowWaterState(nx: nx, ny: ny), 0.0)
            for step in 0..<20 {
                state = try model.step(state, number: step)
                let old = 100 + 300 * Double(step)
                expected += 300 * ((1 - w) * value(old) + w * value(old + 300)) / (1025 * 10)
                #expect(maximumDifference(state.u, [Double](repeating: expected, count: nx)) <= 1e-14)
            }
        }
    }

    @Test func theGivenTideIsThere() throws {
        let basin = try ForcedBasin()
        let model = try basin.model()
        let boundary = try #require(basin.forcing.boundary)
        var state = basin.state()
        for step in 0..<25 {
            state = try model.step(state, number: step)
            let t = basin.forcing.startTime + Double(step + 1) * ForcedBasin.timeStep
            let next = try #require(boundary.times.firstIndex { $0 > t })
            let weight = (t - boundary.times[next - 1]) / (boundary.times[next] - boundary.times[next - 1])
            for (k, cell) in boundary.cells.enumerated() {
                let count = boundary.cells.count
                var expected = (1 - weight) * boundary.zeta[(next - 1) * count + k] + weight * boundary.zeta[next * count + k]
                for tide in boundary.constituents { expected += tide.amplitude[k] * cosine(tide.frequency * t - tide.phase[k]) }
                #expect(abs(state.zeta[cell] - expected) <= 1e-14)
            }
        }
    }

    // MARK: The same bits

    @Test func stepsHalvesAndWholeRunsHaveTheSameBits() throws {
        let basin = try ForcedBasin()
        let model = try basin.model()
        let whole = try model.advance(basin.state(), steps: 30, firstStep: 3).state
        let half = try model.advance(basin.state(), steps: 11, firstStep: 3).state
        #expect(try model.advance(half, steps: 19, firstStep: 14).state == whole)
        #expect(try model.advanced(basin.state(), steps: 30, firstStep: 3) == whole, "the rollout passes the numbers on")
        #expect(try model.advanced(basin.state(), steps: 30, firstStep: 4) != whole)
    }

    @Test func concurrentRunsHaveTheSameBits() throws {
        let basin = try ForcedBasin()
        let model = try basin.model()
        let alone = try (0..<6).map { try model.advance(basin.state($0), steps: 20, firstStep: $0).state }
        let together = Slots<ShallowWaterState>(6)
        try concurrentForEach(6) { together.set($0, try model.advance(basin.state($0), steps: 20, firstStep: $0).state) }
        #expect(together.values == alone)
    }
}
