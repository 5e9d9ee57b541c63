import Basics

/// Throws `SeicheError` (invalidInput) where two numbers that must agree do not: "there are 3 `what`, but 4 for `whose`".
func checkCount(_ found: Int, _ expected: Int, _ what: String, _ whose: String) throws {
    guard found == expected else {
        throw SeicheError(.invalidInput, "there are \(found) \(what), but \(whose) ask for \(expected)")
    }
}

/// Throws `SeicheError` (invalidInput) for the first value that is not finite, negative where `isNegativeAllowed` is false, or zero where that is.
func checkValues(_ values: [Double], _ what: String, isNegativeAllowed: Bool = true, isZeroAllowed: Bool = true) throws {
    if let bad = values.firstIndex(where: { !$0.isFinite || (!isNegativeAllowed && $0 < 0) || (!isZeroAllowed && $0 == 0) }) {
        throw SeicheError(
            .invalidInput, "\(what) \(bad) is \(values[bad])",
            remedy: isNegativeAllowed ? "leave out what was not measured" : "give finite values \(isZeroAllowed ? "of at least" : "above") 0")
    }
}
