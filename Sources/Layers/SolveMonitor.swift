import StencilSolvers
import Synchronization

/// Collects the reports of a layer's solves, forward and backward, so that no failure passes unseen.
///
/// Differentiable functions cannot throw: the layer records here, and whoever drives it (a training step, a forecast)
/// looks at the `failure` of `drain()` before it uses the result. Safe to share between threads.
public final class SolveMonitor: Sendable {
    public enum Direction: String, Sendable { case forward, backward }

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

    public struct Record: Sendable {
        public var forward = Summary()
        public var backward = Summary()
        /// The first solve that did not converge, if any.
        public var failure: (direction: Direction, report: SolveReport)?
    }

    private let record = Mutex(Record())

    public init() {}

    func add(_ report: SolveReport, _ direction: Direction) {
        record.withLock { record in
            switch direction {
            case .forward: record.forward.add(report)
            case .backward: record.backward.add(report)
            }
            if !report.isConverged, record.failure == nil { record.failure = (direction, report) }
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
