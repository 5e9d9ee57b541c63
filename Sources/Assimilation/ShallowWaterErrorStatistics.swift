import Basics
import Dynamics

/// What a sample of errors says of their covariance, one number a field: deviations and correlation lengths, from which B is made.
public struct ShallowWaterErrorStatistics: Equatable, Sendable {
    /// Root mean squares over wet cells and over open faces: m, m/s.
    public var elevationDeviation: Double
    public var velocityDeviation: Double
    /// m; Daley's: deviation over root mean square slope, of both directions, of velocities of both components.
    public var elevationLength: Double
    public var velocityLength: Double

    /// How the errors of u and v go together.
    public enum Velocities: String, CaseIterable, Sendable {
        /// As the gradient of a potential (`VelocityPotentialCovariance`).
        case potential
        /// Not at all.
        case independent
    }

    /// - Parameter errors: a sample, about a mean of zero.
    /// - Throws: `SeicheError` (invalidInput) for states of another grid, and where all errors are zero.
    public init(_ grid: ShallowWaterGrid, errors: [ShallowWaterState]) throws {
        for error in errors { try checkCount(error.vector.count, 3 * grid.cellCount, "values of an error", "the grid") }
        (elevationDeviation, elevationLength) = Self.moments([(try DiffusionGrid(grid, .zeta), errors.map(\.zeta))])
        (velocityDeviation, velocityLength) = Self.moments([
            (try DiffusionGrid(grid, .u), errors.map(\.u)), (try DiffusionGrid(grid, .v), errors.map(\.v)),
        ])
        for (value, name) in [
            (elevationDeviation, "deviation of zeta"), (velocityDeviation, "deviation of velocities"),
            (elevationLength, "correlation length of zeta"), (velocityLength, "correlation length of velocities"),
        ] where !(value > 0 && value.isFinite) {
            throw SeicheError(
                .invalidInput, "the \(name) in a sample of \(errors.count) errors is \(value)", remedy: "give errors that differ from place to place")
        }
    }

    private static func moments(_ fields: [(grid: DiffusionGrid, values: [[Double]])]) -> (deviation: Double, length: Double) {
        var (squares, points, slopes, pairs) = (0.0, 0, 0.0, 0)
        for (grid, sample) in fields {
            let neighbours = grid.neighbours
            for values in sample {
                for point in values.indices where grid.wet[point] { (squares, points) = (squares + values[point] * values[point], points + 1) }
                for pair in neighbours {
                    let slope = (values[pair.after] - values[pair.before]) / pair.spacing
                    slopes += slope * slope
                }
                pairs += neighbours.count
            }
        }
        let (variance, slope) = (squares / Double(points), slopes / Double(pairs))
        return (variance.squareRoot(), (variance / slope).squareRoot())
    }

    /// B on a grid.
    ///
    /// - Parameters:
    ///   - factor: of all deviations.
    ///   - samples: random vectors of each normalisation.
    /// - Throws: as `DiffusionCovariance`.
    public func covariance(
        on grid: ShallowWaterGrid, velocities: Velocities = .potential, factor: Double = 1, samples: Int = 100, seed: UInt64 = 1
    ) throws -> any ErrorCovariance {
        func block(_ field: ShallowWaterField, _ deviation: Double, _ length: Double) throws -> DiffusionCovariance {
            try DiffusionCovariance(
                DiffusionGrid(grid, field), deviations: [Double](repeating: factor * deviation, count: grid.cellCount), correlationLength: length,
                normalisation: .uniform(samples: samples, seed: seed))
        }
        let elevation = try block(.zeta, elevationDeviation, elevationLength)
        switch velocities {
        case .potential:
            return BlockCovariance([
                elevation,
                try VelocityPotentialCovariance(
                    grid, deviation: factor * velocityDeviation, correlationLength: velocityLength, samples: samples, seed: seed),
            ])
        case .independent:
            return BlockCovariance([
                elevation, try block(.u, velocityDeviation, velocityLength), try block(.v, velocityDeviation, velocityLength),
            ])
        }
    }
}
