import Basics
import Tensors
import _Differentiation

/// Values and gradients of every operation that PyTorch has too, on normal random numbers, in both precisions, for
/// benchmarks/peers/agreement.py to compute again.
func writeAgreement(to path: String) throws {
    var folder = try NumpyFolder(path)
    for operation in agreementOperations {
        try operation.write(Double.self, to: &folder)
        try operation.write(Float.self, to: &folder)
    }
    try folder.finish()
    print("\(2 * agreementOperations.count) cases in \(path)")
}

/// One operation with its options, at inputs of given shapes.
private struct AgreementCase {
    let name: String
    let operation: String
    let inputs: [(name: String, shape: [Int])]
    /// As JSON.
    let options: [(String, String)]
    let call: any AgreementCall

    func write<Scalar: TensorScalar>(_: Scalar.Type, to folder: inout NumpyFolder) throws {
        let full = "\(name)-\(Scalar.self)"
        var stream = RandomStream(seed: 1, purpose: "agreement of \(name)", index: 0)
        func normals(_ shape: [Int]) -> Tensor<Scalar> { Tensor(shape: shape, scalars: stream.normals(shape.reduce(1, *)).map { Scalar($0) }) }
        let given = inputs.map { normals($0.shape) }
        let (y, pullback) = call.linearised(given)
        let cotangent = normals(y.shape)
        let gradients = pullback(cotangent)
        for (input, (value, gradient)) in zip(inputs, zip(given, gradients)) {
            try folder.write(value, input.name, of: full)
            try folder.write(gradient, "by_\(input.name)", of: full)
        }
        try folder.write(y, "y", of: full)
        try folder.write(cotangent, "cotangent", of: full)
        folder.add(full, operation, inputs: inputs.map(\.name), options: options)
    }
}

/// An operation in any precision: its value and the pullback to all its inputs.
private protocol AgreementCall: Sendable {
    func linearised<Scalar: TensorScalar>(_ x: [Tensor<Scalar>]) -> (Tensor<Scalar>, (Tensor<Scalar>) -> [Tensor<Scalar>])
}

private struct Convolution: AgreementCall {
    let padding: Padding
    let stride: Int
    let dilation: Int
    let activation: Activation
    /// Of a transposed convolution.
    let extents: [Int]?

    func linearised<Scalar: TensorScalar>(_ x: [Tensor<Scalar>]) -> (Tensor<Scalar>, (Tensor<Scalar>) -> [Tensor<Scalar>]) {
        let (y, pullback) = valueWithPullback(at: x[0], x[1], x[2]) { x, weights, bias in
            if let extents {
                x.transposeConvolved(
                    to: extents, with: weights, bias: bias, padding: padding, stride: stride, dilation: dilation, activation: activation)
            } else {
                x.convolved(with: weights, bias: bias, padding: padding, stride: stride, dilation: dilation, activation: activation)
            }
        }
        return (y, { g in let (a, b, c) = pullback(g); return [a, b, c] })
    }
}

private struct Dense: AgreementCall {
    let activation: Activation

    func linearised<Scalar: TensorScalar>(_ x: [Tensor<Scalar>]) -> (Tensor<Scalar>, (Tensor<Scalar>) -> [Tensor<Scalar>]) {
        let (y, pullback) = valueWithPullback(at: x[0], x[1], x[2]) { $0.dense(with: $1, bias: $2, activation: activation) }
        return (y, { g in let (a, b, c) = pullback(g); return [a, b, c] })
    }
}

private struct Normalisation: AgreementCall {
    /// Of the layer normalisation none.
    let groups: Int?

    func linearised<Scalar: TensorScalar>(_ x: [Tensor<Scalar>]) -> (Tensor<Scalar>, (Tensor<Scalar>) -> [Tensor<Scalar>]) {
        let (y, pullback) = valueWithPullback(at: x[0], x[1], x[2]) { x, scale, shift in
            if let groups { x.groupNormalised(groups: groups, scale: scale, shift: shift) } else { x.layerNormalised(scale: scale, shift: shift) }
        }
        return (y, { g in let (a, b, c) = pullback(g); return [a, b, c] })
    }
}

/// Operations of a field alone.
private enum OfField: AgreementCall {
    case averagePooling, maximumPooling
    case upsampling(Upsampling, [Int], Padding)
    case activation(Activation)

    func linearised<Scalar: TensorScalar>(_ x: [Tensor<Scalar>]) -> (Tensor<Scalar>, (Tensor<Scalar>) -> [Tensor<Scalar>]) {
        let (y, pullback) =
            switch self {
            case .averagePooling: valueWithPullback(at: x[0]) { $0.averagePooled() }
            case .maximumPooling: valueWithPullback(at: x[0]) { $0.maximumPooled() }
            case .upsampling(let method, let extents, let edges):
                valueWithPullback(at: x[0]) { $0.upsampled(to: extents, by: method, edges: edges) }
            case .activation(let activation): valueWithPullback(at: x[0]) { $0.activated(by: activation) }
            }
        return (y, { [pullback($0)] })
    }
}

private func quoted(_ text: String) -> String { "\"\(text)\"" }

