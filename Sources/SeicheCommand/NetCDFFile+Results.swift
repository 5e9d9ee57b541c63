import NetCDF

extension NetCDFFile {
    /// What a file of results says of itself.
    func describe(_ title: String) throws {
        try setAttribute("Conventions", "CF-1.11")
        try setAttribute("title", .text(title))
        try setAttribute("command", .text(Provenance.command))
        try setAttribute("version", .text(Provenance.version))
    }

    /// A variable of figures, written whole.
    func defineFigures(_ name: String, _ dimensions: [String], _ values: [Double], units: String = "1", _ meaning: String) throws {
        try defineVariable(
            name, Double.self, dimensions: dimensions, attributes: [("units", .text(units)), ("long_name", .text(meaning))]
        ).write(values)
    }

    /// An axis whose values are words; the numbers that stand for them are 0, 1, ... unless given.
    func defineLabels(_ name: String, _ labels: [String], values: [Int]? = nil) throws {
        try defineDimension(name, length: labels.count)
        // CF's way of naming the values of an axis: one word each.
        let words = labels.map { $0.split(separator: " ").joined(separator: "_") }.joined(separator: " ")
        let values = (values ?? Array(labels.indices)).map { Int32($0) }
        try defineVariable(
            name, Int32.self, dimensions: [name],
            attributes: [("long_name", .text(name)), ("flag_values", .int32(values)), ("flag_meanings", .text(words))]
        ).write(values)
    }
}
