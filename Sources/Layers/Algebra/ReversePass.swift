import Tensors

/// The nodes of a recording, walked backwards.
struct ReversePass<Scalar: TensorScalar> {
    private var nodes: [Recording<Scalar>.Node]
    /// The node of the value; nil where it is a constant.
    private let result: Int?
    private let parameterCount: Int

    init(_ nodes: [Recording<Scalar>.Node], result: Int?, parameterCount: Int) {
        self.nodes = nodes
        self.result = result
        self.parameterCount = parameterCount
    }

    /// J^T w, where `isLast` leaving behind no field that it has passed.
    ///
    /// - Parameter isLast: whether nobody needs the nodes any more.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    mutating func gradient(
        _ cotangent: Tensor<Scalar>, by variables: Linearisation<Scalar>.Variables, isLast: Bool
    ) -> Linearisation<Scalar>.Gradient {
        var gradient = Linearisation<Scalar>.Gradient(input: .zero, parameters: .zero)
        let roots: Recording<Scalar>.Roots = switch variables {
        case .input: .input
        case .parameters: .parameters
        case .both: [.input, .parameters]
        }
        guard let result, !cotangent.isSymbolicZero else { return gradient }
        var cotangents = [Tensor<Scalar>](repeating: .zero, count: result + 1)
        cotangents[result] = cotangent
        // In place of many vectors of all parameters, each zero but for one block.
        var parameters = Tensor<Scalar>(shape: [roots.contains(.parameters) ? parameterCount : 0], repeating: 0)
        for k in (0...result).reversed() {
            if !cotangents[k].isSymbolicZero && !nodes[k].roots.isDisjoint(with: roots) {
                let own = cotangents[k]
                cotangents[k] = .zero
                switch nodes[k].origin {
                case .input: gradient.input = own
                case .weights(let range, _): parameters.set(range, to: own)
                case .operation(let operation, let inputs): spread(own, operation, inputs, roots, &cotangents)
                case .passed: preconditionFailure("a recording's fields were let go before its last reverse pass")
                }
            }
            if isLast { nodes[k].origin = .passed }
        }
        if roots.contains(.parameters) { gradient.parameters = parameters }
        return gradient
    }

    /// Adds what an operation says of its cotangent to those of its inputs.
    @inline(__always)
    private func spread(
        _ own: Tensor<Scalar>, _ operation: LinearisedOperation<Scalar>, _ inputs: [Int?], _ roots: Recording<Scalar>.Roots,
        _ cotangents: inout [Tensor<Scalar>]
    ) {
        var wanted: [Bool] = []
        wanted.reserveCapacity(inputs.count)
        for input in inputs { wanted.append(input.map { !nodes[$0].roots.isDisjoint(with: roots) } ?? false) }
        if let add = operation.addAdjoint {
            if wanted[0], let node = inputs[0] { add(own, &cotangents[node]) }
            return
        }
        let parts = operation.adjoint(own, wanted)
        for (k, part) in parts.enumerated() where wanted[k] {
            if let node = inputs[k] { cotangents[node] += part }
        }
    }
}
