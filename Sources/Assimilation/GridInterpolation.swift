import Basics
import Dynamics

/// A field of a shallow-water state on its C grid.
public enum ShallowWaterField: String, CaseIterable, Sendable {
    /// Elevation, m, in cell centres.
    case zeta
    /// m/s, on east faces.
    case u
    /// m/s, on north faces.
    case v

    /// Of the field in `ShallowWaterState.vector`, in fields.
    var order: Int { self == .zeta ? 0 : self == .u ? 1 : 2 }
}

/// A place at which a field of a shallow-water state is observed: metres on a grid of projected coordinates, degrees on a geographic one.
public struct ObservedPoint: Equatable, Sendable {
    public var field: ShallowWaterField
    public var x: Double
    public var y: Double

    public init(_ field: ShallowWaterField, x: Double, y: Double) { (self.field, self.x, self.y) = (field, x, y) }
}

extension WeightedComponents {
    /// Bilinear interpolation on a C grid to points anywhere in it.
    ///
    /// Of the four grid points around, dry ones are left out and the weights of the others made to sum to one. A closed face of a wet cell counts
    /// with its velocity, which is zero. Elevations of the outermost half cells, and velocities along the edge, are those of the outermost points.
    ///
    /// - Throws: `SeicheError` (invalidInput) for a point outside the grid, or with no wet grid point around it.
    public init(_ grid: ShallowWaterGrid, points: [ObservedPoint]) throws {
        let interpolation = CGridInterpolation(grid)
        try self.init(stateSize: 3 * grid.cellCount, rows: points.enumerated().map { try interpolation.terms($0.offset, $0.element) })
    }
}

/// The masks of a C grid and how fractional indices lie in it.
private struct CGridInterpolation {
    private let grid: ShallowWaterGrid
    private let wet: [Bool]
    private let open: [ShallowWaterField: [Bool]]
    private let (xs, ys): ([Double], [Double])

    init(_ grid: ShallowWaterGrid) {
        self.grid = grid
        wet = grid.wet
        open = [.zeta: grid.wet, .u: grid.openEast, .v: grid.openNorth]
        switch grid.coordinates {
        case .projected(let x, let y), .geographic(let x, let y): (xs, ys) = (x, y)
        }
    }

    /// What one of the four grid points around says: a component; zero, as at a wall; or nothing, on land.
    private enum Corner { case component(Int), zero, land }

    func terms(_ index: Int, _ point: ObservedPoint) throws -> [WeightedComponents.Term] {
        let x = Self.fraction(point.x, in: xs, isPeriodic: grid.periodicX) - (point.field == .u ? 0.5 : 0)
        let y = Self.fraction(point.y, in: ys, isPeriodic: grid.periodicY) - (point.field == .v ? 0.5 : 0)
        let place = "observation \(index), of \(point.field.rawValue) at (\(point.x), \(point.y)),"
        // In indices of the field's own points, the grid reaches half a cell beyond the outermost centres.
        let (west, south) = (point.field == .u ? -1.0 : -0.5, point.field == .v ? -1.0 : -0.5)
        guard grid.periodicX || (west...west + Double(grid.nx)).contains(x), grid.periodicY || (south...south + Double(grid.ny)).contains(y),
            x.isFinite, y.isFinite
        else { throw SeicheError(.invalidInput, "\(place) lies outside the grid", remedy: "leave it out, or check the units of its coordinates") }
        let (i, j) = (x.rounded(.down), y.rounded(.down))
        var terms: [WeightedComponents.Term] = []
        var total = 0.0
        for (dj, di) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let weight = (di == 1 ? x - i : 1 - (x - i)) * (dj == 1 ? y - j : 1 - (y - j))
            guard weight > 0 else { continue }
            switch corner(point.field, Int(i) + di, Int(j) + dj) {
            case .component(let component):
                terms.append(.init(component: component, weight: weight))
                total += weight
            case .zero: total += weight
            case .land: break
            }
        }
        guard total > 0 else {
            throw SeicheError(.invalidInput, "\(place) has only land around it", remedy: "leave it out, or move it to the nearest wet cell")
        }
        return terms.map { .init(component: $0.component, weight: $0.weight / total) }
    }

    private func corner(_ field: ShallowWaterField, _ i: Int, _ j: Int) -> Corner {
        let (nx, ny) = (grid.nx, grid.ny)
        // The western or southern wall of the first cells has no component of its own.
        if field == .u, i < 0, !grid.periodicX { return wet[clamped(j, ny, grid.periodicY) * nx] ? .zero : .land }
        if field == .v, j < 0, !grid.periodicY { return wet[clamped(i, nx, grid.periodicX)] ? .zero : .land }
        let (column, row) = (clamped(i, nx, grid.periodicX), clamped(j, ny, grid.periodicY))
        let cell = row * nx + column
        if open[field]?[cell] ?? false { return .component(field.order * grid.cellCount + cell) }
        guard field != .zeta else { return .land }
        let other = field == .u ? row * nx + clamped(column + 1, nx, grid.periodicX) : clamped(row + 1, ny, grid.periodicY) * nx + column
        return wet[cell] || wet[other] ? .zero : .land
    }

    private func clamped(_ k: Int, _ count: Int, _ isPeriodic: Bool) -> Int {
        isPeriodic ? (k % count + count) % count : min(max(0, k), count - 1)
    }

    /// Where a coordinate lies among the centres, as an index with a fraction; beyond the outermost ones by their spacing.
    private static func fraction(_ value: Double, in centres: [Double], isPeriodic: Bool) -> Double {
        let count = centres.count
        guard count > 1 else { return isPeriodic || value == centres[0] ? 0 : .nan }
        var value = value
        if isPeriodic {
            let length = (centres[count - 1] - centres[0]) / Double(count - 1) * Double(count)
            value -= ((value - centres[0]) / length).rounded(.down) * length
        }
        let isRising = centres[count - 1] > centres[0]
        let after = centres.firstIndex { isRising ? $0 > value : $0 < value } ?? count
        let k = min(max(0, after - 1), count - 2)
        return Double(k) + (value - centres[k]) / (centres[k + 1] - centres[k])
    }
}
