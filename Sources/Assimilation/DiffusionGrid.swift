import Basics
import Dynamics
import StencilSolvers

/// The points of one field, of which the wet ones are joined to their wet neighbours.
public struct DiffusionGrid: Equatable, Sendable {
    public let ny: Int
    public let nx: Int
    /// Spacing along y and x, in the unit of correlation lengths.
    public let dy: Double
    public let dx: Double
    public let periodicY: Bool
    public let periodicX: Bool
    /// [ny, nx]
    public let wet: [Bool]

    /// Throws `SeicheError` (invalidInput) where the numbers do not agree or a spacing is not above 0.
    public init(ny: Int, nx: Int, dy: Double, dx: Double, periodicY: Bool = false, periodicX: Bool = false, wet: [Bool]) throws {
        try checkCount(wet.count, max(0, ny) * max(0, nx), "marks of wet points", "the \(ny) x \(nx) points of the grid")
        guard ny > 0, nx > 0, dy > 0, dx > 0, dy.isFinite, dx.isFinite else {
            throw SeicheError(.invalidInput, "a grid of \(ny) x \(nx) points with spacings \(dy) and \(dx) cannot be used")
        }
        (self.ny, self.nx, self.dy, self.dx, self.periodicY, self.periodicX, self.wet) = (ny, nx, dy, dx, periodicY, periodicX, wet)
    }

    /// A ring of points at a distance of one.
    public init(ring count: Int) throws {
        try self.init(ny: 1, nx: count, dy: 1, dx: 1, periodicX: true, wet: [Bool](repeating: true, count: max(0, count)))
    }

    /// The points of a field of a shallow-water state, in m: wet cells, or open faces.
    public init(_ grid: ShallowWaterGrid, _ field: ShallowWaterField) throws {
        let wet = switch field {
        case .zeta: grid.wet
        case .u: grid.openEast
        case .v: grid.openNorth
        }
        try self.init(
            ny: grid.ny, nx: grid.nx, dy: grid.dy, dx: grid.dx, periodicY: grid.periodicY, periodicX: grid.periodicX, wet: wet)
    }

    /// Whether every point is like every other.
    var isHomogeneous: Bool { periodicX && (periodicY || ny == 1) && wet.allSatisfy(\.self) }

    /// Wet points that are each other's neighbours, every pair once, with their distance.
    var neighbours: [(before: Int, after: Int, spacing: Double)] {
        var pairs: [(before: Int, after: Int, spacing: Double)] = []
        for direction in [StencilDirection.east, .north] where ny > 1 || direction == .east {
            let spacing = direction == .east ? dx : dy
            direction.forEachStretch(ny: ny, nx: nx, periodicY: periodicY, periodicX: periodicX) { point, neighbour, count in
                for k in 0..<max(0, count) where wet[point + k] && wet[neighbour + k] { pairs.append((point + k, neighbour + k, spacing)) }
            }
        }
        return pairs
    }

    /// 1 - div (length^2 grad), with no flux between a wet point and what is not, and the identity on land.
    ///
    /// - Parameter lengths: of every point; between two points the mean of their squares counts.
    func diffusion(lengths: [Double]) -> StencilMatrix<Double> {
        let shape: StencilShape = ny == 1 ? .threePoint : .fivePoint
        let points = ny * nx
        var coefficients = [Double](repeating: 0, count: shape.points * points)
        for point in 0..<points { coefficients[point] = 1 }
        for direction in shape.directions where direction != .center {
            let spacing = direction.dx == 0 ? dy : dx
            let factor = 0.5 / (spacing * spacing)
            direction.forEachStretch(ny: ny, nx: nx, periodicY: periodicY, periodicX: periodicX) { point, neighbour, count in
                for k in 0..<max(0, count) where wet[point + k] && wet[neighbour + k] {
                    let (here, there) = (lengths[point + k], lengths[neighbour + k])
                    let coupling = factor * (here * here + there * there)
                    coefficients[point + k] += coupling
                    coefficients[direction.rawValue * points + point + k] -= coupling
                }
            }
        }
        return StencilMatrix(shape, ny: ny, nx: nx, periodicY: periodicY, periodicX: periodicX, coefficients: coefficients)
    }
}
