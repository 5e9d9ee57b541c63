/// The one error of this package: what happened, why it is likely, and what to do next.
///
/// Every public function that throws, throws this. The text is written for the person at the keyboard:
/// `what` carries the offending value and its place (file, variable, key), `remedy` the next step.
public struct SeicheError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Coarse grouping, for callers that treat kinds of failure apart.
    public enum Category: String, Sendable {
        /// A parameter, key, shape or state that cannot be used.
        case invalidInput
        /// A file that is missing, truncated, of the wrong shape, or cannot be written.
        case file
        /// A linear solve that did not reach its tolerance.
        case solver
        /// A model that left its range of validity (a face fell dry, a value is not finite).
        case model
        /// Stopped by the user; what was done so far is saved.
        case interrupted
    }

    public let category: Category
    public let what: String
    public let why: String?
    public let remedy: String?

    public init(_ category: Category, _ what: String, why: String? = nil, remedy: String? = nil) {
        self.category = category
        self.what = what
        self.why = why
        self.remedy = remedy
    }

    public var description: String {
        var text = what
        if let why { text += "\n  why: \(why)" }
        if let remedy { text += "\n  try: \(remedy)" }
        return text
    }
}
