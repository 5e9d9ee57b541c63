import Basics
import Dynamics
import StencilSolvers

/// Errors of one field on a masked grid with a correlation length that goes round land, never across it:
///
///     B^(1/2) = S N L^-(M/2),   L = 1 - div l^2 grad   with no flux through coasts and edges,
///
/// S the standard deviations, zero on land, and N the diagonal that makes those of B exactly S^2. Far from coasts the correlations are those of
/// M implicit diffusion steps: on a line of order M in autoregression, (1 + r/l) exp(-r/l) for M = 2, and in the plane a Matern function with
/// smoothness M - 1 (Weaver and Courtier 2001; Mirouze and Weaver 2010, equations 22 to 25).
///
/// The length that is given is Daley's, (-1 / c''(0))^(1/2), which is l (2 M - 2 - d)^(1/2) in d dimensions (Weaver and Mirouze 2013). It may change from
/// point to point, slowly beside itself; variances are right all the same, as N takes them from L.
///
/// - A. Weaver, P. Courtier (2001): Correlation modelling on the sphere using a generalized diffusion equation. Q. J. R. Meteorol. Soc. 127,
///   1815-1846.
/// - I. Mirouze, A. T. Weaver (2010): Representation of correlation functions in variational assimilation using an implicit diffusion operator.
///   Q. J. R. Meteorol. Soc. 136, 1421-1443.
/// - A. T. Weaver, I. Mirouze (2013): On the diffusion equation and its application to isotropic and anisotropic correlation modelling in variational
///   assimilation. Q. J. R. Meteorol. Soc. 139, 242-260.
public struct DiffusionCovariance: ErrorCovariance {
    /// How the diagonal of L^-M is found, which N takes away.
    public enum Normalisation: Equatable, Sendable {
        /// M/2 solves for each wet point, or in all where every point is like every other.
        case exact
        /// From the squares of so many random vectors after M/2 solves each: variances off by a relative deviation of (2 / samples)^(1/2)
        /// (Weaver and Courtier 2001, section 5).
        case randomised(samples: Int, seed: UInt64)
        /// One factor for all points, from so many random vectors: S^2 is the mean over the wet points alone. With no flux through them, straight
        /// coasts double variances and corners make them four times as large, as reflected waves do. Each of `variances` is off as those of
        /// `randomised` are, the factor by far less.
        case uniform(samples: Int, seed: UInt64)
    }

    public let grid: DiffusionGrid
    /// S, in the units of the field; zero on land.
    public let deviations: [Double]
    /// The solves of B^(1/2).
    private let solves: Int
    private let factors: any StencilFactorization<Double>
    /// S N
    private var scale: [Double]
    public private(set) var variances: [Double]

    /// - Parameters:
    ///   - deviations: S, [ny, nx]; whatever is given for land, zero is taken.
    ///   - correlationLengths: Daley's, in the unit of the grid's spacing, above 0; of every point, those of land of no account.
    ///   - diffusionSteps: M, even; at least 2 on a line and 4 in the plane, where 2 would have no Daley length.
    /// - Throws: `SeicheError`: invalidInput for numbers that cannot be used, solver where a solve fails.
    public init(
        _ grid: DiffusionGrid, deviations: [Double], correlationLengths: [Double], diffusionSteps: Int = 4, normalisation: Normalisation = .exact
    ) throws {
        try checkCount(correlationLengths.count, grid.wet.count, "correlation lengths", "the points of the grid")
        try checkCount(deviations.count, grid.wet.count, "error deviations", "the points of the grid")
        try checkValues(deviations, "error deviation", isNegativeAllowed: false)
        let dimensions = grid.ny == 1 ? 1 : 2
        let lengths = zip(correlationLengths, grid.wet).map { $1 ? $0 : 1 }
        let bad = lengths.first { !($0 > 0 && $0.isFinite) }
        guard diffusionSteps.isMultiple(of: 2), diffusionSteps >= 2 * dimensions, bad == nil else {
            throw SeicheError(
                .invalidInput,
                "a correlation length of \(bad ?? lengths.first ?? .nan) was asked for with \(diffusionSteps) steps of diffusion",
                remedy: "give a length above 0 and an even number of at least \(2 * dimensions) steps")
        }
        self.grid = grid
        self.deviations = zip(deviations, grid.wet).map { $1 ? $0 : 0 }
        solves = diffusionSteps / 2
        let daley = Double(2 * diffusionSteps - 2 - dimensions).squareRoot()
        factors = AutomaticSolver(tolerance: 1e-13).factor(grid.diffusion(lengths: lengths.map { $0 / daley }))
        (scale, variances) = ([], self.deviations.map { $0 * $0 })
        let diagonal = try inverseDiagonal(normalisation, isHomogeneous: grid.isHomogeneous && lengths.allSatisfy { $0 == lengths[0] })
        scale = zip(self.deviations, diagonal).map { $0 == 0 ? 0 : $0 / $1.squareRoot() }
        if case .uniform = normalisation {
            let wet = grid.wet.indices.filter { grid.wet[$0] }
            let mean = wet.reduce(0) { $0 + diagonal[$1] } / Double(max(1, wet.count))
            scale = self.deviations.map { $0 / mean.squareRoot() }
            variances = zip(scale, diagonal).map { $0 * $0 * $1 }
        }
    }

