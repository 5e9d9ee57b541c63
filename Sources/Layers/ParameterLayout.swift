import Basics
import Tensors

/// Where every weight of a network sits in one flat parameter vector: stable names, shapes and ranges.
///
/// Layers are descriptions that hold no weights. A network is applied to a parameter vector and a field, its gradient is a vector
/// of the same length, and optimisers, checkpoints and second-order methods need to know nothing else.
public struct ParameterLayout: Equatable, Sendable {
    /// How a block of weights starts.
    public enum Initialiser: Equatable, Sendable {
        /// Normal with variance `gain` / fan-in.
        case normal(gain: Double, fanIn: Int)
        /// As given, one value per weight.
        case values([Double])
    }

    public struct Block: Equatable, Sendable {
        public let name: String
        public let shape: [Int]
        public let range: Range<Int>
        public let initialiser: Initialiser
    }

    public private(set) var blocks: [Block] = []

    public init() {}

    /// Number of parameters.
    public var count: Int { blocks.last?.range.upperBound ?? 0 }

    /// Reserves the next `shape` values under `name`, which must be new.
    public mutating func reserve(_ name: String, shape: [Int], initialiser: Initialiser) -> Block {
        precondition(!blocks.contains { $0.name == name }, "two parameter blocks are called \(name)")
        let block = Block(name: name, shape: shape, range: count..<count + shape.reduce(1, *), initialiser: initialiser)
        blocks.append(block)
        return block
    }

    /// Starting values: every block has a stream of its own, so that adding one does not change the others.
    public func initialParameters(seed: UInt64) -> Tensor<Double> {
        var values: [Double] = []
        for block in blocks {
            switch block.initialiser {
            case .values(let given):
                values += given
            case .normal(let gain, let fanIn):
                values += Self.normals(block, variance: gain / Double(fanIn), seed: seed)
            }
        }
        return Tensor(shape: [count], scalars: values)
    }

    private static func normals(_ block: Block, variance: Double, seed: UInt64) -> [Double] {
        var stream = RandomStream(seed: seed, purpose: "weights " + block.name)
        return stream.normals(block.range.count).map { $0 * variance.squareRoot() }
    }
}
