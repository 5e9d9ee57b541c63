import Basics
import Dynamics

extension ObservedPoint {
    /// Points at random places in as many different wet cells, each cell as likely as another.
    ///
    /// - Parameters:
    ///   - share: of the wet cells, above 0 and at most 1; at least one point.
    ///   - index: of a set of points; another one for points that move.
    /// - Throws: `SeicheError` (invalidInput) for another share.
    public static func random(_ field: ShallowWaterField, share: Double, on grid: ShallowWaterGrid, seed: UInt64, index: Int = 0) throws -> [Self] {
        guard share > 0, share <= 1 else {
            throw SeicheError(
                .invalidInput, "observations of a share of \(share) of the wet cells were asked for", remedy: "give a share above 0, at most 1")
        }
        var stream = RandomStream(seed: seed, purpose: "observed points of \(field.rawValue)", index: index)
        let wet = grid.wet.indices.filter { grid.wet[$0] }
        let cells = wet.shuffled(using: &stream).prefix(max(1, Int((share * Double(wet.count)).rounded())))
        let (xs, ys) = grid.coordinates.axes
        return cells.map { cell in
            Self(field, x: xs.place(cell % grid.nx, shift: stream.uniform() - 0.5), y: ys.place(cell / grid.nx, shift: stream.uniform() - 0.5))
        }
    }
}

extension ShallowWaterGrid.Coordinates {
    /// Of cell centres.
    fileprivate var axes: (x: [Double], y: [Double]) {
        switch self {
        case .projected(let x, let y): (x, y)
        case .geographic(let longitude, let latitude): (longitude, latitude)
        }
    }
}

extension [Double] {
    /// A place in a cell, `shift` of its width from its centre.
    fileprivate func place(_ k: Int, shift: Double) -> Double {
        guard count > 1 else { return self[k] }
        let next = k + 1 < count ? self[k + 1] - self[k] : self[k] - self[k - 1]
        return self[k] + shift * next
    }
}
