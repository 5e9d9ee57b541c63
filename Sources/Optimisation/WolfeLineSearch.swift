/// A function's value and gradient at a point.
public struct Evaluation: Equatable, Sendable {
    public var value: Double
    public var gradient: [Double]

    public init(value: Double, gradient: [Double]) {
        self.value = value
        self.gradient = gradient
    }

    var isFinite: Bool { value.isFinite && gradient.allSatisfy(\.isFinite) }
}

/// A step length a along a direction of descent that satisfies the strong Wolfe conditions: with p(a) = f(x + a d),
///
///     p(a) <= p(0) + c1 a p'(0)   and   |p'(a)| <= c2 |p'(0)|,
///
/// by bracketing and zooming (Nocedal and Wright 2006, algorithms 3.5 and 3.6) with cubic interpolation.
public struct WolfeLineSearch: Equatable, Sendable {
    /// c1
    public var sufficientDecrease: Double
    /// c2, above c1 and below 1; a small one makes the search nearly exact.
    public var curvature: Double
    public var maximumEvaluations: Int

    public init(sufficientDecrease: Double = 1e-4, curvature: Double = 0.9, maximumEvaluations: Int = 20) {
        self.sufficientDecrease = sufficientDecrease
        self.curvature = curvature
        self.maximumEvaluations = maximumEvaluations
    }

    public struct Outcome: Equatable, Sendable {
        /// a; 0 where no point was found that lowers the function enough.
        public var length: Double
        /// At x + a d.
        public var end: Evaluation
        public var evaluations: Int
        /// False where evaluations or digits ran out first: then only the decrease is sure.
        public var satisfiesWolfe: Bool
    }

    /// - Parameters:
    ///   - direction: d, along which the function falls: <gradient, d> < 0.
    ///   - start: the function at x.
    ///   - firstLength: of the first trial, above 0.
    ///   - evaluate: the function at x + step; what is not finite counts as too long a step.
    /// - Throws: what `evaluate` throws.
    public func search(
        along direction: [Double], from start: Evaluation, firstLength: Double, evaluate: (_ step: [Double]) throws -> Evaluation
    ) throws -> Outcome {
        var line = Line(direction: direction, start: start, search: self)
        guard line.start.slope < 0 else { return line.outcome(nil, satisfiesWolfe: false) }
        var previous = line.start
        var length = firstLength
        // The shortest length at which the function was not finite.
        var limit = Double.infinity
        while line.evaluations < maximumEvaluations {
            let trial = try line.trial(at: length, evaluate)
            if !trial.end.isFinite {
                limit = length
                length = previous.length + 0.25 * (length - previous.length)
                if length == previous.length { break }
                continue
            }
            if !line.hasSufficientDecrease(trial) || (previous.length > 0 && trial.end.value >= previous.end.value) {
                return try zoom(&line, previous, trial, evaluate)
            }
            if line.isFlatEnough(trial) { return line.outcome(trial, satisfiesWolfe: true) }
            if trial.slope >= 0 { return try zoom(&line, trial, previous, evaluate) }
            let width = trial.length - previous.length
            let reach = min(trial.length + 9 * width, 0.5 * (trial.length + limit))
            let guess = Self.cubicMinimiser(previous, trial) ?? 0
            // A cubic that falls without end has its minimiser, if any, behind.
            length = guess > trial.length ? min(reach, max(trial.length + 0.1 * width, guess)) : reach
            previous = trial
        }
        return line.outcome(previous, satisfiesWolfe: false)
    }

    /// Between `low`, the better end so far, and `high` lie lengths that satisfy both conditions.
    private func zoom(
        _ line: inout Line, _ low: Line.Trial, _ high: Line.Trial, _ evaluate: ([Double]) throws -> Evaluation
    ) throws -> Outcome {
        var (low, high) = (low, high)
        while line.evaluations < maximumEvaluations {
            let (shortest, longest) = (min(low.length, high.length), max(low.length, high.length))
            let margin = 0.1 * (longest - shortest)
            // Nothing is left to be told apart.
            if margin <= 4 * .ulpOfOne * longest { break }
            var length = Self.cubicMinimiser(low, high) ?? 0.5 * (shortest + longest)
            length = min(longest - margin, max(shortest + margin, length))
            let trial = try line.trial(at: length, evaluate)
            // Values that rounding alone tells apart say nothing: there the slopes do (Hager and Zhang 2005).
            let noise = 4 * .ulpOfOne * abs(low.end.value)
            if !trial.end.isFinite || !line.hasSufficientDecrease(trial) || trial.end.value > low.end.value + noise {
                high = trial
            } else {
                if line.isFlatEnough(trial) { return line.outcome(trial, satisfiesWolfe: true) }
                if trial.slope * (high.length - low.length) >= 0 { high = low }
                low = trial
            }
        }
        return line.outcome(low.end.value < line.start.end.value ? low : nil, satisfiesWolfe: false)
    }

    /// The minimiser of the cubic with the values and slopes of two trials (Nocedal and Wright 2006, equation 3.59); nil where it has none.
    private static func cubicMinimiser(_ a: Line.Trial, _ b: Line.Trial) -> Double? {
        let width = b.length - a.length
        let d1 = a.slope + b.slope - 3 * (b.end.value - a.end.value) / width
        let root = d1 * d1 - a.slope * b.slope
        guard root.isFinite, root >= 0 else { return nil }
        let d2 = width > 0 ? root.squareRoot() : -root.squareRoot()
        let minimiser = b.length - width * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2)
        return minimiser.isFinite ? minimiser : nil
    }
}

/// The function along the direction.
private struct Line {
    struct Trial {
        let length: Double
        let end: Evaluation
        let slope: Double
    }

    let direction: [Double]
    let start: Trial
    let search: WolfeLineSearch
    var evaluations = 0

    init(direction: [Double], start: Evaluation, search: WolfeLineSearch) {
        self.direction = direction
        self.start = Trial(length: 0, end: start, slope: inner(start.gradient, direction))
        self.search = search
    }

    mutating func trial(at length: Double, _ evaluate: ([Double]) throws -> Evaluation) throws -> Trial {
        evaluations += 1
        let end = try evaluate(direction.map { length * $0 })
        return Trial(length: length, end: end, slope: inner(end.gradient, direction))
    }

    func hasSufficientDecrease(_ trial: Trial) -> Bool {
        trial.end.value <= start.end.value + search.sufficientDecrease * trial.length * start.slope
    }

    func isFlatEnough(_ trial: Trial) -> Bool { abs(trial.slope) <= -search.curvature * start.slope }

    func outcome(_ trial: Trial?, satisfiesWolfe: Bool) -> WolfeLineSearch.Outcome {
        let trial = trial ?? start
        return WolfeLineSearch.Outcome(length: trial.length, end: trial.end, evaluations: evaluations, satisfiesWolfe: satisfiesWolfe)
    }
}
