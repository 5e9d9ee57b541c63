import Basics
import NetCDF

/// A NetCDF file of results: variables of figures over axes, some of whose values are words.
struct ResultFile {
    let path: String
    private let file: NetCDFFile
    private let variables: [NetCDFVariable]

    /// Nil where there is no such file; one that cannot be read throws.
    init?(ifPresent path: String) throws {
        guard Files.exists(path) else { return nil }
        self.path = path
        file = try NetCDFFile(reading: path)
        variables = try file.variables()
    }

    func has(_ name: String) -> Bool { variables.contains { $0.name == name } }

    func number(_ attribute: String) throws -> Double? { try file.attributeIfPresent(attribute)?.number }
    func text(_ attribute: String) throws -> String? { try file.attributeIfPresent(attribute)?.text }

    /// The words of an axis, nil for an axis of numbers.
    func labels(_ axis: String) throws -> [String]? {
        // Emulators' labels in full, with their blanks.
        switch axis == "emulator" ? try file.attributeIfPresent("emulators") : nil {
        case .texts(let texts): return texts
        case .text(let text): return [text]
        default: break
        }
        guard let variable = variables.first(where: { $0.name == axis }), let words = try variable.attributeIfPresent("flag_meanings")?.text
        else { return nil }
        return words.split(separator: " ").map(String.init)
    }

    /// A variable's values, nil where the file has none of this name.
    func values(_ name: String) throws -> [Double]? { try variables.first { $0.name == name }?.read(Double.self) }

    /// A variable's values as rows of its last axis.
    func rows(_ name: String) throws -> [[Double]]? {
        guard let variable = variables.first(where: { $0.name == name }), let length = try variable.shape().last, length > 0 else { return nil }
        let values = try variable.read(Double.self)
        return stride(from: 0, to: values.count, by: length).map { Array(values[$0..<$0 + length]) }
    }

    /// Variables all of whose axes have words for values, with what they mean.
    func labelled() throws -> [(name: String, meaning: String, units: String, axes: [(name: String, labels: [String])])] {
        try variables.compactMap { variable in
            guard !variable.dimensionNames.isEmpty, variable.dimensionNames != [variable.name] else { return nil }
            var axes: [(name: String, labels: [String])] = []
            for (axis, length) in zip(variable.dimensionNames, try variable.shape()) {
                guard let labels = try labels(axis), labels.count == length else { return nil }
                axes.append((axis, labels))
            }
            return (
                variable.name, try variable.attributeIfPresent("long_name")?.text ?? variable.name,
                try variable.attributeIfPresent("units")?.text ?? "1", axes
            )
        }
    }
}
