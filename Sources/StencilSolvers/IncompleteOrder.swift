import Basics

/// The order of the cells of incomplete factors: rows from the southern and the northern edge towards the middle; columns one way in the
/// south and in the middle row, the other way in the north. So either half, seen from its edge, goes the same way about, and neither waits
/// for the other.
struct IncompleteOrder {
    enum Part { case south, middle, north }

    /// A row, and the part of the grid that it is in.
    struct Row {
        let j: Int
        let part: Part
    }

    let ny: Int
    let nx: Int
    /// Whether columns in the south are taken from west to east.
    let isEastward: Bool

    /// From one column to the next.
    func step(_ part: Part) -> Int { isEastward == (part != .north) ? 1 : -1 }

    /// Calls `body` with every row, each after those before it; with a row of either half where one thread takes both.
    func inwards(_ body: (_ row: Row, _ other: Row?) -> Void) {
        forHalves(isOutwards: false, body)
        body(Row(j: middle, part: .middle), nil)
    }

    /// The same, one by one.
    func eachInwards(_ body: (Row) -> Void) {
        inwards { row, other in
            body(row)
            if let other { body(other) }
        }
    }

    /// `inwards` in reverse.
    func outwards(_ body: (_ row: Row, _ other: Row?) -> Void) {
        body(Row(j: middle, part: .middle), nil)
        forHalves(isOutwards: true, body)
    }

    private var middle: Int { ny / 2 }

    private func forHalves(isOutwards: Bool, _ body: (_ row: Row, _ other: Row?) -> Void) {
        let counts = (south: middle, north: ny - 1 - middle)
        func south(_ k: Int) -> Row? {
            k < counts.south ? Row(j: isOutwards ? counts.south - 1 - k : k, part: .south) : nil
        }
        func north(_ k: Int) -> Row? {
            k < counts.north ? Row(j: ny - 1 - (isOutwards ? counts.north - 1 - k : k), part: .north) : nil
        }
        // Substitution in so many cells takes as long as starting a thread.
        concurrentRanges(2, leastWork: middle * nx < 1 << 14 ? 2 : 1) { halves, _ in
            // The southern half has as many rows as the northern one, or one more.
            for k in 0..<counts.south {
                if halves.count == 2, let row = south(k) {
                    body(row, north(k))
                } else if let row = halves.lowerBound == 0 ? south(k) : north(k) {
                    body(row, nil)
                }
            }
        }
    }
}

extension IncompleteOrder.Part {
    /// The rows before one of this part, and those after it.
    func side(before: Bool) -> NeighbourSide {
        switch self {
        case .south: before ? .south : .north
        case .north: before ? .north : .south
        case .middle: before ? .both : .none
        }
    }
}
