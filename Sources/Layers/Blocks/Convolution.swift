import Tensors

/// A convolution with activation and, unless it is left out, bias, on a plane [batch, inputs, y, x] or along a line [batch, inputs, x], to as many cells with `outputs`
/// channels. Along a line with circular padding it is a layer on a ring. Lines may lie side by side (`LinesSideBySide`).
public struct Convolution: Block, Equatable {
    public let weights: ParameterLayout.Block
    /// nil where the layer says nothing of a field that is zero.
    public let bias: ParameterLayout.Block?
    /// What lies outside the field.
    public let padding: Padding
    /// Cells from one tap of the kernel to the next.
    public let dilation: Int
    public let activation: Activation

    /// Reserves the weights `name.weights`, [outputs, inputs, k, k] on a plane and [outputs, inputs, k] along a line, and unless it has none `name.bias` [outputs].
    ///
    /// - Parameters:
    ///   - axes: 2 on a plane, 1 along a line.
    ///   - kernel: k, odd.
    ///   - gain: variance of the starting weights times fan-in; 2 before rectified units (He et al. 2015), 0 for a layer
    ///     that starts by saying nothing.
    ///   - start: of the bias; zeros where nil.
    ///   - hasBias: whether there is one.
    ///   - initialiser: of the weights, in place of the gain.
    public init(
        _ name: String, axes: Int = 2, inputs: Int, outputs: Int, kernel: Int, gain: Double = 2, bias start: [Double]? = nil,
        hasBias: Bool = true, initialiser: ParameterLayout.Initialiser? = nil, padding: Padding = .zero, dilation: Int = 1,
        activation: Activation = .none, in layout: inout ParameterLayout
    ) {
        let shape = [outputs, inputs] + [Int](repeating: kernel, count: axes)
        weights = layout.reserve(
            name + ".weights", shape: shape, initialiser: initialiser ?? .normal(gain: gain, fanIn: shape.dropFirst().reduce(1, *)))
        bias = hasBias ? layout.reserve(name + ".bias", shape: [outputs], initialiser: start.map { .values($0) } ?? .zero) : nil
        self.padding = padding
        self.dilation = dilation
        self.activation = activation
    }

    public func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        let bias = bias.map { weights[$0] } ?? Field(constant: Tensor(shape: [self.weights.shape[0]], repeating: 0))
        if self.weights.shape.count == 3 && x.shape.count == 4 {
            return x.convolvedAlongLines(
                with: weights[self.weights], bias: bias, padding: padding, dilation: dilation, activation: activation)
        }
        return x.convolved(with: weights[self.weights], bias: bias, padding: padding, dilation: dilation, activation: activation)
    }
}
