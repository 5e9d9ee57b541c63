import Assimilation
import Basics
import Dynamics
import TestSupport
import Testing

struct CovarianceTests {
    static func masked(_ steps: Int = 4) throws -> DiffusionCovariance {
        let grid = try ObservationOperatorTests.grid()
        return try DiffusionCovariance(
            DiffusionGrid(grid, .zeta), deviations: (0..<30).map { 0.5 + 0.1 * Double($0) }, correlationLength: 150, diffusionSteps: steps)
    }

    @Test func rootsAndTheirTransposesAreOnePair() throws {
        let ring = try DiffusionCovariance(
            DiffusionGrid(ring: 12), deviations: normals(12, seed: 1).map(abs), correlationLength: 2, diffusionSteps: 2)
        let dense = try DenseCovariance(ring.matrix().rows.flatMap(\.self), size: 12)
        let covariances: [any ErrorCovariance] = [
            try DiagonalCovariance(deviations: normals(7, seed: 2).map(abs)), ring, dense, try Self.masked(),
            BlockCovariance([ring, dense, try Self.masked()]),
        ]
        // Elimination on a line; in the plane solves to a relative residual of 1e-13.
        for (covariance, bound) in zip(covariances, [1e-14, 1e-14, 1e-14, 1e-12, 1e-12]) {
            #expect(try covariance.adjointError() < bound, "\(type(of: covariance))")
        }
        #expect(try distance(dense.matrix().rows.flatMap(\.self), ring.matrix().rows.flatMap(\.self)) < 1e-12)
    }

