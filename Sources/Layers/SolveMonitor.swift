import StencilSolvers
import Synchronization

/// Collects the reports of a layer's solves, forward and backward, so that no failure passes unseen.
///
/// Differentiable functions cannot throw: the layer records here, and whoever drives it (a training step, a forecast)
/// looks at the `failure` of `drain()` before it uses the result. Safe to share between threads.
public final class SolveMonitor: Sendable {
    /// Forward: with the matrix (solutions and their tangents); backward: with its transpose.
    public enum Direction: String, Hashable, Sendable { case forward, backward }

    /// Totals since the last `drain`.
    public struct Summary: Equatable, Sendable {
        public var solves = 0
        public var iterations = 0
        public var largestIterations = 0
        public var largestResidual = 0.0

        /// Mean iterations per solve; 0 where there was none.
        public var meanIterations: Double { solves == 0 ? 0 : Double(iterations) / Double(solves) }

        mutating func add(_ report: SolveReport) {
            solves += 1
            iterations += report.iterations
            largestIterations = max(largestIterations, report.iterations)
            largestResidual = max(largestResidual, report.relativeResidual)
        }
    }

    /// One solve.
    public struct Entry: Equatable, Sendable {
        public let direction: Direction
        /// The sample's place in its batch, or its number in the layer's `WarmStart`.
        public let sample: Int
        public let report: SolveReport
        /// Of backward solves for a gradient, where the matrix bounds it: see `GradientError`.
        public let gradientError: GradientError?
    }

    public struct Record: Sendable {
        public var forward = Summary()
        public var backward = Summary()
        /// The first solve that did not converge, if any.
        public var failure: (direction: Direction, report: SolveReport)?
        /// Every solve, in order within a batch; the first `SolveMonitor.longest` of them.
        public var entries: [Entry] = []
        /// The largest bounds on the relative errors of gradients by the coefficients and by b; nil where no gradient has one.
        public var largestGradientError: GradientError?

        /// Of no solves.
        public init() {}

        mutating func add(_ entry: Entry) {
            switch entry.direction {
            case .forward: forward.add(entry.report)
            case .backward: backward.add(entry.report)
            }
            if !entry.report.isConverged, failure == nil { failure = (entry.direction, entry.report) }
            if let error = entry.gradientError { largestGradientError = largestGradientError.map { $0.maximum(error) } ?? error }
            // Without a bound a forecast that nobody drains would fill the memory.
            if entries.count < SolveMonitor.longest { entries.append(entry) }
        }
    }

    /// Solves that are kept one by one between two calls of `drain`; of later ones only the totals are.
    public static let longest = 4096

    private let record = Mutex(Record())

    public init() {}

    /// The solves of one batch together, so that those of others do not come between them.
    func add(_ entries: [Entry]) {
        record.withLock { record in
            for entry in entries { record.add(entry) }
        }
    }

    /// What was recorded since the last call; the record starts anew.
    public func drain() -> Record {
        record.withLock { record in
            defer { record = Record() }
            return record
        }
    }
}
