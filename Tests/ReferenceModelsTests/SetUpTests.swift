import Basics
import Dynamics
import ReferenceModels
import Testing

/// The seeded set-ups: the same seed gives the same bytes, and the statistics are those that are promised.
struct SetUpTests {
    @Test func basinsFollowFromSeedAndIndexAlone() throws {
        let basin = IdealisedBasin(nx: 30, ny: 25)
        let first = try basin.simulation(4, seed: 11)
        _ = try basin.simulation(5, seed: 11)
        let again = try basin.simulation(4, seed: 11)
        #expect(first.grid == again.grid && first.initialState == again.initialState)
        #expect(try basin.simulation(5, seed: 11).grid != first.grid)
        #expect(try basin.simulation(4, seed: 12).grid != first.grid)
    }

    @Test(arguments: 0..<20) func basinsHaveADryRingAndOneBump(index: Int) throws {
        let (grid, state) = try IdealisedBasin().simulation(index, seed: 3)
        let (wet, zeta) = (grid.wet, state.zeta)
        for cell in 0..<grid.cellCount {
            let (i, j) = (cell % 100, cell / 100)
            if i == 0 || j == 0 || i == 99 || j == 99 { #expect(!wet[cell]) }
            if !wet[cell] { #expect(zeta[cell] == 0) }
        }
        let raised = zeta.filter { $0 != 0 }
        let height = try #require(raised.first)
        #expect(raised.allSatisfy { $0 == height } && (0.05...0.15).contains(height))
        #expect((16...100).contains(raised.count))
        #expect(state.u.allSatisfy { $0 == 0 } && state.v.allSatisfy { $0 == 0 })
    }

    /// Variance and covariance at lag L, where exp(-1) of the variance is left, over 40 fields of 60 x 60 points.
    @Test func randomFieldHasItsCovariance() throws {
        let (n, lengthX, lengthY, variance) = (60, 4, 6, 5.0)
        let field = try GaussianRandomField(
            nx: n, ny: n, variance: variance, lengthX: Double(lengthX), lengthY: Double(lengthY))
        var (square, alongX, alongY, edge) = (0.0, 0.0, 0.0, 0.0)
        let count = 40
        for index in 0..<count {
            var stream = RandomStream(seed: 5, purpose: "test", index: index)
            let values = field.sample(using: &stream)
            for j in 0..<n - lengthY {
                for i in 0..<n - lengthX {
                    square += values[j * n + i] * values[j * n + i]
                    alongX += values[j * n + i] * values[j * n + i + lengthX]
                    alongY += values[j * n + i] * values[(j + lengthY) * n + i]
                }
            }
            for i in 0..<n { edge += values[i] * values[i] }
        }
        let pairs = Double(count * (n - lengthX) * (n - lengthY))
        print("field: variance \(square / pairs), edge \(edge / Double(count * n)), lags \(alongX / square) \(alongY / square)")
        // About 40 * 3600 / (pi * 4 * 6) = 1900 independent values: 3 standard deviations are 10 %.
        #expect(abs(square / pairs / variance - 1) < 0.1)
        #expect(abs(alongX / square - exponential(-1)) < 0.06)
        #expect(abs(alongY / square - exponential(-1)) < 0.06)
        // The edge has some 340 independent values: 3 standard deviations are 23 %.
        #expect(abs(edge / Double(count * n) / variance - 1) < 0.23)
    }

    @Test func randomElevationHasItsScaleAndNoMean() throws {
        let (grid, _) = try IdealisedBasin(nx: 60, ny: 40).simulation(0, seed: 1)
        var stream = RandomStream(seed: 9, purpose: "test")
        let zeta = try InitialElevation.random(on: grid, rootMeanSquare: 0.2, correlationLength: 8e4, using: &stream)
        let wetCount = Double(grid.wet.count { $0 })
        #expect(abs(wetSum(zeta, on: grid)) / wetCount <= 1e-15)
        #expect(abs((wetSum(zeta.map { $0 * $0 }, on: grid) / wetCount).squareRoot() - 0.2) <= 1e-14)
        #expect(zip(zeta, grid.wet).allSatisfy { $1 || $0 == 0 })
        var other = RandomStream(seed: 9, purpose: "test")
        #expect(try InitialElevation.random(on: grid, rootMeanSquare: 0.2, correlationLength: 8e4, using: &other) == zeta)
    }
}
