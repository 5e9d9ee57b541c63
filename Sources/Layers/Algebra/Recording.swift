import Tensors

/// A field of a computation that is being recorded.
public struct RecordedField<Scalar: TensorScalar>: FieldAlgebra {
    public let primal: Tensor<Scalar>
    /// Where the field comes from; nil for constants.
    let source: (recording: Recording<Scalar>, node: Int)?

    public init(constant: Tensor<Scalar>) {
        primal = constant
        source = nil
    }

    init(_ primal: Tensor<Scalar>, in recording: Recording<Scalar>, node: Int) {
        self.primal = primal
        source = (recording, node)
    }

    // A network of rings has some hundred operations of a few microseconds: code that does not know its precision would take as long as they do.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public static func applied(_ operation: FieldOperation<Scalar>, to inputs: [RecordedField]) -> RecordedField {
        var values: [Tensor<Scalar>] = []
        var nodes: [Int?] = []
        var recording: Recording<Scalar>?
        values.reserveCapacity(inputs.count)
        nodes.reserveCapacity(inputs.count)
        for input in inputs {
            values.append(input.primal)
            nodes.append(input.source?.node)
            if recording == nil { recording = input.source?.recording }
        }
        guard let recording else { return RecordedField(constant: operation.value(values)) }
        let linearised = operation.linearised(values)
        return RecordedField(linearised.value, in: recording, node: recording.add(linearised, of: nodes))
    }
}

/// The operations of one run of a body, in order: what `Linearisation` is made of.
final class Recording<Scalar: TensorScalar> {
    /// What a field depends on.
    struct Roots: OptionSet, Sendable {
        let rawValue: UInt8
        static var input: Roots { Roots(rawValue: 1) }
        static var parameters: Roots { Roots(rawValue: 2) }
    }

    enum Origin: Sendable {
        case input
        /// Elements of the parameter vector, in the shape that they are used in.
        case weights(Range<Int>, shape: [Int])
        /// Of the fields at `inputs`; nil for constants.
        case operation(LinearisedOperation<Scalar>, inputs: [Int?])
        /// Let go by the last reverse pass.
        case passed
    }

    struct Node: Sendable {
        var origin: Origin
        let roots: Roots
    }

    private(set) var nodes: [Node] = []
    private let parameters: Tensor<Scalar>
    /// Blocks of weights that were used already, by their first element: one that is used twice is one field. Not the fields themselves, which
    /// hold this recording: neither would ever be let go.
    private var blocks: [Int: (value: Tensor<Scalar>, node: Int)] = [:]

    init(parameters: Tensor<Scalar>) { self.parameters = parameters }

    func input(_ x: Tensor<Scalar>) -> RecordedField<Scalar> { RecordedField(x, in: self, node: append(.input, .input)) }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func weights(_ block: ParameterLayout.Block) -> RecordedField<Scalar> {
        let known = blocks[block.range.lowerBound]
            ?? (parameters.block(block.range, shape: block.shape), append(.weights(block.range, shape: block.shape), .parameters))
        blocks[block.range.lowerBound] = known
        return RecordedField(known.value, in: self, node: known.node)
    }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func add(_ operation: LinearisedOperation<Scalar>, of inputs: [Int?]) -> Int {
        var roots = Roots()
        for case let node? in inputs { roots.formUnion(nodes[node].roots) }
        return append(.operation(operation, inputs: inputs), roots)
    }

    /// The nodes, which this recording no longer holds.
    func takeNodes() -> [Node] {
        defer { nodes = [] }
        return nodes
    }

    private func append(_ origin: Origin, _ roots: Roots) -> Int {
        nodes.append(Node(origin: origin, roots: roots))
        return nodes.count - 1
    }
}
