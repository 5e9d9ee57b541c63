import Basics
import Dynamics
import NetCDF

extension ShallowWaterForcing.Wind {
    /// Reads wind stress on the water from a NetCDF file: `time(time)` and `tau_x`, `tau_y` in N/m2, both over (time) for the whole grid,
    /// or over time and the cells of `grid`, (time, y, x) or (time, lat, lon). Times become seconds since 2000-01-01 00:00:00.
    ///
    /// Throws `SeicheError(.file)` that names file and variable when the file cannot serve.
    public init(file path: String, on grid: ShallowWaterGrid) throws {
        let file = try NetCDFFile(reading: path)
        defer { try? file.close() }
        let times = try file.forcingTimes()
        let x = try file.windStress("tau_x")
        let y = try file.windStress("tau_y")
        let (shape, other) = (try x.shape(), try y.shape())
        guard shape == other else {
            throw SeicheError(
                .file, "'tau_x' in '\(path)' has the shape \(shape), 'tau_y' \(other)", remedy: "give both components at the same times and places")
        }
        switch shape {
        case [times.count]:
            self = .uniform(times: times, x: try x.forcingValues(), y: try y.forcingValues())
        case [times.count, grid.ny, grid.nx]:
            for name in x.dimensionNames.dropFirst() { try file.checkIncreasing(name) }
            self = .fields(times: times, x: try x.forcingValues(), y: try y.forcingValues())
        default:
            throw SeicheError(
                .file, "'tau_x' in '\(path)' has the shape \(shape), but [\(times.count)] or [\(times.count), \(grid.ny), \(grid.nx)] is needed",
                why: "wind is given over time alone, or over time and the cells of the grid",
                remedy: "interpolate it to the grid first, for example with `cdo remapbil` to the grid of a simulation's zeta")
        }
    }
}

extension NetCDFFile {
    fileprivate func windStress(_ name: String) throws -> NetCDFVariable {
        let variable = try variable(name)
        guard variable.dimensionNames.first == "time" else {
            throw SeicheError(
                .file, "variable '\(name)' in '\(path)' has the dimensions \(variable.dimensionNames)", remedy: "make 'time' the first")
        }
        let known = ["N/m2", "N/m^2", "N m-2", "N m^-2", "N m**-2", "Pa"]
        if let units = try variable.attributeIfPresent("units")?.text, !known.contains(units) {
            throw SeicheError(
                .file, "the units of '\(name)' in '\(path)' are '\(units)', but stresses in N/m2 are needed",
                remedy: "convert it, and write 'N m-2' into its units")
        }
        return variable
    }

    /// A coordinate of the file that goes with one of the grid's axes must run the same way: fields would be mirrored.
    fileprivate func checkIncreasing(_ name: String) throws {
        guard let axis = try variableIfPresent(name), axis.dimensionNames == [name] else { return }
        let values = try axis.read(Double.self)
        if let first = values.first, let last = values.last, first > last {
            throw SeicheError(
                .file, "the axis '\(name)' in '\(path)' runs from \(first) to \(last), but the grid's axes increase",
                remedy: "turn it, for example with `cdo invertlat`")
        }
    }
}