    /// With one correlation length.
    public init(
        _ grid: DiffusionGrid, deviations: [Double], correlationLength: Double, diffusionSteps: Int = 4, normalisation: Normalisation = .exact
    ) throws {
        try self.init(
            grid, deviations: deviations, correlationLengths: [Double](repeating: correlationLength, count: grid.wet.count),
            diffusionSteps: diffusionSteps, normalisation: normalisation)
    }

    public var stateSize: Int { deviations.count }
    public var controlSize: Int { deviations.count }

    public func root(times control: [Double]) throws -> [Double] {
        try checkCount(control.count, controlSize, "values of a control", "the points of the grid")
        let smooth = try diffused(control)
        return smooth.indices.map { scale[$0] * smooth[$0] }
    }

    public func rootTransposed(times state: [Double]) throws -> [Double] {
        try checkCount(state.count, stateSize, "values of a state", "the points of the grid")
        // L is symmetric.
        return try diffused(state.indices.map { scale[$0] * state[$0] })
    }

    /// L^-(M/2) x.
    private func diffused(_ x: [Double]) throws -> [Double] {
        var field = x
        for _ in 0..<solves {
            let (solution, report) = factors.solve(field, startingFrom: nil)
            // A right-hand side may be so smooth that rounding ends a solve just short of its tolerance.
            guard report.isConverged || report.relativeResidual < 1e-11 else {
                throw SeicheError(
                    .solver, "a step of the diffusion that makes correlations failed: \(report.summary)",
                    remedy: "give a shorter correlation length")
            }
            field = solution
        }
        return field
    }

    /// The diagonal of L^-M, one on land.
    private func inverseDiagonal(_ normalisation: Normalisation, isHomogeneous: Bool) throws -> [Double] {
        let count = grid.wet.count
        switch normalisation {
        case .exact:
            @Sendable func variance(_ point: Int) throws -> Double {
                var unit = [Double](repeating: 0, count: count)
                unit[point] = 1
                let column = try diffused(unit)
                return column.reduce(0) { $0 + $1 * $1 }
            }
            if isHomogeneous { return [Double](repeating: try variance(0), count: count) }
            let found = Slots<Double>(count)
            try concurrentForEach(count) { point in found.set(point, grid.wet[point] ? try variance(point) : 1) }
            return found.values
        case .randomised(let samples, let seed), .uniform(let samples, let seed):
            guard samples > 0 else {
                throw SeicheError(.invalidInput, "a normalisation by \(samples) random vectors was asked for", remedy: "give at least one")
            }
            let squares = Slots<[Double]>(samples)
            try concurrentForEach(samples) { sample in
                var stream = RandomStream(seed: seed, purpose: "normalisation of a covariance", index: sample)
                squares.set(sample, try diffused(stream.normals(count)).map { $0 * $0 })
            }
            var sums = [Double](repeating: 0, count: count)
            for sample in squares.values { for point in sums.indices { sums[point] += sample[point] } }
            return sums.map { $0 / Double(samples) }
        }
    }
}
