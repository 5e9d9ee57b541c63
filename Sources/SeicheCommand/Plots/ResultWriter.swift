import Basics
import NetCDF

extension NetCDFFile {
    /// A figure's numbers: axes of words, and variables over them. Not a number stands for what there is not.
    static func writeFigure(
        _ path: String, title: String, labels: [(axis: String, words: [String])], lengths: [(axis: String, length: Int)],
        _ variables: [(name: String, axes: [String], values: [Double], units: String, meaning: String)]
    ) throws {
        try writeAtomically(to: path) { file in
            try file.setAttribute("Conventions", "CF-1.11")
            try file.setAttribute("title", .text(title))
            try file.setAttribute("command", .text(Provenance.command))
            try file.setAttribute("version", .text(Provenance.version))
            for (axis, words) in labels { try file.defineLabels(axis, words) }
            for (axis, length) in lengths { try file.defineDimension(axis, length: length) }
            for variable in variables {
                try file.defineVariable(
                    variable.name, Double.self, dimensions: variable.axes,
                    attributes: [("units", .text(variable.units)), ("long_name", .text(variable.meaning))]
                ).write(variable.values)
            }
        }
    }
}

extension Array where Element == Double {
    /// As many values as asked for, the missing ones not a number.
    func padded(to count: Int) -> [Double] { self + [Double](repeating: .nan, count: Swift.max(0, count - self.count)) }
}
