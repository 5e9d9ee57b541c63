import Basics
import Dynamics
import Emulators
import Tensors

/// Sequences of consecutive states of Lorenz '96 rings, numbered through: a start and the states after 1, 2, ... steps, of which only some cells
/// may have been observed.
///
/// Values that were not observed are set to zero here, whatever was given, so that nothing learned from the sequences can depend on them.
public struct RingSequences: Sendable {
    /// Steps after the start of a sequence.
    public let steps: Int
    /// Of the ring.
    public let cells: Int
    /// 1 for a value that may be learned from, else 0: those observed that depend on observed cells only, [steps, cell].
    public let mask: [Double]
    /// Normalised states, one trajectory after the other, [time, cell].
    private let trajectories: [[Double]]
    private let offsets: [Int]

    /// - Parameters:
    ///   - trajectories: states of one level, all of one ring.
    ///   - steps: after the start of a sequence, at least 1.
    ///   - observed: which cells of the ring were observed; all where nil.
    ///   - reach: cells on either side that a value depends on a step later, in the network that learns.
    ///
    /// Throws `SeicheError` (invalidInput) for trajectories that are too short, states of other shapes, and observations that no value depends on
    /// alone.
    public init(_ trajectories: [[Lorenz96State]], scales: Lorenz96Scales, steps: Int, observed: [Bool]? = nil, reach: Int) throws {
        try scales.checkUsable()
        let cells = trajectories.first?.first?.sectors ?? 0
        for states in trajectories {
            guard states.allSatisfy({ $0.sectors == cells && $0.vector.count == cells }) else {
                throw SeicheError(
                    .invalidInput, "the trajectories have states of several sizes, or of two levels",
                    remedy: "learn from trajectories of one model, of one level")
            }
        }
        guard steps >= 1, trajectories.contains(where: { $0.count > steps }) else {
            throw SeicheError(
                .invalidInput, "the trajectories hold no sequence of \(steps) steps",
                remedy: "simulate longer trajectories, or lower the steps of a sequence")
        }
        let isObserved = observed ?? [Bool](repeating: true, count: cells)
        guard isObserved.count == cells else {
            throw SeicheError(.invalidInput, "\(isObserved.count) cells are said to be observed or not, but the ring has \(cells)")
        }
        self.steps = steps
        self.cells = cells
        mask = try Self.mask(isObserved, steps: steps, reach: reach)
        self.trajectories = trajectories.map { states in
            states.flatMap { state in zip(state.vector, isObserved).map { $1 ? ($0 - scales.mean) / scales.deviation : 0 } }
        }
        var offsets = [0]
        for states in trajectories { offsets.append(offsets[offsets.count - 1] + max(0, states.count - steps)) }
        self.offsets = offsets
    }

    public var count: Int { offsets[offsets.count - 1] }

    /// How many values of a sequence may be learned from.
    public var valuesPerSequence: Int { mask.reduce(0) { $0 + Int($1) } }

    /// Starts [batch, 1, cell] and what follows, [batch, steps, cell].
    func batch(_ indices: [Int]) -> (start: Tensor<Double>, target: Tensor<Double>) {
        var (start, target): ([Double], [Double]) = ([], [])
        start.reserveCapacity(indices.count * cells)
        target.reserveCapacity(indices.count * cells * steps)
        for index in indices {
            let position = trajectory(of: index)
            let first = (index - offsets[position]) * cells
            start += trajectories[position][first..<first + cells]
            target += trajectories[position][first + cells..<first + (steps + 1) * cells]
        }
        return (
            Tensor(shape: [indices.count, 1, cells], scalars: start), Tensor(shape: [indices.count, steps, cells], scalars: target)
        )
    }

    /// The last trajectory whose first sequence is not after `index`, by bisection: there may be thousands.
    private func trajectory(of index: Int) -> Int {
        precondition(index >= 0 && index < count, "sequence \(index) of \(count)")
        var (low, high) = (0, offsets.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if offsets[middle] <= index { low = middle } else { high = middle }
        }
        return low
    }

    /// After l steps a value depends on the l * reach cells on either side of it.
    private static func mask(_ observed: [Bool], steps: Int, reach: Int) throws -> [Double] {
        let cells = observed.count
        return try (1...steps).flatMap { step -> [Double] in
            let depends = min(step * reach, cells / 2)
            let row = (0..<cells).map { cell in
                (-depends...depends).allSatisfy { observed[(cell + $0 + cells) % cells] } ? 1.0 : 0
            }
            guard row.contains(1) else {
                throw SeicheError(
                    .invalidInput, "no window of observed cells holds all that a value depends on after \(step) step(s)",
                    why: "a step of this network reaches over \(reach) cells on either side",
                    remedy: "observe windows of at least \(2 * step * reach + 1) cells, learn fewer steps, or use a network of less reach")
            }
            return row
        }
    }
}
