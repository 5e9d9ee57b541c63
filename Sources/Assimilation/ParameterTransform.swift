import Basics
import Dynamics

/// From a parameter p with bounds to a variable t without any, so that no step of a minimiser leaves the bounds: t = p without bounds, log(p - a)
/// above a lower bound a, log((p - a) / (b - p)) between bounds. A Gaussian in t is then lognormal, or logit-normal, in p.
public struct ParameterTransform: Equatable, Sendable {
    public let range: ClosedRange<Double>

    public init(_ range: ClosedRange<Double>) { self.range = range }

    private enum Kind { case identity, below, between, above }

    private var kind: Kind {
        switch (range.lowerBound.isFinite, range.upperBound.isFinite) {
        case (false, false): .identity
        case (true, false): .below
        case (false, true): .above
        case (true, true): .between
        }
    }

    /// t. Throws `SeicheError` (invalidInput) for a value on a bound or beyond.
    public func unbounded(_ value: Double) throws -> Double {
        guard value.isFinite, value > range.lowerBound, value < range.upperBound else {
            throw SeicheError(
                .invalidInput, "a parameter of \(value) does not lie between \(range.lowerBound) and \(range.upperBound)",
                why: "estimates keep within the bounds and cannot start from them", remedy: "start from a value inside")
        }
        return switch kind {
        case .identity: value
        case .below: naturalLogarithm(value - range.lowerBound)
        case .above: -naturalLogarithm(range.upperBound - value)
        case .between: naturalLogarithm((value - range.lowerBound) / (range.upperBound - value))
        }
    }

    /// p.
    public func value(_ t: Double) -> Double {
        switch kind {
        case .identity: t
        case .below: range.lowerBound + exponential(t)
        case .above: range.upperBound - exponential(-t)
        case .between: range.lowerBound + (range.upperBound - range.lowerBound) / (1 + exponential(-t))
        }
    }

    /// dp/dt.
    public func slope(_ t: Double) -> Double {
        switch kind {
        case .identity: 1
        case .below: exponential(t)
        case .above: exponential(-t)
        case .between: (range.upperBound - range.lowerBound) / ((1 + exponential(-t)) * (1 + exponential(t)))
        }
    }
}
