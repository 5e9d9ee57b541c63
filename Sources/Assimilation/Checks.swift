import Basics

/// Throws `SeicheError` (invalidInput) where two numbers that must agree do not: "there are 3 `what`, but 4 for `whose`".
func checkCount(_ found: Int, _ expected: Int, _ what: String, _ whose: String) throws {
    guard found == expected else {
        throw SeicheError(.invalidInput, "there are \(found) \(what), but \(whose) ask for \(expected)")
    }
}

/// Throws `SeicheError` (invalidInput) for the first value that is not finite, or below `least`.
func checkValues(_ values: [Double], _ what: String, above least: Double = -.infinity) throws {
    if let bad = values.firstIndex(where: { !($0.isFinite && $0 > least) }) {
        throw SeicheError(
            .invalidInput, "\(what) \(bad) is \(values[bad])",
            remedy: least > -.infinity ? "give finite values above \(least)" : "leave out what was not measured")
    }
}
