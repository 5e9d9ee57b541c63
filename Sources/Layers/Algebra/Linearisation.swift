import Tensors

/// A computation at one input and one set of weights: its value, and its Jacobian applied from either side, any number of times.
///
/// A tangent costs about one run of the computation; a pullback about one by the input alone, two by input and parameters. Systems that
/// were solved keep their factorisation. All fields of the computation are kept as long as this lives. Safe to share between threads; what comes
/// out does not depend on how many there are.
public struct Linearisation<Scalar: TensorScalar>: Sendable {
    /// Cotangents of input and parameters; `.zero` where not asked for, or where nothing depends on them.
    public struct Gradient: Equatable, Sendable {
        public var input: Tensor<Scalar>
        /// One vector in the order of the `ParameterLayout`.
        public var parameters: Tensor<Scalar>

        public init(input: Tensor<Scalar>, parameters: Tensor<Scalar>) {
            self.input = input
            self.parameters = parameters
        }
    }

    /// What to differentiate by.
    public enum Variables: Sendable { case input, parameters, both }

    public let value: Tensor<Scalar>
    private let nodes: [Recording<Scalar>.Node]
    /// The node of the value; nil where it is a constant.
    private let result: Int?
    private let parameterCount: Int
    private let inputShape: [Int]
    /// For each node the last one that uses it: there its tangent is let go.
    private let lastUse: [Int]

    /// Runs `body` and records it.
    ///
    /// - Parameters:
    ///   - parameters: one vector.
    ///   - input: any shape that the body takes.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public init(
        parameters: Tensor<Scalar>, input: Tensor<Scalar>,
        of body: (_ input: RecordedField<Scalar>, _ weights: Weights<RecordedField<Scalar>>) -> RecordedField<Scalar>
    ) {
        let recording = Recording(parameters: parameters)
        let output = body(recording.input(input), Weights { recording.weights($0) })
        value = output.primal
        nodes = recording.takeNodes()
        result = output.source?.node
        parameterCount = parameters.count
        inputShape = input.shape
        var lastUse = Array(nodes.indices)
        for (k, node) in nodes.enumerated() {
            if case .operation(_, let inputs) = node.origin { for used in inputs { if let used { lastUse[used] = k } } }
        }
        if let result { lastUse[result] = nodes.count }
        self.lastUse = lastUse
    }

    /// J v: the derivative of the value along a direction of input and parameters, either of which may be `.zero`.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public func tangent(input: Tensor<Scalar> = .zero, parameters: Tensor<Scalar> = .zero) -> Tensor<Scalar> {
        check(input, "direction of the input", inputShape)
        check(parameters, "direction of the parameters", [parameterCount])
        guard let result else { return .zero }
        var tangents = [Tensor<Scalar>](repeating: .zero, count: result + 1)
        for k in 0...result {
            switch nodes[k].origin {
            case .input: tangents[k] = input
            case .weights(let range, let shape): if !parameters.isSymbolicZero { tangents[k] = parameters.block(range, shape: shape) }
            case .operation(let operation, let inputs):
                let directions = inputs.map { $0.map { tangents[$0] } ?? .zero }
                if directions.contains(where: { !$0.isSymbolicZero }) { tangents[k] = operation.tangent(directions) }
                for used in inputs { if let used, lastUse[used] == k { tangents[used] = .zero } }
            case .passed: preconditionFailure("a linearisation keeps its fields")
            }
        }
        return tangents[result]
    }

    /// J^T w: the gradient of <w, value>.
    ///
    /// - Parameters:
    ///   - cotangent: w, of the value's shape, or `.zero`.
    ///   - variables: what to differentiate by; less is cheaper.
    public func pullback(_ cotangent: Tensor<Scalar>, by variables: Variables = .both) -> Gradient {
        check(cotangent, "cotangent", value.shape)
        var pass = ReversePass(nodes, result: result, parameterCount: parameterCount)
        return pass.gradient(cotangent, by: variables, isLast: false)
    }

    /// The gradient of a function of the value, for whoever needs nothing else: each field of the computation is let go when the reverse pass has
    /// left it.
    ///
    /// - Parameters:
    ///   - variables: what to differentiate by.
    ///   - body: as of `init`.
    ///   - cotangent: gets the value, gives the function's derivative by it.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public static func gradient(
        parameters: Tensor<Scalar>, input: Tensor<Scalar>, by variables: Variables = .both,
        of body: (_ input: RecordedField<Scalar>, _ weights: Weights<RecordedField<Scalar>>) -> RecordedField<Scalar>,
        cotangent: (_ value: Tensor<Scalar>) -> Tensor<Scalar>
    ) -> Gradient {
        let recording = Recording(parameters: parameters)
        let output = body(recording.input(input), Weights { recording.weights($0) })
        let cotangent = cotangent(output.primal)
        precondition(
            cotangent.isSymbolicZero || cotangent.shape == output.shape, "a cotangent of shape \(cotangent.shape), expected \(output.shape)")
        var pass = ReversePass(recording.takeNodes(), result: output.source?.node, parameterCount: parameters.count)
        return pass.gradient(cotangent, by: variables, isLast: true)
    }

    private func check(_ tensor: Tensor<Scalar>, _ name: String, _ shape: [Int]) {
        precondition(tensor.isSymbolicZero || tensor.shape == shape, "a \(name) of shape \(tensor.shape), expected \(shape)")
    }
}
