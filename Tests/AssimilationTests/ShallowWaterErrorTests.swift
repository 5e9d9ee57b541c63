import Assimilation
import Basics
import Dynamics
import ReferenceModels
import TestSupport
import Testing

/// Background errors of shallow-water states: elevations by diffusion, velocities by a potential, and what a sample tells of both.
struct ShallowWaterErrorTests {
    /// 40 x 36 cells with a dry ring and an island.
    private static func basin() throws -> ShallowWaterGrid {
        let (nx, ny) = (40, 36)
        let depth = (0..<nx * ny).map { cell -> Double in
            let (i, j) = (cell % nx, cell / nx)
            return i == 0 || j == 0 || i == nx - 1 || j == ny - 1 || ((10..<15).contains(i) && (12..<20).contains(j)) ? 0 : 20
        }
        return try ShallowWaterGrid(nx: nx, ny: ny, dx: 1e4, dy: 1.2e4, depth: depth)
    }

    private func sample(_ covariance: any ErrorCovariance, _ grid: ShallowWaterGrid, count: Int) throws -> [ShallowWaterState] {
        try (0..<count).map { k in
            var state = ShallowWaterState(nx: grid.nx, ny: grid.ny)
            state.vector = try covariance.root(times: normals(covariance.controlSize, seed: 7, "sample", index: k))
            return state
        }
    }

    private func statistics(_ velocities: Double = 4e4) throws -> ShallowWaterErrorStatistics {
        var statistics = try ShallowWaterErrorStatistics(try Self.basin(), errors: [Self.ramp()])
        (statistics.elevationDeviation, statistics.velocityDeviation) = (0.02, 0.05)
        (statistics.elevationLength, statistics.velocityLength) = (5e4, velocities)
        return statistics
    }

    private static func ramp() throws -> ShallowWaterState {
        let grid = try basin()
        var state = ShallowWaterState(nx: grid.nx, ny: grid.ny)
        state.vector = normals(3 * grid.cellCount, seed: 1)
        return state
    }

