import Basics
import Dynamics
import NetCDF

/// One observed value with its time and place, as files hold it.
public struct ObservationRecord: Equatable, Sendable {
    /// Number of the observed state in its run.
    public var step: Int
    /// Name of what is observed: `zeta`, `u`, `v`, or `X` on a ring.
    public var variable: String
    /// Where: in the coordinates of the file; on a ring the position in sectors, with `y` zero.
    public var x: Double
    public var y: Double
    public var value: Double
    /// Of the value's error.
    public var variance: Double

    public init(step: Int, variable: String, x: Double, y: Double = 0, value: Double, variance: Double) {
        (self.step, self.variable, self.x, self.y, self.value, self.variance) = (step, variable, x, y, value, variance)
    }
}

/// A set of observations, each at a time and a place of its own, in one NetCDF file: CF-1.11's discrete sampling geometry "point" (chapter 9), read
/// by the tools that know it.
public struct ObservationFile: Equatable, Sendable {
    /// What x and y are.
    public enum Coordinates: String, CaseIterable, Sendable {
        /// m
        case projected
        /// Degrees east and north.
        case geographic
        /// Sectors of a ring.
        case ring

        fileprivate var axes: [(name: String, attributes: [(String, NetCDFAttribute)])] {
            switch self {
            case .projected:
                [
                    ("x", [("standard_name", "projection_x_coordinate"), ("units", "m"), ("axis", "X")]),
                    ("y", [("standard_name", "projection_y_coordinate"), ("units", "m"), ("axis", "Y")]),
                ]
            case .geographic:
                [
                    ("lon", [("standard_name", "longitude"), ("units", "degrees_east"), ("axis", "X")]),
                    ("lat", [("standard_name", "latitude"), ("units", "degrees_north"), ("axis", "Y")]),
                ]
            case .ring: [("position", [("long_name", "position on the ring in sectors, counted from 0"), ("units", "1")])]
            }
        }
    }

    public var coordinates: Coordinates
    /// Of the run that the steps are numbers of: s, or dimensionless on a ring.
    public var timeStep: Double
    /// Time of state 0: seconds since 2000-01-01 00:00:00, or dimensionless on a ring.
    public var startTime: Double
    /// In any order.
    public var records: [ObservationRecord]

    public init(coordinates: Coordinates, timeStep: Double, startTime: Double = 0, records: [ObservationRecord]) {
        (self.coordinates, self.timeStep, self.startTime, self.records) = (coordinates, timeStep, startTime, records)
    }

    /// Writes the file whole or not at all; its folder is created if need be.
    ///
    /// - Parameter title: of the set, for the people who find it.
    public func write(to path: String, title: String) throws {
        guard !records.isEmpty else { throw SeicheError(.invalidInput, "there is no observation to write to '\(path)'") }
        let names = Array(Set(records.map(\.variable))).sorted()
        // Flags are bytes, and their meanings one text.
        if let bad = names.first(where: { $0.isEmpty || $0.contains(" ") }) ?? (names.count > Int(Int8.max) ? names.last : nil) {
            throw SeicheError(
                .invalidInput, "the variable '\(bad)' cannot be written to '\(path)' as one of \(names.count)",
                remedy: "give at most \(Int8.max) names without blanks")
        }
        if let bad = records.first(where: { Int32(exactly: $0.step) == nil }) {
            throw SeicheError(.invalidInput, "an observation of step \(bad.step) cannot be written to '\(path)'", why: "files count steps in 32 bits")
        }
        try Files.createFolder(Files.folder(of: path))
        try NetCDFFile.writeAtomically(to: path) { file in
            try file.setAttribute("Conventions", "CF-1.11")
            try file.setAttribute("featureType", "point")
            try file.setAttribute("title", .text(title))
            try file.setAttribute("coordinate_system", .text(coordinates.rawValue))
            try file.setAttribute("time_step", .double([timeStep]))
            try file.setAttribute("start_time", .double([startTime]))
            try file.defineDimension("obs", length: records.count)
            let axes = coordinates.axes
            let time = coordinates == .ring ? "model_time" : "time"
            let timeAttributes: [(String, NetCDFAttribute)] = coordinates == .ring
                ? [("long_name", "dimensionless model time")]
                : [("standard_name", "time"), ("units", "seconds since 2000-01-01 00:00:00"), ("calendar", "proleptic_gregorian"), ("axis", "T")]
            try file.defineVariable(time, Double.self, dimensions: ["obs"], attributes: timeAttributes)
                .write(records.map { startTime + Double($0.step) * timeStep })
            for (axis, values) in zip(axes, [records.map(\.x), records.map(\.y)]) {
                try file.defineVariable(axis.name, Double.self, dimensions: ["obs"], attributes: axis.attributes).write(values)
            }
            try file.defineVariable(
                "step", Int32.self, dimensions: ["obs"], attributes: [("long_name", "number of the observed state in its run"), ("units", "1")]
            ).write(records.map { Int32(clamping: $0.step) })
            let places = ([time] + axes.map(\.name)).joined(separator: " ")
            try file.defineVariable(
                "variable", Int8.self, dimensions: ["obs"],
                attributes: [
                    ("long_name", "what was observed"), ("flag_values", .int8(names.indices.map { Int8($0) })),
                    ("flag_meanings", .text(names.joined(separator: " "))), ("coordinates", .text(places)),
                ]
            ).write(records.map { record in Int8(names.firstIndex(of: record.variable) ?? 0) })
            for (name, longName, values) in [
                ("value", "observed value in the SI unit of its variable", records.map(\.value)),
                ("error_variance", "variance of the value's error in the squared unit of its variable", records.map(\.variance)),
            ] {
                try file.defineVariable(
                    name, Double.self, dimensions: ["obs"], attributes: [("long_name", .text(longName)), ("coordinates", .text(places))]
                ).write(values)
            }
        }
    }

