/// The limited-memory method of Broyden, Fletcher, Goldfarb and Shanno (Liu and Nocedal 1989): a quasi-Newton descent whose inverse Hessian is
/// made of the last few steps and the changes of the gradient along them, each step by a search that satisfies the strong Wolfe conditions.
///
/// The state is a value: what it holds, saved and read back, goes on as if there had been no pause.
public struct LBFGS: Equatable, Sendable {
    public struct Settings: Equatable, Sendable {
        /// Steps that are remembered.
        public var memory: Int
        /// Euclidean length of the first trial step, and of the first after the memory was lost.
        public var firstLength: Double
        public var lineSearch: WolfeLineSearch

        public init(memory: Int = 10, firstLength: Double = 1, lineSearch: WolfeLineSearch = WolfeLineSearch()) {
            self.memory = memory
            self.firstLength = firstLength
            self.lineSearch = lineSearch
        }
    }

    /// A step s and the change y of the gradient along it, <s, y> > 0.
    public struct Pair: Equatable, Sendable {
        public var step: [Double]
        public var change: [Double]

        public init(step: [Double], change: [Double]) {
            self.step = step
            self.change = change
        }
    }

    /// What a step did.
    public struct Report: Equatable, Sendable {
        /// Of the function.
        public var before: Double
        public var after: Double
        /// Before the step.
        public var gradientNorm: Double
        /// As a multiple of the quasi-Newton step; 0 where no step was taken.
        public var length: Double
        /// Of function and gradient in this step.
        public var evaluations: Int
        public var satisfiesWolfe: Bool
    }

    public var settings: Settings
    /// Oldest first.
    public private(set) var pairs: [Pair]
    /// The function where the last step ended, if it is still the same function.
    public private(set) var current: Evaluation?
    /// Steps tried.
    public private(set) var updates: Int

    public init(_ settings: Settings = Settings()) { self.init(settings, updates: 0, pairs: [], current: nil) }

    /// As saved in a checkpoint.
    public init(_ settings: Settings, updates: Int, pairs: [Pair], current: Evaluation?) {
        self.settings = settings
        self.updates = updates
        self.pairs = pairs
        self.current = current
    }

    /// To be called where the function has changed, as with a new batch: it is then evaluated anew where the next step begins. Its curvature is
    /// taken to be much the same (Berahas et al. 2016).
    public mutating func renew() { current = nil }

    /// The step from where the last one ended; zeros at a stationary point, or where no lower point was found: then the memory starts anew.
    ///
    /// - Parameter evaluate: the function at a step from there. What is not finite counts as too long a step; at zero it must be finite.
    /// - Throws: what `evaluate` throws.
    public mutating func step(_ evaluate: (_ step: [Double]) throws -> Evaluation, parameterCount: Int) throws -> (step: [Double], report: Report) {
        let zeros = [Double](repeating: 0, count: parameterCount)
        let isEvaluated = current != nil
        let start = try current ?? evaluate(zeros)
        updates += 1
        current = start
        let size = norm(start.gradient)
        var report = Report(
            before: start.value, after: start.value, gradientNorm: size, length: 0, evaluations: isEvaluated ? 0 : 1, satisfiesWolfe: size == 0)
        guard size > 0, size.isFinite else { return (zeros, report) }
        var direction = inverseHessian(times: start.gradient.map { -$0 })
        if !(inner(direction, start.gradient) < 0) {
            // Rounding has spoilt the curvature.
            pairs = []
            direction = start.gradient.map { -$0 }
        }
        let outcome = try settings.lineSearch.search(
            along: direction, from: start, firstLength: pairs.isEmpty ? settings.firstLength / size : 1, evaluate: evaluate)
        report.evaluations += outcome.evaluations
        guard outcome.length > 0 else {
            pairs = []
            return (zeros, report)
        }
        (report.after, report.length, report.satisfiesWolfe) = (outcome.end.value, outcome.length, outcome.satisfiesWolfe)
        let step = direction.map { outcome.length * $0 }
        var change = outcome.end.gradient
        add(-1, start.gradient, to: &change)
        // The second Wolfe condition makes this positive; a search that ended early may not.
        if inner(step, change) > 1e-12 * norm(step) * norm(change) { pairs.append(Pair(step: step, change: change)) }
        if pairs.count > settings.memory { pairs.removeFirst(pairs.count - settings.memory) }
        current = outcome.end
        return (step, report)
    }

    /// The two-loop recursion (Nocedal 1980; Nocedal and Wright 2006, algorithm 7.4), started from <s, y> / <y, y> of the last pair.
    private func inverseHessian(times vector: [Double]) -> [Double] {
        var q = vector
        var shares: [Double] = []
        for pair in pairs.reversed() {
            let share = inner(pair.step, q) / inner(pair.step, pair.change)
            add(-share, pair.change, to: &q)
            shares.append(share)
        }
        if let last = pairs.last {
            let scale = inner(last.step, last.change) / inner(last.change, last.change)
            for k in q.indices { q[k] *= scale }
        }
        for (pair, share) in zip(pairs, shares.reversed()) {
            add(share - inner(pair.change, q) / inner(pair.step, pair.change), pair.step, to: &q)
        }
        return q
    }
}
