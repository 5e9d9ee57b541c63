/// Which neighbours a row of a stencil matrix couples to.
public enum StencilShape: Int, CaseIterable, Sendable {
    /// The cell and its two neighbours along x: ny independent lines of nx cells.
    case threePoint = 3
    /// The cell and the neighbours that share a side with it.
    case fivePoint = 5
    /// The cell and all that share a side or a corner with it.
    case ninePoint = 9

    /// Entries of a row of a matrix with one field.
    public var points: Int { rawValue }
    /// The neighbours, the cell itself first, in the order in which coefficients lie in memory.
    public var directions: [StencilDirection] { Array(StencilDirection.allCases.prefix(points)) }
}

/// A neighbour of a cell, in the order in which coefficients lie in memory; north is towards larger j, east towards larger i.
public enum StencilDirection: Int, CaseIterable, Sendable {
    case center, east, west, north, south, northeast, southwest, northwest, southeast

    /// Rows to the north.
    public var dy: Int { [0, 0, 0, 1, -1, 1, -1, 1, -1][rawValue] }
    /// Columns to the east.
    public var dx: Int { [0, 1, -1, 0, 0, 1, -1, -1, 1][rawValue] }

    /// The way back. Opposites lie in pairs behind the center.
    public var opposite: StencilDirection {
        if self == .center { return .center }
        return StencilDirection(rawValue: rawValue % 2 == 1 ? rawValue + 1 : rawValue - 1) ?? .center
    }

    /// Whether this is the diagonal or the first of two opposites, for which a symmetric matrix has one plane.
    var isFirstOfPair: Bool { self == .center || rawValue % 2 == 1 }

    init(dy: Int, dx: Int) { self = Self.allCases.first { $0.dy == dy && $0.dx == dx } ?? .center }
}

extension StencilDirection {
    /// Calls `body` with each stretch of a row of a grid whose neighbours in this direction lie in a stretch too: its first cell, the first
    /// neighbour and the length. Cells without a neighbour there are left out; a periodic side leads round, whatever its length.
    @inlinable
    public func forEachStretch(
        ny: Int, nx: Int, periodicY: Bool, periodicX: Bool, _ body: (_ cell: Int, _ neighbour: Int, _ count: Int) -> Void
    ) {
        let (dy, dx) = (self.dy, self.dx)
        for j in 0..<ny {
            var to = j + dy
            if periodicY { to = (to + ny) % ny }
            guard (0..<ny).contains(to) else { continue }
            body(j * nx + max(0, -dx), to * nx + max(0, dx), nx - abs(dx))
            if periodicX && dx > 0 { body(j * nx + nx - 1, to * nx, 1) }
            if periodicX && dx < 0 { body(j * nx, to * nx + nx - 1, 1) }
        }
    }
}
