import Basics

/// What is wrong with the error that `body` throws: nil when it is a `SeicheError` of this category whose text holds all the words.
///
///     #expect(complaint(.file, "a.nc", "truncated") { _ = try NetCDFFile(reading: "a.nc") } == nil)
public func complaint(_ category: SeicheError.Category, _ words: String..., about body: () throws -> Void) -> String? {
    complaint(category, words, about: body)
}

/// The same with the words in an array.
public func complaint(_ category: SeicheError.Category, _ words: [String], about body: () throws -> Void) -> String? {
    do {
        try body()
        return "no error, though one with \(words) was expected"
    } catch let error as SeicheError {
        if error.category != category { return "the category is \(error.category): \(error)" }
        let missing = words.filter { !error.description.contains($0) }
        return missing.isEmpty ? nil : "\(missing) not in: \(error)"
    } catch {
        return "not a SeicheError: \(error)"
    }
}
