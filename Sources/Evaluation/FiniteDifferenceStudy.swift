import Basics
import Dynamics

/// A Jacobian-vector product by central finite differences at several step sizes, and the size at which to believe it.
///
/// Too large a size shows curvature, of order e^2, too small a one rounding and solver tolerance, of order 1/e. In between the
/// estimate changes least from one size to the next. A size's error is estimated as the larger of its changes to its two
/// neighbours: with sizes a factor r apart that is the error times some r^2 where curvature leads and some r where rounding
/// does, so an estimate to the safe side. The largest and the smallest size have one neighbour and are not chosen.
public struct FiniteDifferenceStudy: Equatable, Sendable {
    /// The figures at one size.
    public struct Row: Equatable, Sendable {
        /// e in (M(x + e d) - M(x - e d)) / 2e.
        public let size: Double
        /// Euclidean norm of the estimate; not a number where the model failed.
        public let norm: Double
        /// Estimated |estimate - derivative|, Euclidean; infinite for the first and the last size, and at and beside a size at which
        /// the model failed or a hundredth of the direction was lost in rounding x + e d.
        public fileprivate(set) var error: Double
        /// What the model threw at x + e d or x - e d.
        public let failure: SeicheError?
    }

    /// One row per size, from the largest to the smallest.
    public let rows: [Row]
    /// Place of the chosen size in `rows`: the smallest estimated error.
    public let chosen: Int
    /// The estimate at the chosen size, as a flat vector.
    public let derivative: [Double]

    /// The chosen e.
    public var size: Double { rows[chosen].size }
    /// Estimated |derivative - exact|, Euclidean, to the safe side.
    public var error: Double { rows[chosen].error }
    /// `error` over |derivative|; not a number where both are zero.
    public var relativeError: Double { rows[chosen].error / rows[chosen].norm }
}

extension DynamicalModel {
    /// The derivative of `steps` steps at `state` along `direction`, by central differences at each of `sizes`.
    ///
    /// - Parameters:
    ///   - direction: as many values as the state's vector, not all zero, in its units.
    ///   - firstStep: the state's number in its run, for models whose steps depend on time.
    ///   - sizes: three or more different ones, in any order; by default 19 from 10^-1 down to 10^-10, half a decade apart, times the
    ///     state's largest value over the direction's (1 for a state of zeros). Give them where a state's fields differ in size.
    ///
    /// The model may fail at some sizes, as a wave of large amplitude dries a shallow cell. Throws `SeicheError`: the first failure
    /// where three neighbouring sizes nowhere succeeded, invalidInput for a direction or sizes that cannot be used.
    public func finiteDifferenceStudy(
        at state: State, along direction: [Double], steps: Int = 1, firstStep: Int? = nil, sizes: [Double]? = nil
    ) throws -> FiniteDifferenceStudy {
        guard let largest = direction.map({ abs($0) }).max(), largest > 0, largest.isFinite else {
            throw SeicheError(
                .invalidInput, "the direction of a finite difference is zero everywhere or not finite",
                remedy: "give one that changes the state")
        }
        let magnitude = state.vector.reduce(0) { max($0, abs($1)) }
        let scale = (magnitude > 0 ? magnitude : 1) / largest
        let sizes = (sizes ?? (2...20).map { scale * power(10, -Double($0) / 2) }).sorted(by: >)
        try checkFiniteDifference(at: state, along: direction, sizes: sizes, steps: steps)
        guard sizes.count >= 3, zip(sizes, sizes.dropFirst()).allSatisfy({ $0 > $1 }) else {
            throw SeicheError(
                .invalidInput, "the sizes of a step study are \(sizes)", why: "each is judged by its two neighbours",
                remedy: "give three or more different ones")
        }

        var rows: [FiniteDifferenceStudy.Row] = []
        var best: (place: Int, estimate: [Double])?
        // The estimates at the two sizes before: no more than three are needed at a time.
        var (older, old): ([Double]?, [Double]?) = (nil, nil)
        for (place, size) in sizes.enumerated() {
            var (estimate, failure): ([Double]?, SeicheError?) = (nil, nil)
            do {
                estimate = try finiteDifference(at: state, along: direction, size: size, steps: steps, firstStep: firstStep)
            } catch let error as SeicheError {
                failure = error
            }
            rows.append(.init(size: size, norm: estimate.map(euclideanNorm) ?? .nan, error: .infinity, failure: failure))
            let isUsable = rows[place].norm.isFinite && lostFraction(of: direction, size: size, at: state.vector) < 0.01
            let current = isUsable ? estimate : nil
            if let older, let old, let current {
                let error = max(distance(older, old), distance(old, current))
                rows[place - 1].error = error
                if best.map({ error < rows[$0.place].error }) ?? true { best = (place - 1, old) }
            }
            (older, old) = (old, current)
        }
        guard let best else {
            throw rows.lazy.compactMap(\.failure).first ?? SeicheError(
                .invalidInput, "no three neighbouring sizes from \(sizes[0]) to \(sizes[sizes.count - 1]) gave a finite difference",
                why: "the perturbation may be lost in rounding, or its result may not be finite", remedy: "give other sizes")
        }
        return FiniteDifferenceStudy(rows: rows, chosen: best.place, derivative: best.estimate)
    }
}

/// |((x + e d) - (x - e d)) / 2e - d| / |d|: 1 where all of e d is lost in rounding, where differences agree on a false zero.
private func lostFraction(of direction: [Double], size e: Double, at x: [Double]) -> Double {
    distance(zip(x, direction).map { (($0 + e * $1) - ($0 - e * $1)) / (2 * e) }, direction) / euclideanNorm(direction)
}

private func euclideanNorm(_ a: [Double]) -> Double { a.reduce(0) { $0 + $1 * $1 }.squareRoot() }
private func distance(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot() }
