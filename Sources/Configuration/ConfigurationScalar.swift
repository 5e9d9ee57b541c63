import Basics

/// A value that one YAML scalar holds: it reads itself from text and writes itself as text.
public protocol ConfigurationScalar: Equatable, Sendable {
    /// What a message says was expected, "a whole number".
    static var expectation: String { get }

    /// Nil when the text is not such a value. Strict: no guesses, no rounding.
    init?(configurationText text: String)

    /// Reads back as the same value, to the last bit.
    var configurationText: String { get }
}

extension String: ConfigurationScalar {
    public static var expectation: String { "text" }
    public init?(configurationText text: String) { self = text }
    public var configurationText: String { self }
}

extension Int: ConfigurationScalar {
    public static var expectation: String { "a whole number" }
    public init?(configurationText text: String) { self.init(text) }
    public var configurationText: String { description }
}

extension UInt64: ConfigurationScalar {
    public static var expectation: String { "a whole number of at least 0" }
    public init?(configurationText text: String) { self.init(text) }
    public var configurationText: String { description }
}

extension Double: ConfigurationScalar {
    public static var expectation: String { "a number" }

    /// Decimal notation with or without an exponent; not a hexadecimal number, an infinity or a NaN, which `Double.init` would take.
    public init?(configurationText text: String) {
        guard text.allSatisfy({ $0.isASCII && ($0.isNumber || "+-.eE".contains($0)) }),
            let value = Double(text), value.isFinite
        else { return nil }
        self = value
    }

    /// With a point in the mantissa (1.0e-12): some YAML readers take `1e-12` for text.
    public var configurationText: String {
        guard let exponent = description.firstIndex(of: "e"), !description.contains(".") else { return description }
        return description[..<exponent] + ".0" + description[exponent...]
    }
}

extension Bool: ConfigurationScalar {
    public static var expectation: String { "true or false" }

    /// `true` or `false` only: the older `yes`, `no`, `on` and `off` are read differently by different tools.
    public init?(configurationText text: String) {
        switch text {
        case "true": self = true
        case "false": self = false
        default: return nil
        }
    }

    public var configurationText: String { description }
}

extension CalendarTime: ConfigurationScalar {
    public static var expectation: String { "a date and time, YYYY-MM-DD hh:mm:ss" }
    public init?(configurationText text: String) { self.init(text) }
    public var configurationText: String { description }
}

/// A scalar that is one of a few words: an enumeration with those words as raw values.
public protocol ConfigurationChoice: ConfigurationScalar, RawRepresentable, CaseIterable where RawValue == String {}

extension ConfigurationChoice {
    public static var expectation: String {
        let words = allCases.map(\.rawValue)
        return words.count == 1 ? words[0] : words.dropLast().joined(separator: ", ") + " or " + words[words.count - 1]
    }

    public init?(configurationText text: String) { self.init(rawValue: text) }
    public var configurationText: String { rawValue }
}
