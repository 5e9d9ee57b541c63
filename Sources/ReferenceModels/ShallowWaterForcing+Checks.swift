import Basics
import Dynamics

// Shapes are checked here, before anything becomes a pointer. Whether values can be used is for the Fortran library to say; what is
// wrong with them is put into words here.
extension ShallowWaterForcing {
    /// Throws `SeicheError` (invalidInput) unless every array has the length that times, grid and boundary ask for.
    func checkShapes(on grid: ShallowWaterGrid) throws {
        switch wind {
        case nil, .constant: break
        case .uniform(let times, let x, let y): try checkWind(times, x, y, points: 1, "for the whole grid")
        case .fields(let times, let x, let y):
            try checkWind(times, x, y, points: grid.cellCount, "for a grid of \(grid.nx) x \(grid.ny) cells")
        }
        guard let boundary else { return }
        func refuse(_ what: String, _ remedy: String) -> SeicheError { SeicheError(.invalidInput, "the open boundary \(what)", remedy: remedy) }
        let count = boundary.cells.count
        guard count > 0 else { throw refuse("has no cells", "name wet cells, or give no open boundary") }
        if let bad = boundary.cells.first(where: { !(0..<grid.cellCount).contains($0) }) {
            throw refuse("names cell \(bad), but the grid has \(grid.cellCount)", "give elements j * nx + i of the grid's fields")
        }
        guard !boundary.constituents.isEmpty || !boundary.times.isEmpty else {
            throw refuse("has neither tides nor elevations", "give constituents, or times with elevations")
        }
        for (k, tide) in boundary.constituents.enumerated() where tide.amplitude.count != count || tide.phase.count != count {
            throw refuse(
                "has \(count) cells, but constituent \(k) has \(tide.amplitude.count) amplitudes and \(tide.phase.count) phases",
                "give one of each for every cell")
        }
        guard boundary.zeta.count == boundary.times.count * count else {
            throw refuse(
                "has \(boundary.zeta.count) elevations for \(boundary.times.count) times and \(count) cells", "give one for each cell at each time")
        }
        try checkCount(boundary.times.count)
        try checkCount(boundary.constituents.count)
    }

    private func checkWind(_ times: [Double], _ x: [Double], _ y: [Double], points: Int, _ extent: String) throws {
        guard !times.isEmpty, x.count == times.count * points, y.count == x.count else {
            throw SeicheError(
                .invalidInput, "the wind has \(times.count) times, \(x.count) stresses along x and \(y.count) along y \(extent)",
                remedy: "give at least one time, and at each time \(points) of both")
        }
        try checkCount(times.count)
    }

    private func checkCount(_ count: Int) throws {
        if count > Int32.max { throw SeicheError(.invalidInput, "the forcing has \(count) times or constituents, more than \(Int32.max)") }
    }

    /// What the library found wrong with the wind, with value and place.
    func flawOfWind(on grid: ShallowWaterGrid) -> String {
        let (times, x, y) = switch wind {
        case nil: ([Double](), [Double](), [Double]())
        case .constant(let x, let y): ([0.0], [x], [y])
        case .uniform(let times, let x, let y), .fields(let times, let x, let y): (times, x, y)
        }
        if let flaw = Self.flaw(ofTimes: times) { return "the wind's \(flaw)" }
        for (name, values) in [("x", x), ("y", y)] {
            guard let bad = values.firstIndex(where: { !$0.isFinite }) else { continue }
            let points = values.count / max(times.count, 1)
            let place = points > 1 ? ", (x, y) = (\(bad % points % grid.nx), \(bad % points / grid.nx))" : ""
            return "the wind stress along \(name) is \(values[bad]) N/m2 at time \(bad / points)\(place)"
        }
        return "the wind cannot be used"
    }

    /// What the library found wrong with the values of the open boundary.
    func flawOfBoundaryValues(on grid: ShallowWaterGrid) -> String {
        if !startTime.isFinite { return "the forcing's start time is \(startTime) s" }
        guard let boundary else { return "the open boundary cannot be used" }
        if let flaw = Self.flaw(ofTimes: boundary.times) { return "the open boundary's \(flaw)" }
        func at(_ k: Int) -> String { "in the open boundary's cell (x, y) = (\(boundary.cells[k] % grid.nx), \(boundary.cells[k] / grid.nx))" }
        for (number, tide) in boundary.constituents.enumerated() {
            if !tide.frequency.isFinite { return "the frequency of constituent \(number) of the open boundary is \(tide.frequency) rad/s" }
            for (name, values, unit) in [("amplitude", tide.amplitude, "m"), ("phase", tide.phase, "rad")] {
                if let bad = values.firstIndex(where: { !$0.isFinite }) {
                    return "the \(name) of constituent \(number) is \(values[bad]) \(unit) \(at(bad))"
                }
            }
        }
        if let bad = boundary.zeta.firstIndex(where: { !$0.isFinite }) {
            return "the elevation is \(boundary.zeta[bad]) m at time \(bad / boundary.cells.count) \(at(bad % boundary.cells.count))"
        }
        return "the open boundary's values cannot be used"
    }

    private static func flaw(ofTimes times: [Double]) -> String? {
        if let bad = times.firstIndex(where: { !$0.isFinite }) { return "time \(bad) is \(times[bad]) s" }
        guard let late = times.indices.dropFirst().first(where: { times[$0] <= times[$0 - 1] }) else { return nil }
        return "time \(late), \(times[late]) s, is not after the one before, \(times[late - 1]) s"
    }
}
