import Basics
import Configuration
import Dynamics
import ReferenceModels
import Trajectories

// What an experiment's optional keys come to: parameters, forcing, and what files say of them.
extension Scenario {
    /// Wind and open boundary of the simulations on `grid`; nil without either. The files are read here, once for all simulations.
    static func forcing(_ model: Experiment.Model, on grid: ShallowWaterGrid?) throws -> ShallowWaterForcing? {
        guard model.wind != nil || model.openBoundary != nil else { return nil }
        var forcing = ShallowWaterForcing(startTime: model.startTime)
        switch (model.wind, grid) {
        case (nil, _): break
        case (.constant(let x, let y), _): forcing.wind = .constant(x: x, y: y)
        case (.file(let path), let grid?): forcing.wind = try .init(file: path, on: grid)
        case (.file(let path), nil):
            throw SeicheError(
                .invalidInput, "model.wind.file is '\(path)', but every simulation of a basin has a grid of its own",
                remedy: "give a constant wind, or a domain from a bathymetry file")
        }
        switch model.openBoundary {
        case nil: break
        case .file(let path):
            guard let grid else { break }
            forcing.boundary = try .init(file: path, on: grid)
        case .edges(let edges, let tides):
            guard let grid else { break }
            forcing.boundary = try boundary(along: edges, tides, on: grid)
        }
        return forcing
    }

    private static func boundary(
        along edges: [Experiment.Model.OpenBoundary.Edge], _ tides: [Experiment.Model.Constituent], on grid: ShallowWaterGrid
    ) throws -> ShallowWaterForcing.OpenBoundary {
        let cells = try edges.flatMap { edge in
            let cells = ShallowWaterGrid.Edge(rawValue: edge.rawValue).map { grid.wetCells(along: $0) } ?? []
            guard !cells.isEmpty else {
                throw SeicheError(
                    .invalidInput, "model.open_boundary.edges names the \(edge.rawValue) edge, where no cell is wet", remedy: "leave this edge out")
            }
            return cells
        }
        // Two edges share the corner.
        let unique = Set(cells).sorted()
        return ShallowWaterForcing.OpenBoundary(
            cells: unique,
            constituents: tides.map { tide in
                .init(
                    frequency: tide.radiansPerSecond, amplitude: unique.map { _ in tide.amplitude }, phase: unique.map { _ in tide.phase })
            })
    }
}

extension Experiment.Model {
    /// Of the initial state, in s since 2000-01-01 00:00:00.
    var startTime: Double { Double(start.secondsSince2000) }

    var shallowWaterParameters: ShallowWaterParameters {
        ShallowWaterParameters(
            gravity: gravity, implicitness: implicitness, drag: drag, lateralFriction: lateralFriction, tolerance: solverTolerance,
            isLinear: isLinear, linearDrag: linearDrag, coriolis: rotation?.coriolis ?? 0, beta: rotation?.beta ?? 0, density: density)
    }

    /// What the options that are on add to the parameters in a file. All of it decides the fields; files without options stay as they were.
    func optionalParameters(_ forcing: ShallowWaterForcing?) -> [String: Double] {
        var result: [String: Double] = [:]
        if linearDrag != 0 { result["linear_drag"] = linearDrag }
        if isLinear { result["linear"] = 1 }
        if let rotation { (result["coriolis"], result["beta"]) = (rotation.coriolis, rotation.beta) }
        if startTime != 0 { result["model_start"] = startTime }
        if let wind = forcing?.wind {
            result["density"] = density
            if case .constant(let x, let y) = wind { (result["wind_x"], result["wind_y"]) = (x, y) } else { result["wind_checksum"] = wind.checksum }
        }
        if let boundary = forcing?.boundary { result["open_boundary_checksum"] = boundary.checksum }
        return result
    }

    /// The options that are on, for the reader of a file; empty without any.
    var optionsInWords: String {
        var words: [String] = []
        if rotation != nil { words.append("rotation") }
        if isLinear { words.append("the faces' depth held at the undisturbed depth") }
        if linearDrag != 0 { words.append("linear drag") }
        switch wind {
        case nil: break
        case .constant: words.append("constant wind")
        case .file(let path): words.append("wind from '\(path)'")
        }
        switch openBoundary {
        case nil: break
        case .edges(let edges, _): words.append("tides at the edges \(edges.map(\.rawValue).joined(separator: ", "))")
        case .file(let path): words.append("elevations at the open boundary from '\(path)'")
        }
        return words.isEmpty ? "" : " With " + words.joined(separator: ", ") + "."
    }

    /// Throws `SeicheError` (invalidInput) where emulators would have to learn what they cannot see: their networks know closed edges and
    /// steps that stay the same only.
    func checkLearnable() throws {
        let obstacle: (key: String, why: String)? =
            if openBoundary != nil {
                ("model.open_boundary", "the networks do not see given elevations")
            } else if case .file = wind {
                ("model.wind.file", "the networks do not see the wind; a constant one is part of the step that they learn")
            } else if !periodic.isEmpty {
                ("model.periodic", "the networks know closed edges only")
            } else {
                nil
            }
        guard let obstacle else { return }
        throw SeicheError(
            .invalidInput, "emulators cannot be used in an experiment with \(obstacle.key)", why: obstacle.why,
            remedy: "use `seiche simulate` alone, or take the key away")
    }
}

extension ShallowWaterForcing.Wind {
    /// Of times and values, as a whole number below 2^53 that a double holds.
    fileprivate var checksum: Double {
        var sum = Checksum()
        switch self {
        case .constant(let x, let y): sum.add([x, y])
        case .uniform(let times, let x, let y), .fields(let times, let x, let y): for values in [times, x, y] { sum.add(values) }
        }
        return Double(sum.value >> 11)
    }
}

extension ShallowWaterForcing.OpenBoundary {
    /// As that of the wind.
    fileprivate var checksum: Double {
        var sum = Checksum()
        sum.add(cells.map(Double.init))
        for tide in constituents { for values in [[tide.frequency], tide.amplitude, tide.phase] { sum.add(values) } }
        for values in [times, zeta] { sum.add(values) }
        return Double(sum.value >> 11)
    }
}
