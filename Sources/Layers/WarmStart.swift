import Synchronization
import Tensors

/// The last solutions of a layer's systems and of their transposes, by sample, from which the next solves start.
///
/// Where the same samples come back with systems that have changed a little (the outer iterations of 4D-Var, the epochs of a training),
/// the last solution is most of the next one. Starting from it changes results within the solver's tolerance only, and so does
/// losing it: a run that must repeat bit for bit after an interruption does without. A store belongs to one layer of a network; it keeps two
/// fields for each sample that it has seen, until `forget`. Safe to share between threads.
public final class WarmStart: Sendable {
    struct Key: Hashable {
        let sample: Int
        let direction: SolveMonitor.Direction
    }

    private let fields = Mutex<[Key: any Sendable]>([:])

    public init() {}

    /// Starts anew.
    public func forget() { fields.withLock { $0 = [:] } }

    /// Samples that have a solution of the direction.
    public func count(_ direction: SolveMonitor.Direction) -> Int { fields.withLock { $0.keys.count { $0.direction == direction } } }

    func last<Scalar: TensorScalar>(_ sample: Int, _ direction: SolveMonitor.Direction) -> [Scalar]? {
        fields.withLock { $0[Key(sample: sample, direction: direction)] as? [Scalar] }
    }

    func keep<Scalar: TensorScalar>(_ solution: [Scalar], _ sample: Int, _ direction: SolveMonitor.Direction) {
        fields.withLock { $0[Key(sample: sample, direction: direction)] = solution }
    }
}