    /// Reads what `write` wrote. Throws `SeicheError` (file) for a file that is missing, damaged or of another kind.
    public init(path: String) throws {
        let file = try NetCDFFile(reading: path)
        func foreign(_ what: String) -> SeicheError {
            SeicheError(.file, "'\(path)' \(what)", why: "it holds no observations as this package writes them")
        }
        guard let name = try file.attributeIfPresent("coordinate_system")?.text, let coordinates = Coordinates(rawValue: name),
            let timeStep = try file.attributeIfPresent("time_step")?.number, let startTime = try file.attributeIfPresent("start_time")?.number
        else { throw foreign("has no coordinate_system, time_step and start_time that can be used") }
        let count = try file.dimension("obs").length
        let places = try coordinates.axes.map { try file.variable($0.name, shape: [count]).read(Double.self) }
        let steps = try file.variable("step", shape: [count]).read(Int32.self)
        let variable = try file.variable("variable", shape: [count])
        guard let names = try variable.attributeIfPresent("flag_meanings")?.text?.split(separator: " ").map(String.init) else {
            throw foreign("does not name its variables in flag_meanings")
        }
        let kinds = try variable.read(Int8.self).map(Int.init)
        guard kinds.allSatisfy(names.indices.contains) else { throw foreign("has a variable that flag_meanings does not name") }
        let (values, variances) = (
            try file.variable("value", shape: [count]).read(Double.self), try file.variable("error_variance", shape: [count]).read(Double.self)
        )
        self.init(
            coordinates: coordinates, timeStep: timeStep, startTime: startTime,
            records: (0..<count).map { k in
                ObservationRecord(
                    step: Int(steps[k]), variable: names[kinds[k]], x: places[0][k], y: places.count > 1 ? places[1][k] : 0, value: values[k],
                    variance: variances[k])
            })
    }

    /// The observations time by time, interpolated on a ring of so many sectors.
    ///
    /// Throws `SeicheError` (invalidInput) as `ObservationBatch` and `WeightedComponents` do, and for observations of something else.
    public func batches(ring sectors: Int) throws -> [ObservationBatch] {
        try batches { try WeightedComponents(ring: sectors, positions: $0.map(\.x)) }
    }

    /// The observations time by time, interpolated bilinearly on a C grid. Throws as the other.
    public func batches(_ grid: ShallowWaterGrid) throws -> [ObservationBatch] {
        try batches { records in
            try WeightedComponents(
                grid,
                points: records.map { record in
                    guard let field = ShallowWaterField(rawValue: record.variable) else {
                        throw SeicheError(
                            .invalidInput, "an observation of step \(record.step) is of '\(record.variable)'",
                            remedy: "observations of shallow water are of \(ShallowWaterField.allCases.map(\.rawValue).joined(separator: ", "))")
                    }
                    return ObservedPoint(field, x: record.x, y: record.y)
                })
        }
    }

    private func batches(_ makeOperator: ([ObservationRecord]) throws -> WeightedComponents) throws -> [ObservationBatch] {
        let byStep = Dictionary(grouping: records, by: \.step)
        return try byStep.keys.sorted().map { step in
            let records = byStep[step] ?? []
            return try ObservationBatch(step: step, makeOperator(records), values: records.map(\.value), variances: records.map(\.variance))
        }
    }
}
