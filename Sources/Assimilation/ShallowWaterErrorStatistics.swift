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

    /// What errors are from place to place.
    public enum Places: String, CaseIterable, Sendable {
        /// Alike everywhere.
        case uniform
        /// As large, and as long, as the undisturbed depth has them.
        case byDepth
    }

    /// Deviations and correlation lengths as functions of the undisturbed depth.
    ///
    /// Waves grow and shorten as they run into shallow water, and their velocities grow more than their elevations: u = zeta (g / h)^(1/2), and zeta goes as
    /// h^(-1/4) where nothing is reflected (Green's law). Numbers for a sea from 10 m to 1000 m are wrong by several times at either end.
    public struct Profile: Equatable, Sendable {
        /// In the field's unit.
        public var deviation: DepthProfile
        /// Of errors over their deviation, 1/m: one over the length.
        public var slope: DepthProfile

        public init(deviation: DepthProfile, slope: DepthProfile) { (self.deviation, self.slope) = (deviation, slope) }

        fileprivate func deviations(_ depth: [Double]) -> [Double] { depth.map { deviation.value(at: max($0, ShallowWaterGrid.wetThreshold)) } }
        fileprivate func lengths(_ depth: [Double]) -> [Double] { depth.map { 1 / slope.value(at: max($0, ShallowWaterGrid.wetThreshold)) } }
    }

    /// Of elevations and of both velocity components; nil where they are alike everywhere.
    public var elevationProfile: Profile?
    public var velocityProfile: Profile?

    /// - Parameters:
    ///   - errors: a sample, about a mean of zero.
    ///   - places: where deviations differ from place to place, lengths are those of errors over their deviation.
    /// - Throws: `SeicheError` (invalidInput) for states of another grid, and where all errors are zero.
    public init(_ grid: ShallowWaterGrid, errors: [ShallowWaterState], places: Places = .uniform) throws {
        for error in errors { try checkCount(error.vector.count, 3 * grid.cellCount, "values of an error", "the grid") }
        func sample(_ field: ShallowWaterField, _ values: [[Double]]) throws -> FieldSample {
            FieldSample(grid: try DiffusionGrid(grid, field), depth: Self.depth(field, grid), values: values)
        }
        let elevations = [try sample(.zeta, errors.map(\.zeta))]
        let velocities = [try sample(.u, errors.map(\.u)), try sample(.v, errors.map(\.v))]
        (elevationDeviation, velocityDeviation) = (elevations.rootMeanSquare, velocities.rootMeanSquare)
        for (value, name) in [(elevationDeviation, "zeta"), (velocityDeviation, "velocities")] where !(value > 0 && value.isFinite) {
            throw SeicheError(
                .invalidInput, "the deviation of \(name) in a sample of \(errors.count) errors is \(value)",
                remedy: "give errors that differ from place to place")
        }
        func profile(_ samples: inout [FieldSample]) throws -> Profile? {
            guard places == .byDepth else { return nil }
            let deviation = try samples.profile(\.squares)
            for k in samples.indices { samples[k].divide(by: deviation) }
            return Profile(deviation: deviation, slope: try samples.profile(\.slopes))
        }
        var (scaledElevations, scaledVelocities) = (elevations, velocities)
        (elevationProfile, velocityProfile) = (try profile(&scaledElevations), try profile(&scaledVelocities))
        (elevationLength, velocityLength) = (scaledElevations.length, scaledVelocities.length)
        for (value, name) in [(elevationLength, "zeta"), (velocityLength, "velocities")] where !(value > 0 && value.isFinite) {
            throw SeicheError(
                .invalidInput, "the correlation length of \(name) in a sample of \(errors.count) errors is \(value)",
                remedy: "give errors that differ from place to place")
        }
    }

    /// Undisturbed depth at the points of a field, m; of faces the mean of their cells.
    private static func depth(_ field: ShallowWaterField, _ grid: ShallowWaterGrid) -> [Double] {
        let depth = grid.depth
        return depth.indices.map { cell in
            let (i, j) = (cell % grid.nx, cell / grid.nx)
            return switch field {
            case .zeta: depth[cell]
            case .u: 0.5 * (depth[cell] + depth[j * grid.nx + (i + 1) % grid.nx])
            case .v: 0.5 * (depth[cell] + depth[(j + 1) % grid.ny * grid.nx + i])
            }
        }
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
        func block(_ field: ShallowWaterField, _ deviation: Double, _ length: Double, _ profile: Profile?) throws -> DiffusionCovariance {
            let diffusion = try DiffusionGrid(grid, field)
            guard let profile else {
                return try DiffusionCovariance(
                    diffusion, deviations: [Double](repeating: factor * deviation, count: grid.cellCount), correlationLength: length,
                    normalisation: .uniform(samples: samples, seed: seed))
            }
            // The larger waves at coasts are in the profile.
            let depth = Self.depth(field, grid)
            return try DiffusionCovariance(
                diffusion, deviations: profile.deviations(depth).map { factor * $0 }, correlationLengths: profile.lengths(depth),
                normalisation: .randomised(samples: samples, seed: seed))
        }
        let elevation = try block(.zeta, elevationDeviation, elevationLength, elevationProfile)
        switch velocities {
        case .potential:
            return BlockCovariance([
                elevation,
                try VelocityPotentialCovariance(
                    grid, deviation: factor * velocityDeviation, correlationLength: velocityLength,
                    relative: velocityProfile.map { ($0.deviations(grid.depth), $0.lengths(grid.depth).map { $0 / velocityLength }) },
                    samples: samples, seed: seed),
            ])
        case .independent:
            return BlockCovariance([
                elevation, try block(.u, velocityDeviation, velocityLength, velocityProfile),
                try block(.v, velocityDeviation, velocityLength, velocityProfile),
            ])
        }
    }
}
