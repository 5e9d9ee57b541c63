import Basics
import Dynamics
import Optimisation

/// How J is brought to its minimum.
public enum Minimiser: Equatable, Sendable {
    /// The full cost by L-BFGS, which needs no tangent-linear.
    case lbfgs(LBFGS.Settings, maximumIterations: Int)
    /// Incremental: outer loops linearise the window about the best control so far, inner conjugate gradients minimise the quadratic cost that
    /// results (Courtier et al. 1994; a Gauss-Newton method, Lawless et al. 2005). A step that does not lower J as it should is halved.
    case gaussNewton(outerLoops: Int, inner: ConjugateGradients)
}

/// A minimisation of J from v = 0, and what it took.
public struct Minimisation: Equatable, Sendable {
    /// The state of affairs before the first iteration and after each.
    public struct Iteration: Equatable, Sendable {
        /// Terms of J.
        public var background: Double
        public var observations: Double
        /// Of J with respect to v.
        public var gradientNorm: Double
        /// Of model or tangent-linear with adjoint, so far.
        public var runs: Int

        /// J
        public var total: Double { background + observations }
    }

    /// v at the minimum.
    public internal(set) var control: [Double]
    /// The first is the background itself; of Gauss-Newton one for each outer loop, of L-BFGS one for each step.
    public internal(set) var history: [Iteration]
    /// Runs of model and adjoint for J and its gradient.
    public internal(set) var evaluations: Int
    /// Runs of tangent-linear and adjoint within conjugate gradients.
    public internal(set) var products = 0
    /// Whether the gradient fell to the tolerance; false where iterations ran out or no lower point was found.
    public internal(set) var isConverged = false

    /// J at the minimum.
    public var minimum: Double { history[history.count - 1].total }

    /// 2 J(min) / p, near one where B and R are what the errors are: 2 J(min) has the distribution of chi-square with p degrees of freedom
    /// (Talagrand 1999).
    public func chiSquare(observations: Int) -> Double { 2 * minimum / Double(observations) }

    mutating func note(_ evaluation: Evaluation) {
        let background = 0.5 * inner(control, control)
        history.append(
            .init(
                background: background, observations: evaluation.value - background, gradientNorm: norm(evaluation.gradient),
                runs: evaluations + products))
    }

    /// Whether the gradient has fallen to this share of the background's.
    func hasReached(_ tolerance: Double) -> Bool { history[history.count - 1].gradientNorm <= tolerance * history[0].gradientNorm }
}

extension WindowCost {
    /// The minimum by L-BFGS.
    ///
    /// - Parameter tolerance: of the gradient's norm, relative to that at the background.
    /// - Throws: what the model throws at the background; where it fails at a trial, the step is taken for too long.
    public func minimised(_ settings: LBFGS.Settings, maximumIterations: Int, tolerance: Double) throws -> Minimisation {
        var (optimiser, start) = try (LBFGS(settings), begin())
        while start.minimisation.history.count <= maximumIterations, !start.minimisation.hasReached(tolerance) {
            let from = start.minimisation.control
            let outcome = try optimiser.step(
                { step in
                    // The optimiser asks for the point itself once; it is known.
                    try step.allSatisfy { $0 == 0 } ? start.evaluation : trial(zip(from, step).map(+))
                }, parameterCount: controlSize)
            start.minimisation.evaluations += outcome.report.evaluations
            guard outcome.report.length > 0, let end = optimiser.current else { break }
            add(1, outcome.step, to: &start.minimisation.control)
            start.evaluation = end
            start.minimisation.note(end)
        }
        // The first of the optimiser's evaluations was ours.
        if start.minimisation.history.count > 1 { start.minimisation.evaluations -= 1 }
        start.minimisation.isConverged = start.minimisation.hasReached(tolerance)
        return start.minimisation
    }

    /// J at the background.
    fileprivate func begin() throws -> (minimisation: Minimisation, evaluation: Evaluation) {
        let control = [Double](repeating: 0, count: controlSize)
        let evaluation = try evaluate(control).evaluation
        var minimisation = Minimisation(control: control, history: [], evaluations: 1)
        minimisation.note(evaluation)
        guard evaluation.value.isFinite, minimisation.history[0].gradientNorm.isFinite else {
            throw SeicheError(
                .model, "the cost of the background is \(evaluation.value)",
                why: "the forecast from it leaves the numbers' range within the window", remedy: "shorten the window, or look at the background")
        }
        return (minimisation, evaluation)
    }

    /// J at a trial, infinite where the model fails.
    fileprivate func trial(_ control: [Double]) throws -> Evaluation {
        do {
            return try evaluate(control).evaluation
        } catch let error as SeicheError where error.category == .model || error.category == .solver {
            return Evaluation(value: .infinity, gradient: [Double](repeating: 0, count: controlSize))
        }
    }
}

extension WindowCost where Model: TangentLinearModel {
    /// The minimum by Gauss-Newton with inner conjugate gradients. Throws as the one by L-BFGS.
    public func minimised(outerLoops: Int, inner solver: ConjugateGradients, tolerance: Double) throws -> Minimisation {
        var (minimisation, here) = try begin()
        for _ in 0..<outerLoops where !minimisation.hasReached(tolerance) {
            let linearised = try LinearisedWindow(self, at: minimisation.control)
            let solution = try solver.solve(here.gradient.map { -$0 }) { direction in
                minimisation.products += 1
                return try linearised.product(direction)
            }
            let slope = inner(here.gradient, solution.x)
            var (length, next): (Double, Evaluation?) = (1, nil)
            while next == nil, length > 0x1p-12 {
                let end = try trial(zip(minimisation.control, solution.x).map { $0 + length * $1 })
                minimisation.evaluations += 1
                // Near the minimum rounding hides the decrease.
                let noise = 8 * .ulpOfOne * abs(here.value)
                if end.value <= here.value + 1e-4 * length * slope + noise { next = end } else { length /= 2 }
            }
            guard slope < 0, let next else { break }
            add(length, solution.x, to: &minimisation.control)
            here = next
            minimisation.note(here)
        }
        minimisation.isConverged = minimisation.hasReached(tolerance)
        return minimisation
    }

    /// The minimum by the one or the other.
    public func minimised(_ minimiser: Minimiser, tolerance: Double) throws -> Minimisation {
        switch minimiser {
        case .lbfgs(let settings, let maximumIterations): try minimised(settings, maximumIterations: maximumIterations, tolerance: tolerance)
        case .gaussNewton(let outerLoops, let inner): try minimised(outerLoops: outerLoops, inner: inner, tolerance: tolerance)
        }
    }
}