    /// Without flux through its end, a line doubles variances there, as the wave that a wall reflects.
    @Test func oneFactorLeavesTheDoubledVarianceAtCoasts() throws {
        let grid = try DiffusionGrid(ny: 1, nx: 60, dy: 1, dx: 1, wet: [Bool](repeating: true, count: 60))
        let covariance = try DiffusionCovariance(
            grid, deviations: [Double](repeating: 3, count: 60), correlationLength: 3, diffusionSteps: 2,
            normalisation: .uniform(samples: 2000, seed: 1))
        let matrix = try covariance.matrix()
        let diagonal = (0..<60).map { matrix.rows[$0][$0] }
        #expect(abs(diagonal.reduce(0, +) / 60 - 9) < 0.15)
        // The wall lies half a cell beyond the last point.
        let image = covariance.variances[0] / covariance.variances[30]
        #expect(diagonal[0] / diagonal[30] > 1.9 && diagonal[0] / diagonal[30] < 2)
        #expect(abs(image - diagonal[0] / diagonal[30]) < 0.2)
        for k in 0..<60 { #expect(abs(covariance.variances[k] - diagonal[k]) < 0.2 * diagonal[k]) }
    }

    @Test func velocitiesOfAPotentialHaveNoVorticityAndRespectCoasts() throws {
        let grid = try Self.basin()
        let covariance = try VelocityPotentialCovariance(grid, deviation: 0.05, correlationLength: 4e4)
        #expect(try covariance.adjointError() < 1e-11)
        let field = try covariance.root(times: normals(covariance.controlSize, seed: 3))
        let (u, v) = (Array(field[..<grid.cellCount]), Array(field[grid.cellCount...]))
        let (east, north, nx) = (grid.openEast, grid.openNorth, grid.nx)
        var corners = 0
        for cell in 0..<grid.cellCount {
            if !east[cell] { #expect(u[cell] == 0) }
            if !north[cell] { #expect(v[cell] == 0) }
            guard cell % nx < nx - 1, cell / nx < grid.ny - 1, east[cell], east[cell + nx], north[cell], north[cell + 1] else { continue }
            let curl = (v[cell + 1] - v[cell]) / grid.dx - (u[cell + nx] - u[cell]) / grid.dy
            #expect(abs(curl) < 1e-12 * 0.05 / 1e4 * 100)
            corners += 1
        }
        #expect(corners > 1000)
    }

    /// B made from statistics gives samples with these statistics: of independent velocities by definition, of a potential's by its spectrum.
    @Test(arguments: ShallowWaterErrorStatistics.Velocities.allCases)
    func aSampleTellsWhatItWasDrawnFrom(velocities: ShallowWaterErrorStatistics.Velocities) throws {
        let (grid, statistics) = (try Self.basin(), try statistics())
        let covariance = try statistics.covariance(on: grid, velocities: velocities, factor: 2)
        #expect(try covariance.adjointError() < 1e-11)
        let found = try ShallowWaterErrorStatistics(grid, errors: sample(covariance, grid, count: 60))
        #expect(abs(found.elevationDeviation / 0.04 - 1) < 0.06 && abs(found.velocityDeviation / 0.1 - 1) < 0.06, "\(found)")
        // Differences over a cell see less than the slope: some percent of lengths of four or five cells.
        #expect(abs(found.elevationLength / 5e4 - 1) < 0.12 && abs(found.velocityLength / 4e4 - 1) < 0.15, "\(found)")
        let diagonal = try sample(covariance, grid, count: 400).reduce(into: [Double](repeating: 0, count: 3 * grid.cellCount)) { sums, state in
            for k in sums.indices { sums[k] += state.vector[k] * state.vector[k] / 400 }
        }
        let ratio = zip(diagonal, covariance.variances).filter { $0.1 > 0 }.map { $0.0 / $0.1 }
        #expect(abs(ratio.reduce(0, +) / Double(ratio.count) - 1) < 0.05)
    }

    /// A sea that deepens from 10 m in the west to 160 m in the east, whose errors are those of a profile: it is found again from a sample.
    @Test(arguments: ShallowWaterErrorStatistics.Velocities.allCases)
    func errorsThatFollowTheDepthAreFoundAgain(velocities: ShallowWaterErrorStatistics.Velocities) throws {
        let (nx, ny) = (70, 50)
        let depth = (0..<nx * ny).map { cell -> Double in
            let (i, j) = (cell % nx, cell / nx)
            return i == 0 || j == 0 || i == nx - 1 || j == ny - 1 ? 0 : 10 * exponential(0.0408 * Double(i - 1))
        }
        let grid = try ShallowWaterGrid(nx: nx, ny: ny, dx: 1e4, dy: 1e4, depth: depth)
        let squares = depth.map { 0.0004 * 10 / max(10, $0) }
        func profile(_ factor: Double) throws -> DepthProfile {
            try DepthProfile(depths: depth.filter { $0 > 0 }, squares: zip(squares, depth).filter { $0.1 > 0 }.map { factor * $0.0 })
        }
        // Lengths of 30 km in the shallows, and 120 km in the deep.
        let slope = try DepthProfile(depths: depth.filter { $0 > 0 }, squares: depth.filter { $0 > 0 }.map { 10 / ($0 * 9e8) })
        var noise = ShallowWaterState(nx: nx, ny: ny)
        noise.vector = normals(3 * nx * ny, seed: 1)
        var statistics = try ShallowWaterErrorStatistics(grid, errors: [noise], places: .byDepth)
        statistics.elevationProfile = .init(deviation: try profile(1), slope: slope)
        statistics.velocityProfile = .init(deviation: try profile(4), slope: slope)
        let covariance = try statistics.covariance(on: grid, velocities: velocities, samples: 400)
        #expect(try covariance.adjointError() < 1e-11)
        let found = try ShallowWaterErrorStatistics(grid, errors: sample(covariance, grid, count: 100), places: .byDepth)
        let (elevation, velocity) = (try #require(found.elevationProfile), try #require(found.velocityProfile))
        for h in [14.0, 40, 110] {
            let deviation = 0.02 * (10 / h).squareRoot()
            #expect(abs(elevation.deviation.value(at: h) / deviation - 1) < 0.12, "at \(h) m: \(elevation.deviation.value(at: h)), \(deviation)")
            #expect(abs(elevation.slope.value(at: h) / slope.value(at: h) - 1) < 0.2, "at \(h) m: \(elevation.slope.value(at: h))")
            // Of a potential, velocities have the profile up to one factor, and what its own slope adds.
            let ratio = velocity.deviation.value(at: h) / velocity.deviation.value(at: 40) / (40 / h).squareRoot()
            #expect(abs(ratio - 1) < (velocities == .independent ? 0.12 : 0.3), "at \(h) m: \(ratio)")
        }
    }

    @Test func aProfileIsTheRootMeanSquareOfItsClasses() throws {
        let profile = try DepthProfile(depths: [10, 1000, 10, 10, 1000, 100], squares: [1, 100, 4, 4, 4, 9], classes: 3)
        #expect(profile.depths.count == 3 && abs(profile.depths[0] - 10) < 1e-12 && abs(profile.depths[2] - 1000) < 1e-9)
        let (shallow, deep) = (Double(3).squareRoot(), Double(52).squareRoot())
        #expect(profile.values == [shallow, 3, deep])
        #expect(profile.value(at: 1) == shallow && profile.value(at: 5000) == deep)
        // Half of the way from 10 m to 100 m, in the logarithm.
        #expect(abs(profile.value(at: Double(1000).squareRoot()) - 0.5 * (shallow + 3)) < 1e-12)
        #expect(throws: SeicheError.self) { try DepthProfile(depths: [], squares: []) }
    }

    @Test func pointsLieInDifferentWetCells() throws {
        let grid = try Self.basin()
        let wet = grid.wet.count { $0 }
        let points = try ObservedPoint.random(.zeta, share: 0.1, on: grid, seed: 4)
        #expect(points.count == Int((0.1 * Double(wet)).rounded()))
        let cells = points.map { Int($0.y / grid.dy) * grid.nx + Int($0.x / grid.dx) }
        #expect(Set(cells).count == cells.count && cells.allSatisfy { grid.wet[$0] })
        #expect(try ObservedPoint.random(.zeta, share: 0.1, on: grid, seed: 4) == points)
        #expect(try ObservedPoint.random(.zeta, share: 0.1, on: grid, seed: 4, index: 1) != points)
        #expect(throws: SeicheError.self) { try ObservedPoint.random(.zeta, share: 0, on: grid, seed: 4) }
    }

    /// 4D-Var with the shallow-water model: with B right, 2 J(min) / p is one, and the error falls far below the background's.
    @Test func fourDVarFindsStatesOfTheSeaFromElevationsAlone() throws {
        let grid = try Self.basin()
        let model = try ShallowWaterModel(grid: grid, timeStep: 900)
        let covariance = try statistics().covariance(on: grid)
        let start = try model.advance(sample(covariance, grid, count: 1)[0], steps: 4).state
        var background = start
        background.vector = zip(start.vector, try sample(covariance, grid, count: 2)[1].vector).map(+)
        var twin = TwinExperiment(truth: model, start: start, interval: 6, times: 4, errorDeviation: 0.005, seed: 2) { time in
            try WeightedComponents(grid, points: ObservedPoint.random(.zeta, share: 0.2, on: grid, seed: 5, index: time))
        }
        (twin.firstStep, twin.firstBackground) = (10, background)
        var cycles: [TwinExperiment<ShallowWaterModel>.Cycle] = []
        try twin.run(FourDVar(model: model, covariance: covariance), cycles: 1) { cycles.append($0) }
        try twin.run(FreeRun(model: model), cycles: 1) { cycles.append($0) }
        #expect(cycles.allSatisfy { $0.window.firstStep == 10 && $0.window.batches.map(\.step) == [16, 22, 28, 34] && $0.background == background })
        let minimisation = try #require(cycles[0].analysis.minimisation)
        #expect(abs(minimisation.chiSquare(observations: cycles[0].window.observationCount) - 1) < 0.15)
        #expect(cycles[0].finalError < 0.2 * cycles[1].finalError, "\(cycles[0].finalError), \(cycles[1].finalError)")
        #expect(try cycles[1].analysis.final == model.advance(background, steps: 24).state && cycles[1].analysis.initial == background)
    }
}
