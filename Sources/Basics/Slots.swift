import Synchronization

/// Results of concurrent work, one slot per index, read in order when all is done.
public final class Slots<Value: Sendable>: Sendable {
    private let storage: Mutex<[Value?]>

    public init(_ count: Int) { storage = Mutex([Value?](repeating: nil, count: count)) }

    public func set(_ index: Int, _ value: Value) { storage.withLock { $0[index] = value } }

    /// The values that were set, in the order of their indices.
    public var values: [Value] { storage.withLock { $0.compactMap(\.self) } }
}