private let agreementOperations: [AgreementCase] = {
    var cases: [AgreementCase] = []
    // PyTorch has no squareplus.
    let activations = Activation.allCases.filter { $0 != .none && $0 != .squareplus }

    func list(_ numbers: [Int]) -> String { "[" + numbers.map { String($0) }.joined(separator: ", ") + "]" }
    func size(_ numbers: [Int]) -> String { numbers.map { String($0) }.joined(separator: "x") }
    /// A convolution of a field of `extents`, or a transposed one to it.
    func convolution(
        _ kernel: [Int], _ extents: [Int], _ padding: Padding, stride: Int = 1, dilation: Int = 1, activation: Activation = .none,
        isTransposed: Bool = false
    ) {
        let (inputs, outputs, batch) = (3, 5, 2)
        let operation = isTransposed ? "transposed_convolution" : "convolution"
        let words = [
            operation, size(kernel), size(extents), padding.rawValue, "stride\(stride)", "dilation\(dilation)", activation.rawValue,
        ]
        let coarse = extents.map { ($0 + stride - 1) / stride }
        cases.append(
            AgreementCase(
                name: words.joined(separator: "-"), operation: operation,
                inputs: [
                    ("x", [batch, inputs] + (isTransposed ? coarse : extents)),
                    ("weights", (isTransposed ? [inputs, outputs] : [outputs, inputs]) + kernel), ("bias", [outputs]),
                ],
                options: [
                    ("padding", quoted(padding.rawValue)), ("stride", "\(stride)"), ("dilation", "\(dilation)"),
                    ("activation", quoted(activation.rawValue)), ("extents", list(extents)),
                ],
                call: Convolution(
                    padding: padding, stride: stride, dilation: dilation, activation: activation, extents: isTransposed ? extents : nil)))
    }
    for padding in Padding.allCases {
        for kernel in [1, 3, 5] {
            convolution([kernel, kernel], [11, 20], padding)
            convolution([kernel], [40], padding)
        }
        convolution([3, 3], [11, 20], padding, dilation: 2)
        convolution([5, 5], [13, 17], padding, dilation: 3)
        convolution([3, 5], [11, 20], padding)
        convolution([3], [40], padding, dilation: 4)
        for isTransposed in [false, true] {
            for kernel in [1, 2, 3, 4, 5] {
                convolution([kernel, kernel], [11, 20], padding, stride: 2, isTransposed: isTransposed)
                convolution([kernel], [40], padding, stride: 2, isTransposed: isTransposed)
            }
            convolution([3, 5], [12, 19], padding, stride: 3, isTransposed: isTransposed)
            convolution([3, 3], [11, 20], padding, stride: 2, dilation: 2, activation: .gelu, isTransposed: isTransposed)
        }
    }
    for activation in activations {
        convolution([3, 3], [11, 20], .zero, activation: activation)
        for (name, shape) in [("field", [2, 3, 7, 9]), ("features", [4, 33])] {
            cases.append(
                AgreementCase(
                    name: "\(activation.rawValue)-\(name)", operation: "activation", inputs: [("x", shape)],
                    options: [("activation", quoted(activation.rawValue))], call: OfField.activation(activation)))
        }
    }
    for activation in [Activation.none, .tanh, .gelu] {
        cases.append(
            AgreementCase(
                name: "dense-\(activation.rawValue)", operation: "dense", inputs: [("x", [6, 40]), ("weights", [23, 40]), ("bias", [23])],
                options: [("activation", quoted(activation.rawValue))], call: Dense(activation: activation)))
    }
    for extents in [[8, 12], [7, 11], [16], [15]] {
        let (shape, size) = ([2, 3] + extents, size(extents))
        for (operation, call) in [("average_pooling", OfField.averagePooling), ("maximum_pooling", .maximumPooling)] {
            cases.append(AgreementCase(name: "\(operation)-\(size)", operation: operation, inputs: [("x", shape)], options: [], call: call))
        }
        for (method, edges) in [(Upsampling.nearest, Padding.replicate), (.bilinear, .replicate), (.bilinear, .circular), (.bilinear, .zero)] {
            cases.append(
                AgreementCase(
                    name: "upsampling-\(method.rawValue)-\(edges.rawValue)-\(size)", operation: "upsampling",
                    inputs: [("x", [2, 3] + extents.map { ($0 + 1) / 2 })],
                    options: [("method", quoted(method.rawValue)), ("edges", quoted(edges.rawValue)), ("extents", list(extents))],
                    call: OfField.upsampling(method, extents, edges)))
        }
    }
    for (name, shape) in [("field", [2, 6, 7, 9]), ("line", [2, 6, 20]), ("features", [5, 24])] {
        let inputs = [("x", shape), ("scale", [shape[1]]), ("shift", [shape[1]])]
        for groups in [1, 2, 3] {
            cases.append(
                AgreementCase(
                    name: "group_norm-\(name)-\(groups)", operation: "group_norm", inputs: inputs, options: [("groups", "\(groups)")],
                    call: Normalisation(groups: groups)))
        }
    }
    // Of fields PyTorch's layer normalisation scales every cell apart, ours every channel.
    cases.append(
        AgreementCase(
            name: "layer_norm-features", operation: "layer_norm", inputs: [("x", [5, 24]), ("scale", [24]), ("shift", [24])], options: [],
            call: Normalisation(groups: nil)))
    return cases
}()
