import CReference
import Dynamics

extension ShallowWaterForcing {
    /// Calls `body` with the forcing as the Fortran library takes it; the pointers live as long as the call.
    ///
    /// With `span`, the first and last time (s) that the call will ask for, the library sees only the given times around it, so
    /// that it does not look through a year of wind at every step. The results have the same bits. The shapes must have been checked.
    func withLibraryForcing<Result>(
        on grid: ShallowWaterGrid, span: ClosedRange<Double>?, _ body: (UnsafePointer<seiche_sw_forcing>) throws -> Result
    ) rethrows -> Result {
        var c = seiche_sw_forcing()
        c.start_time = startTime
        let cells = boundary?.cells ?? []
        let (windTimes, windX, windY, points) = switch wind {
        case nil: ([Double](), [Double](), [Double](), 1)
        case .constant(let x, let y): ([0], [x], [y], 1)
        case .uniform(let times, let x, let y): (times, x, y, 1)
        case .fields(let times, let x, let y): (times, x, y, grid.cellCount)
        }
        let windRange = Self.indices(of: windTimes, around: span)
        c.wind_times = Int32(windRange.count)
        (c.wind_nx, c.wind_ny) = points == 1 ? (1, 1) : (Int32(grid.nx), Int32(grid.ny))
        let boundaryTimes = boundary?.times ?? []
        let boundaryRange = Self.indices(of: boundaryTimes, around: span)
        c.boundary_times = Int32(boundaryRange.count)
        c.boundary_cells = Int32(cells.count)
        let constituents = boundary?.constituents ?? []
        c.constituents = Int32(constituents.count)
        let numbers = [
            windTimes, windX, windY, constituents.map(\.frequency), constituents.flatMap(\.amplitude), constituents.flatMap(\.phase),
            boundaryTimes, boundary?.zeta ?? [],
        ]
        let places = cells.map { Int32($0 % grid.nx) } + cells.map { Int32($0 / grid.nx) }
        return try withPointers(to: numbers) { pointers in
            try places.withUnsafeBufferPointer { places in
                c.wind_time = pointers[0].map { $0 + windRange.lowerBound }
                c.wind_x = pointers[1].map { $0 + windRange.lowerBound * points }
                c.wind_y = pointers[2].map { $0 + windRange.lowerBound * points }
                c.boundary_i = places.baseAddress
                c.boundary_j = places.baseAddress.map { $0 + cells.count }
                (c.frequency, c.amplitude, c.phase) = (pointers[3], pointers[4], pointers[5])
                c.boundary_time = pointers[6].map { $0 + boundaryRange.lowerBound }
                c.boundary_zeta = pointers[7].map { $0 + boundaryRange.lowerBound * cells.count }
                return try body(&c)
            }
        }
    }

    /// The given times that decide what is between two times, one more on each side against rounding; all of them without a span.
    static func indices(of times: [Double], around span: ClosedRange<Double>?) -> Range<Int> {
        guard let span, !times.isEmpty else { return times.indices }
        let first = partition(times) { $0 > span.lowerBound } - 2
        let last = partition(times) { $0 >= span.upperBound } + 1
        return max(first, 0)..<min(last, times.count - 1) + 1
    }

    /// How many of the increasing `times` do not satisfy the condition, by bisection.
    private static func partition(_ times: [Double], where isBeyond: (Double) -> Bool) -> Int {
        var (low, high) = (0, times.count)
        while low < high {
            let middle = (low + high) / 2
            if isBeyond(times[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// Calls `body` with a pointer to each array's first element, nil for an empty one; they live as long as the call.
private func withPointers<Result>(
    to arrays: [[Double]], after pointers: [UnsafePointer<Double>?] = [], _ body: ([UnsafePointer<Double>?]) throws -> Result
) rethrows -> Result {
    guard pointers.count < arrays.count else { return try body(pointers) }
    return try arrays[pointers.count].withUnsafeBufferPointer { buffer in
        try withPointers(to: arrays, after: pointers + [buffer.isEmpty ? nil : buffer.baseAddress], body)
    }
}
