import Basics
import Dynamics
import NetCDF

extension ShallowWaterForcing.OpenBoundary {
    /// Reads an open boundary from a NetCDF file. Dimension `boundary`: `boundary_x(boundary)`, `boundary_y(boundary)`, indices of cells
    /// of `grid` from 0. Then one or both of: elevations, `time(time)` and `zeta(time, boundary)` in m; tides, `frequency(constituent)` in
    /// rad/s, `amplitude(constituent, boundary)` in m and `phase(constituent, boundary)` in rad, times counting from 2000-01-01 00:00:00.
    ///
    /// Throws `SeicheError(.file)` that names file and variable when the file cannot serve.
    public init(file path: String, on grid: ShallowWaterGrid) throws {
        let file = try NetCDFFile(reading: path)
        defer { try? file.close() }
        let count = try file.dimension("boundary").length
        let x = try file.cellIndices("boundary_x", count: count, below: grid.nx)
        let y = try file.cellIndices("boundary_y", count: count, below: grid.ny)
        let cells = zip(x, y).map { $1 * grid.nx + $0 }
        let wet = grid.wet
        var seen = Set<Int>()
        for (k, cell) in cells.enumerated() {
            let place = "cell \(k) of the boundary in '\(path)', (x, y) = (\(x[k]), \(y[k])),"
            if !wet[cell] { throw SeicheError(.file, "\(place) is dry", remedy: "name wet cells of the grid only") }
            if !seen.insert(cell).inserted { throw SeicheError(.file, "\(place) comes twice", remedy: "name each cell once") }
        }
        self.init(cells: cells)
        let variables = Set(try file.variables().map(\.name))
        if variables.contains("zeta") {
            times = try file.forcingTimes()
            zeta = try file.boundaryValues("zeta", ["time", "boundary"], units: ["m"])
        }
        if !variables.isDisjoint(with: ["frequency", "amplitude", "phase"]) {
            let frequency = try file.boundaryValues("frequency", ["constituent"], units: ["rad/s", "rad s-1", "s-1", "1/s"])
            let amplitude = try file.boundaryValues("amplitude", ["constituent", "boundary"], units: ["m"])
            let phase = try file.boundaryValues("phase", ["constituent", "boundary"], units: ["rad", "radian", "radians", "1"])
            constituents = frequency.indices.map { k in
                let ofThis = k * count..<(k + 1) * count
                return Constituent(frequency: frequency[k], amplitude: Array(amplitude[ofThis]), phase: Array(phase[ofThis]))
            }
        }
        guard !times.isEmpty || !constituents.isEmpty else {
            throw SeicheError(
                .file, "'\(path)' gives its boundary neither elevations nor tides",
                remedy: "add 'time' and 'zeta(time, boundary)', or 'frequency(constituent)' with 'amplitude' and 'phase(constituent, boundary)'")
        }
    }
}

extension NetCDFFile {
    fileprivate func cellIndices(_ name: String, count: Int, below limit: Int) throws -> [Int] {
        let variable = try variable(name)
        guard variable.dimensionNames == ["boundary"],
            [.int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64].contains(variable.type)
        else {
            throw SeicheError(
                .file, "variable '\(name)' in '\(path)' is of type \(variable.type) over \(variable.dimensionNames),"
                    + " not whole numbers over [boundary]",
                remedy: "store indices of cells from 0 as int")
        }
        let values = try variable.read(Int64.self)
        if let bad = values.firstIndex(where: { $0 < 0 || $0 >= Int64(limit) }) {
            throw SeicheError(
                .file, "value \(bad) of '\(name)' in '\(path)' is \(values[bad]), but the grid's cells have the indices 0 ... \(limit - 1)",
                remedy: "count cells from 0, and check that the file belongs to this grid")
        }
        return values.map(Int.init)
    }

    fileprivate func boundaryValues(_ name: String, _ dimensions: [String], units known: [String]) throws -> [Double] {
        let variable = try variable(name)
        guard variable.dimensionNames == dimensions else {
            throw SeicheError(
                .file, "variable '\(name)' in '\(path)' has the dimensions \(variable.dimensionNames), not \(dimensions)",
                remedy: "order them so, for example with `ncpdq -a \(dimensions.joined(separator: ","))`")
        }
        if let units = try variable.attributeIfPresent("units")?.text, !known.contains(units) {
            throw SeicheError(
                .file, "the units of '\(name)' in '\(path)' are '\(units)', not '\(known[0])'", remedy: "convert it, and correct its units")
        }
        return try variable.forcingValues()
    }
}
