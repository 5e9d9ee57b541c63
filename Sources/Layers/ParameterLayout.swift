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
        /// As many rows as there are gains, row r normal with variance `gains[r]` / fan-in.
        case normalRows(gains: [Double], fanIn: Int)
        /// Uniform between -bound and bound.
        case uniform(bound: Double)
        /// One number throughout.
        case constant(Double)
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
        let size = shape.reduce(1, *)
        if case .values(let given) = initialiser { precondition(given.count == size, "\(given.count) starting values for the \(size) of \(name)") }
        if case .normalRows(let gains, _) = initialiser { precondition(gains.count == shape.first, "\(gains.count) gains for the rows of \(name), \(shape)") }
        let block = Block(name: name, shape: shape, range: count..<count + size, initialiser: initialiser)
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
                let deviation = (gain / Double(fanIn)).squareRoot()
                var stream = RandomStream(seed: seed, purpose: "weights " + block.name)
                values += stream.normals(block.range.count).map { $0 * deviation }
            case .normalRows(let gains, let fanIn):
                let (row, deviations) = (block.range.count / gains.count, gains.map { ($0 / Double(fanIn)).squareRoot() })
                var stream = RandomStream(seed: seed, purpose: "weights " + block.name)
                values += stream.normals(block.range.count).enumerated().map { $1 * deviations[$0 / row] }
            case .uniform(let bound):
                var stream = RandomStream(seed: seed, purpose: "weights " + block.name)
                values += block.range.map { _ in stream.uniform(in: -bound...bound) }
            case .constant(let value):
                values += [Double](repeating: value, count: block.range.count)
            }
        }
        return Tensor(shape: [count], scalars: values)
    }
}