    @Test func variancesAreThoseThatWereGivenAndLandHasNone() throws {
        let covariance = try Self.masked()
        let (wet, matrix) = (covariance.grid.wet, try covariance.matrix())
        for k in 0..<30 {
            #expect(abs(matrix.rows[k][k] - covariance.variances[k]) < 1e-11 * max(1, covariance.variances[k]))
            #expect(covariance.variances[k] == (wet[k] ? (0.5 + 0.1 * Double(k)) * (0.5 + 0.1 * Double(k)) : 0))
            if !wet[k] { #expect(matrix.rows[k].allSatisfy { $0 == 0 }) }
        }
    }

    /// Far from coasts: the autoregressive function of second order, to what the grid resolves.
    @Test(arguments: [(2, 0.02), (4, 0.03)])
    func correlationsOnALineAreThoseOfTheory(steps: Int, tolerance: Double) throws {
        let daley = 12.0
        let covariance = try DiffusionCovariance(
            DiffusionGrid(ring: 200), deviations: [Double](repeating: 1, count: 200), correlationLength: daley, diffusionSteps: steps)
        var unit = [Double](repeating: 0, count: 200)
        unit[50] = 1
        let row = try covariance.times(unit)
        let length = daley / Double(2 * steps - 3).squareRoot()
        for r in 0..<40 {
            let s = Double(r) / length
            let theory = (steps == 2 ? 1 + s : 1 + s + 0.4 * s * s + s * s * s / 15) * exponential(-s)
            #expect(abs(row[50 + r] - theory) < tolerance && abs(row[50 + r] - row[50 - r]) < 1e-12, "at \(r): \(row[50 + r]), \(theory)")
        }
    }

    @Test func daleysLengthInThePlaneIsTheOneGiven() throws {
        let wet = [Bool](repeating: true, count: 64 * 64)
        let grid = try DiffusionGrid(ny: 64, nx: 64, dy: 1, dx: 1, periodicY: true, periodicX: true, wet: wet)
        let covariance = try DiffusionCovariance(grid, deviations: wet.map { _ in 1 }, correlationLength: 8, diffusionSteps: 8)
        var unit = [Double](repeating: 0, count: wet.count)
        unit[32 * 64 + 32] = 1
        let row = try covariance.times(unit)
        for step in [1, 64] {
            let curvature = row[32 * 64 + 32 + step] + row[32 * 64 + 32 - step] - 2 * row[32 * 64 + 32]
            #expect(abs((-1 / curvature).squareRoot() - 8) < 0.35)
        }
    }

    /// Lengths that change slowly are those of the correlations around each point, and the variances stay what was asked for.
    @Test func lengthsMayChangeFromPlaceToPlace() throws {
        let lengths = (0..<240).map { 16 - 8 * cosine(2 * .pi * Double($0) / 240) }
        let deviations = (0..<240).map { 2 + sine(2 * .pi * Double($0) / 240) }
        let covariance = try DiffusionCovariance(
            DiffusionGrid(ring: 240), deviations: deviations, correlationLengths: lengths, diffusionSteps: 4)
        #expect(try covariance.adjointError() < 1e-12)
        let matrix = try covariance.matrix()
        for k in 0..<240 { #expect(abs(matrix.rows[k][k].squareRoot() - deviations[k]) < 1e-10) }
        for k in stride(from: 0, to: 240, by: 20) {
            let correlation = matrix.rows[k][(k + 1) % 240] / (deviations[k] * deviations[(k + 1) % 240])
            #expect(abs((0.5 / (1 - correlation)).squareRoot() / lengths[k] - 1) < 0.06, "at \(k): \((0.5 / (1 - correlation)).squareRoot())")
        }
        let mistake = complaint(.invalidInput, "a correlation length of 0.0 was asked for") {
            _ = try DiffusionCovariance(DiffusionGrid(ring: 3), deviations: [1, 1, 1], correlationLengths: [1, 0, 1])
        }
        #expect(mistake == nil)
    }

    /// A wall that reaches from edge to edge parts the sea in two that know nothing of each other; one with a gap is gone round.
    @Test func correlationsGoRoundLandAndNotAcrossIt() throws {
        func across(gap: Bool) throws -> Double {
            let wet = (0..<100).map { $0 % 10 != 5 || (gap && $0 / 10 == 0) }
            let grid = try DiffusionGrid(ny: 10, nx: 10, dy: 1, dx: 1, wet: wet)
            let covariance = try DiffusionCovariance(grid, deviations: wet.map { _ in 1 }, correlationLength: 4)
            var unit = [Double](repeating: 0, count: 100)
            unit[94] = 1
            return try covariance.times(unit)[96]
        }
        #expect(try across(gap: false) == 0)
        let around = try across(gap: true)
        let open = try DiffusionCovariance(
            DiffusionGrid(ny: 10, nx: 10, dy: 1, dx: 1, wet: [Bool](repeating: true, count: 100)),
            deviations: [Double](repeating: 1, count: 100), correlationLength: 4)
        var unit = [Double](repeating: 0, count: 100)
        unit[94] = 1
        let direct = try open.times(unit)[96]
        #expect(around > 0 && around < 0.1 * direct)
    }

    @Test func randomisedNormalisationApproachesTheExactOne() throws {
        let grid = try DiffusionGrid(ObservationOperatorTests.grid(), .zeta)
        let ones = [Double](repeating: 1, count: 30)
        let covariance = try DiffusionCovariance(grid, deviations: ones, correlationLength: 100, normalisation: .randomised(samples: 4000, seed: 3))
        let matrix = try covariance.matrix()
        // Five times the deviation (2 / samples)^(1/2).
        for k in 0..<30 where grid.wet[k] { #expect(abs(matrix.rows[k][k] - 1) < 0.11) }
    }

    @Test func whatIsNoCovarianceIsRefused() throws {
        let grid = try DiffusionGrid(ring: 8)
        let ones = [Double](repeating: 1, count: 8)
        #expect(complaint(.invalidInput, "correlation length of 0.0") {
            _ = try DiffusionCovariance(grid, deviations: ones, correlationLength: 0)
        } == nil)
        #expect(complaint(.invalidInput, "3 steps", "even") {
            _ = try DiffusionCovariance(grid, deviations: ones, correlationLength: 1, diffusionSteps: 3)
        } == nil)
        #expect(complaint(.invalidInput, "deviation 1 is -1") { _ = try DiagonalCovariance(deviations: [1, -1]) } == nil)
        #expect(complaint(.invalidInput, "not positive definite", "pivot 1") { _ = try DenseCovariance([1, 2, 2, 1], size: 2) } == nil)
        #expect(complaint(.invalidInput, "3 values of a control") { _ = try DiagonalCovariance(deviations: [1]).root(times: [1, 2, 3]) } == nil)
    }
}
