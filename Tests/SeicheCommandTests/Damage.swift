import Foundation
import NetCDF

/// What is done to a NetCDF file while it is copied.
enum Damage: Sendable {
    case without(String)
    /// The last two dimensions exchanged.
    case turned(String)
    case notANumber(String, time: Int, y: Int, x: Int)
    /// Another grid spacing, in m.
    case spaced(Double)
}

extension Workplace {
    /// Cuts a file in half.
    func truncate(_ name: String) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path(name)))
        try file.truncate(atOffset: file.seekToEnd() / 2)
        try file.close()
    }

    /// Replaces a NetCDF file by a copy with `damage`.
    func rewrite(_ name: String, _ damage: Damage) throws {
        let source = try NetCDFFile(reading: path(name))
        try NetCDFFile.writeAtomically(to: path(name)) { copy in
            for attribute in try source.attributeNames() { try copy.setAttribute(attribute, source.attribute(attribute)) }
            if case .spaced(let spacing) = damage {
                for axis in ["dx", "dy"] { try copy.setAttribute(axis, .double([spacing])) }
            }
            for dimension in try source.dimensions() { try copy.defineDimension(dimension.name, length: dimension.length) }
            for variable in try source.variables() {
                switch variable.type {
                case .float: try self.copy(variable, Float.self, to: copy, damage)
                case .int8: try self.copy(variable, Int8.self, to: copy, nil)
                default: try self.copy(variable, Double.self, to: copy, damage)
                }
            }
        }
    }

    private func copy<Scalar: NetCDFScalar & BinaryFloatingPoint>(
        _ variable: NetCDFVariable, _ scalar: Scalar.Type, to copy: NetCDFFile, _ damage: Damage
    ) throws {
        var dimensions = variable.dimensionNames
        var values = try variable.read(scalar)
        switch damage {
        case .without(variable.name): return
        case .turned(variable.name): dimensions.swapAt(1, 2)
        case .notANumber(variable.name, let time, let y, let x):
            let shape = try variable.shape()
            values[(time * shape[1] + y) * shape[2] + x] = .nan
        case .spaced(let spacing) where variable.type == .double && dimensions.count == 1 && variable.name != "time":
            values = values.map { $0 * Scalar(spacing) / 1e4 }
        default: break
        }
        try write(values, like: variable, dimensions, to: copy)
    }

    private func copy(_ variable: NetCDFVariable, _ scalar: Int8.Type, to copy: NetCDFFile, _ damage: Damage?) throws {
        try write(try variable.read(scalar), like: variable, variable.dimensionNames, to: copy)
    }

    private func write<Scalar: NetCDFScalar>(
        _ values: [Scalar], like variable: NetCDFVariable, _ dimensions: [String], to file: NetCDFFile
    ) throws {
        let names = try variable.attributeNames().filter { $0 != "_FillValue" }
        let fill = try variable.attributeNames().contains("_FillValue") ? Scalar.netCDF.defaultFill : nil
        try file.defineVariable(
            variable.name, Scalar.self, dimensions: dimensions, fill: fill, attributes: names.map { ($0, try variable.attribute($0)) }
        ).write(values)
    }
}
