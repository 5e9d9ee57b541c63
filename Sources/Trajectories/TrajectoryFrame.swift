import Basics
import Dynamics
import NetCDF

// What a trajectory file holds before its first state: attributes, dimensions, coordinates, depth, mask, areas.

extension NetCDFFile {
    /// Writes everything but the fields; returns the time variable.
    func defineTrajectoryFrame(_ header: TrajectoryHeader) throws -> NetCDFVariable {
        let grid = header.grid
        let periodic = [("periodic_x", grid.periodicX), ("periodic_y", grid.periodicY)].filter(\.1).map { ($0.0, 1.0) }
        try writeDescription(
            header, numbers: [("dx", grid.dx), ("dy", grid.dy)] + periodic,
            units: "SI: dx and dy in m, time_step in s, model_parameters likewise")
        try defineUnlimitedDimension(TrajectoryLayout.time)
        let axes = TrajectoryLayout.axes(of: header.grid)
        for axis in axes.reversed() { try defineDimension(axis.name, length: axis.centres.count) }
        for axis in axes.reversed() { try defineDimension(axis.face, length: axis.centres.count) }
        try defineDimension(TrajectoryLayout.bounds, length: 2)
        let time = try defineVariable(
            TrajectoryLayout.time, Double.self, dimensions: [TrajectoryLayout.time],
            // The library's own choice for a lone unlimited dimension is megabytes for a handful of numbers.
            storage: NetCDFStorage(chunks: [512]),
            attributes: [
                ("standard_name", "time"), ("long_name", "time"), ("units", .text(TrajectoryHeader.timeUnits)), ("calendar", "standard"),
                ("units_metadata", "leap_seconds: none"), ("axis", "T"),
            ])
        for axis in axes { try writeAxis(axis) }
        try writeStaticFields(header.grid)
        return time
    }

    private func writeAxis(_ axis: TrajectoryLayout.Axis) throws {
        let common: [(String, NetCDFAttribute)] = [
            ("standard_name", .text(axis.standardName)), ("units", .text(axis.units)), ("axis", .text(axis.letter)),
        ]
        let bounds = axis.name + "_bnds"
        try defineVariable(
            axis.name, Double.self, dimensions: [axis.name],
            attributes: common + [("long_name", .text("\(axis.standardName.spaced) of cell centres")), ("bounds", .text(bounds))]
        ).write(axis.centres)
        try defineVariable(bounds, Double.self, dimensions: [axis.name, TrajectoryLayout.bounds]).write(axis.bounds)
        try defineVariable(
            axis.face, Double.self, dimensions: [axis.face],
            // xgcm reads the shift: a face lies half a cell after the centre of the same index.
            attributes: common + [("long_name", .text("\(axis.standardName.spaced) of cell faces")), ("c_grid_axis_shift", 0.5)]
        ).write(axis.faces)
    }

    private func writeStaticFields(_ grid: ShallowWaterGrid) throws {
        let layout = TrajectoryLayout(of: grid)
        let dimensions = [layout.y, layout.x]
        let storage = NetCDFStorage(deflate: 1)
        try defineVariable(
            "depth", Double.self, dimensions: dimensions, storage: storage,
            attributes: [
                ("standard_name", "sea_floor_depth_below_geopotential_datum"), ("long_name", "undisturbed depth"), ("units", "m"),
                ("positive", "down"), ("cell_measures", "area: cell_area"),
            ]
        ).write(grid.depth)
        try defineVariable(
            "mask", Int8.self, dimensions: dimensions, storage: storage,
            attributes: [
                ("standard_name", "sea_binary_mask"), ("long_name", "wet cells"), ("units", "1"), ("flag_values", .int8([0, 1])),
                ("flag_meanings", "land sea"),
            ]
        ).write(grid.wet.map { $0 ? 1 : 0 } as [Int8])
        try defineVariable(
            "cell_area", Double.self, dimensions: dimensions, storage: storage,
            attributes: [("standard_name", "cell_area"), ("long_name", "area of a cell as the model has it: dx times dy"), ("units", "m2")]
        ).write([Double](repeating: grid.dx * grid.dy, count: grid.cellCount))
    }

    /// zeta, u and v, and the velocities at cell centres when asked for.
    func defineFields<Scalar: NetCDFScalar>(
        _ fields: [TrajectoryLayout.Field], _ scalar: Scalar.Type, grid: ShallowWaterGrid, options: TrajectoryWriter.Options
    ) throws -> (fields: [NetCDFVariable], centreVelocities: [NetCDFVariable]) {
        (
            try fields.map { try defineField($0, scalar, grid: grid, deflate: options.deflate) },
            options.centreVelocities ? try defineCentreVelocities(scalar, grid: grid, deflate: options.deflate) : []
        )
    }

    /// One of zeta, u, v; only zeta has missing values.
    private func defineField<Scalar: NetCDFScalar>(
        _ field: TrajectoryLayout.Field, _ scalar: Scalar.Type, grid: ShallowWaterGrid, deflate: Int
    ) throws -> NetCDFVariable {
        let isAtCentres = field.name == "zeta"
        let measures: [(String, NetCDFAttribute)] = isAtCentres ? [("cell_measures", "area: cell_area")] : []
        return try defineVariable(
            field.name, scalar, dimensions: field.dimensions, fill: isAtCentres ? Scalar.netCDF.defaultFill : nil,
            // One state per chunk: training reads states in random order.
            storage: NetCDFStorage(chunks: [1, grid.ny, grid.nx], deflate: deflate),
            attributes: [
                ("standard_name", .text(field.standardName)), ("long_name", .text(field.longName)), ("units", .text(field.units)),
            ] + measures)
    }

    /// `u_center` and `v_center` at cell centres, missing on dry cells.
    private func defineCentreVelocities<Scalar: NetCDFScalar>(_ scalar: Scalar.Type, grid: ShallowWaterGrid, deflate: Int) throws -> [NetCDFVariable] {
        let layout = TrajectoryLayout(of: grid)
        let both = [(TrajectoryLayout.uCentre, layout.uStandardName, "x"), (TrajectoryLayout.vCentre, layout.vStandardName, "y")]
        return try both.map { name, standardName, letter in
            try defineVariable(
                name, scalar, dimensions: [TrajectoryLayout.time, layout.y, layout.x], fill: Scalar.netCDF.defaultFill,
                storage: NetCDFStorage(chunks: [1, grid.ny, grid.nx], deflate: deflate),
                attributes: [
                    ("standard_name", .text(standardName)),
                    ("long_name", .text("depth-mean velocity along \(letter) at cell centres, mean of the two faces")),
                    ("units", "m s-1"), ("cell_measures", "area: cell_area"),
                ])
        }
    }
}

extension String {
    /// A standard name as words.
    fileprivate var spaced: String { String(map { $0 == "_" ? " " : $0 }) }
}
