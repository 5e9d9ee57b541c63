import Basics

/// Geometry of a shallow-water domain on an Arakawa C grid.
///
/// Cells are indexed (x, y) in Fortran and [y, x] here: cell (i, j) is element `j * nx + i`, the same memory.
/// u(i, j) sits on the face between (i, j) and (i+1, j), v(i, j) between (i, j) and (i, j+1).
/// The outer edges are closed: faces at i = nx - 1 and j = ny - 1 carry no flux. Where the grid is periodic, these faces
/// lead to the first cells of the other side instead.
public struct ShallowWaterGrid: Equatable, Sendable {
    /// Where the cells are. Both vectors are at cell centres.
    public enum Coordinates: Equatable, Sendable {
        /// Projection coordinates in m; counts nx and ny.
        case projected(x: [Double], y: [Double])
        /// Degrees east and north; counts nx and ny.
        case geographic(longitude: [Double], latitude: [Double])
    }

    /// A cell is wet when it is deeper than this, in m (scheme of Backhaus 1983 as coded by K. Logemann).
    public static let wetThreshold = 0.1

    public let nx: Int
    public let ny: Int
    /// Grid spacing in m.
    public let dx: Double
    public let dy: Double
    /// Undisturbed depth in m, [y, x]; a cell is wet when it exceeds `wetThreshold`.
    public let depth: [Double]
    public let coordinates: Coordinates
    /// Whether the eastern edge meets the western one.
    public let periodicX: Bool
    /// Whether the northern edge meets the southern one.
    public let periodicY: Bool

    public init(
        nx: Int, ny: Int, dx: Double, dy: Double, depth: [Double], coordinates: Coordinates? = nil, periodicX: Bool = false,
        periodicY: Bool = false
    ) throws {
        guard nx > 0, ny > 0, depth.count == nx * ny else {
            throw SeicheError(.invalidInput, "the grid's depth has \(depth.count) values, but nx * ny = \(nx) * \(ny) = \(nx * ny)")
        }
        guard dx.isFinite, dy.isFinite, dx > 0, dy > 0 else {
            throw SeicheError(.invalidInput, "the grid spacing must be positive, but dx = \(dx) m and dy = \(dy) m")
        }
        if let bad = depth.firstIndex(where: { !$0.isFinite }) {
            throw SeicheError(
                .invalidInput, "the depth at (x, y) = (\(bad % nx), \(bad / nx)) is \(depth[bad])",
                remedy: "give dry cells a depth of zero or a negative height, not a missing value")
        }
        guard depth.contains(where: { $0 > Self.wetThreshold }) else {
            throw SeicheError(
                .invalidInput, "no cell of the grid is wet (deeper than \(Self.wetThreshold) m)",
                why: "depth may have the wrong sign: it is positive downwards")
        }
        let coordinates = coordinates ?? .projected(x: Self.centres(nx, dx), y: Self.centres(ny, dy))
        let counts: (Int, Int)
        switch coordinates {
        case .projected(let x, let y): counts = (x.count, y.count)
        case .geographic(let longitude, let latitude): counts = (longitude.count, latitude.count)
        }
        guard counts == (nx, ny) else {
            throw SeicheError(.invalidInput, "the coordinates have \(counts.0) x \(counts.1) values, the grid \(nx) x \(ny) cells")
        }
        self.nx = nx
        self.ny = ny
        self.dx = dx
        self.dy = dy
        self.depth = depth
        self.coordinates = coordinates
        self.periodicX = periodicX
        self.periodicY = periodicY
    }

    private static func centres(_ count: Int, _ spacing: Double) -> [Double] {
        (0..<count).map { (Double($0) + 0.5) * spacing }
    }

    public var cellCount: Int { nx * ny }

    /// Whether each cell is wet, [y, x].
    public var wet: [Bool] { depth.map { $0 > Self.wetThreshold } }

    /// Whether the face east of each cell is open (both its cells wet), [y, x].
    public var openEast: [Bool] {
        let wet = wet
        return (0..<cellCount).map { cell in
            guard cell % nx == nx - 1 else { return wet[cell] && wet[cell + 1] }
            return periodicX && wet[cell] && wet[cell + 1 - nx]
        }
    }

    /// Whether the face north of each cell is open (both its cells wet), [y, x].
    public var openNorth: [Bool] {
        let wet = wet
        return (0..<cellCount).map { cell in
            guard cell / nx == ny - 1 else { return wet[cell] && wet[cell + nx] }
            return periodicY && wet[cell] && wet[cell % nx]
        }
    }

    /// An outer edge of the grid.
    public enum Edge: String, CaseIterable, Sendable {
        case north, east, south, west
    }

    /// The wet cells of the grid's outermost row or column on one side, in order of their index j * nx + i.
    public func wetCells(along edge: Edge) -> [Int] {
        let wet = wet
        let cells: [Int] = switch edge {
        case .south: Array(0..<nx)
        case .north: Array((cellCount - nx)..<cellCount)
        case .west: (0..<ny).map { $0 * nx }
        case .east: (0..<ny).map { $0 * nx + nx - 1 }
        }
        return cells.filter { wet[$0] }
    }
}
