/// What a value must satisfy beyond its type.
public struct Constraint<Value: Sendable>: Sendable {
    /// Completes "expected a number" in a message: "above 0".
    let description: String
    /// Why values must satisfy it, where that is not plain.
    let reason: String?
    let isSatisfied: @Sendable (Value) -> Bool

    public init(_ description: String, because reason: String? = nil, isSatisfied: @escaping @Sendable (Value) -> Bool) {
        self.description = description
        self.reason = reason
        self.isSatisfied = isSatisfied
    }
}

extension Constraint where Value: Comparable & ConfigurationScalar & Numeric {
    public static var positive: Constraint { Constraint("above 0") { $0 > .zero } }

    public static func atLeast(_ bound: Value) -> Constraint {
        Constraint("of at least \(bound.configurationText)") { $0 >= bound }
    }

    public static func within(_ range: ClosedRange<Value>, because reason: String? = nil) -> Constraint {
        Constraint("from \(range.lowerBound.configurationText) to \(range.upperBound.configurationText)", because: reason) { range.contains($0) }
    }

    /// Strictly between 0 and `bound`.
    public static func positive(below bound: Value) -> Constraint {
        Constraint("above 0 and below \(bound.configurationText)") { $0 > .zero && $0 < bound }
    }
}

extension Constraint where Value == String {
    public static var notEmpty: Constraint { Constraint("that is not empty") { !$0.isEmpty } }

    /// A name that can be part of a file's name.
    public static var fileName: Constraint {
        Constraint("of letters, digits, '_', '-' and '.', not starting with '.'") { name in
            !name.isEmpty && !name.hasPrefix(".")
                && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) }
        }
    }
}
