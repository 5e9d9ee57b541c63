import Basics
import Dynamics

/// Errors of u and v that are the gradient of an error of a velocity potential chi, the state's two velocity fields one after the other:
///
///     (du, dv) = (d chi/dx, d chi/dy) on open faces,   chi = B_chi^(1/2) v.
///
/// Gravity waves from a state at rest have no vorticity: du/dt = -g d zeta/dx. What rotation, friction and the bed's slope add is small where they
/// are. So velocities that no wave can have are no part of the control, and u and v know of each other.
///
/// chi is correlated by diffusion with no flux through coasts, normalised as a whole (`DiffusionCovariance.Normalisation.uniform`): its gradient then
/// has no part through a coast.
public struct VelocityPotentialCovariance: ErrorCovariance {
    public let grid: ShallowWaterGrid
    public let variances: [Double]
    private let potential: DiffusionCovariance
    private let faces: [Face]

    /// A difference of two cells, on an open face.
    private struct Face {
        /// In the vector (u, v).
        var component: Int
        var before: Int
        var after: Int
        /// 1/m
        var inverseSpacing: Double
    }

    /// - Parameters:
    ///   - deviation: of the velocities' errors, their root mean square over all open faces, m/s.
    ///   - correlationLength: of the velocities, m, the mean over components and directions: E|u|^2 / E|du/ds|^2 = L^2. chi then has
    ///     Daley's length L ((2 M - 4) / (M - 3))^(1/2), as its spectrum is (1 + l^2 k^2)^-M with the moments B(n + 1, M - n - 1) of k^2n.
    ///   - relative: factors of deviation and length in every cell, [ny, nx], where they are not the same everywhere: chi's deviation goes as their
    ///     product, and is normalised point by point, which leaves out what coasts reflect.
    ///   - diffusionSteps: M, even and at least 4.
    ///   - samples: random vectors that `variances` and the normalisation come from.
    /// - Throws: `SeicheError`: invalidInput for numbers that cannot be used, solver where a solve fails.
    public init(
        _ grid: ShallowWaterGrid, deviation: Double, correlationLength: Double, relative: (deviations: [Double], lengths: [Double])? = nil,
        diffusionSteps: Int = 4, samples: Int = 100, seed: UInt64 = 1
    ) throws {
        try checkValues([deviation], "error deviation of velocities", isNegativeAllowed: false)
        guard diffusionSteps >= 4 else {
            throw SeicheError(
                .invalidInput, "a velocity potential was asked for with \(diffusionSteps) steps of diffusion",
                why: "its gradient has a correlation length from 4 steps on", remedy: "give an even number of at least 4")
        }
        self.grid = grid
        let cells = grid.cellCount
        let (east, north) = (grid.openEast, grid.openNorth)
        faces = (0..<cells).flatMap { cell -> [Face] in
            let (i, j) = (cell % grid.nx, cell / grid.nx)
            return [
                east[cell] ? Face(component: cell, before: cell, after: j * grid.nx + (i + 1) % grid.nx, inverseSpacing: 1 / grid.dx) : nil,
                north[cell]
                    ? Face(component: cells + cell, before: cell, after: (j + 1) % grid.ny * grid.nx + i, inverseSpacing: 1 / grid.dy) : nil,
            ].compactMap(\.self)
        }
        let (m, faces) = (Double(diffusionSteps), faces)
        let diffusion = try DiffusionGrid(grid, .zeta)
        func potential(_ deviation: Double) throws -> DiffusionCovariance {
            let length = correlationLength * ((2 * m - 4) / (m - 3)).squareRoot()
            guard let relative else {
                return try DiffusionCovariance(
                    diffusion, deviations: [Double](repeating: deviation, count: cells), correlationLength: length,
                    diffusionSteps: diffusionSteps, normalisation: .uniform(samples: samples, seed: seed))
            }
            return try DiffusionCovariance(
                diffusion, deviations: zip(relative.deviations, relative.lengths).map { deviation * $0 * $1 },
                correlationLengths: relative.lengths.map { length * $0 }, diffusionSteps: diffusionSteps,
                normalisation: .randomised(samples: samples, seed: seed))
        }
        // The deviation of chi whose gradient on this grid, with its coasts, is as large as asked for: B is linear in it.
        let unit = try potential(1)
        var squares = [Double](repeating: 0, count: 2 * cells)
        for sample in 0..<samples {
            var stream = RandomStream(seed: seed, purpose: "normalisation of a velocity potential", index: sample)
            let chi = try unit.root(times: stream.normals(cells))
            for face in faces {
                let slope = (chi[face.after] - chi[face.before]) * face.inverseSpacing
                squares[face.component] += slope * slope / Double(samples)
            }
        }
        let mean = faces.reduce(0) { $0 + squares[$1.component] } / Double(max(1, faces.count))
        guard mean > 0 else { throw SeicheError(.invalidInput, "the grid has no open face, so there are no velocities to be correlated") }
        let factor = deviation / mean.squareRoot()
        self.potential = try potential(factor)
        variances = squares.map { $0 * factor * factor }
    }

    public var stateSize: Int { 2 * grid.cellCount }
    public var controlSize: Int { grid.cellCount }

    public func root(times control: [Double]) throws -> [Double] {
        let chi = try potential.root(times: control)
        var velocities = [Double](repeating: 0, count: stateSize)
        for face in faces { velocities[face.component] = (chi[face.after] - chi[face.before]) * face.inverseSpacing }
        return velocities
    }

    public func rootTransposed(times state: [Double]) throws -> [Double] {
        try checkCount(state.count, stateSize, "values of u and v", "the faces of the grid")
        var divergence = [Double](repeating: 0, count: grid.cellCount)
        for face in faces {
            let share = state[face.component] * face.inverseSpacing
            divergence[face.after] += share
            divergence[face.before] -= share
        }
        return try potential.rootTransposed(times: divergence)
    }
}
