import Tensors

/// The talk's bilinear convolution net: rectified convolutions, channels of which are then multiplied in pairs, and a 1 x 1 convolution at the end.
///
/// Products let a network of few layers say what the equations say, such as the depth times a velocity.
public struct BilinearConvolutionNet: Block {
    /// Channels that a rectified convolution gives: `linear` that pass unchanged, and two factors for each of `products`.
    public struct Stage: Equatable, Sendable {
        public let linear: Int
        public let products: Int

        public init(linear: Int, products: Int) {
            self.linear = linear
            self.products = products
        }
    }

    /// As published: 32, then 16 + 8 x 8, then 8 x 8 channels.
    public static let published = [Stage(linear: 32, products: 0), Stage(linear: 16, products: 8), Stage(linear: 0, products: 8)]

    public let stages: [Stage]
    public let convolutions: [Convolution]
    public let last: Convolution

    /// Reserves `name.k` for the stages, k from 0, and `name.last`.
    ///
    /// - Parameters:
    ///   - axes: 2 on a plane, 1 along a line.
    ///   - kernel: of the stages' convolutions, odd.
    ///   - start: of the stages' convolutions.
    ///   - padding: what they see outside the field.
    ///   - gains: of the last convolution's outputs, 0 for one that starts by saying nothing; 1 where nil.
    ///   - bias: where its bias starts; zeros where nil.
    public init(
        _ name: String, axes: Int = 2, inputs: Int, outputs: Int, stages: [Stage] = published, kernel: Int = 3,
        start: RectifiedStart = .he, padding: Padding = .zero, gains: [Double]? = nil, bias: [Double]? = nil, in layout: inout ParameterLayout
    ) {
        var channels = inputs
        var convolutions: [Convolution] = []
        for (k, stage) in stages.enumerated() {
            let outputs = stage.linear + 2 * stage.products
            convolutions.append(
                Convolution(
                    "\(name).\(k)", axes: axes, inputs: channels, outputs: outputs, kernel: kernel, gain: start.gain,
                    bias: [Double](repeating: start.offset, count: outputs), padding: padding, activation: .rectifier, in: &layout))
            channels = stage.linear + stage.products
        }
        self.stages = stages
        self.convolutions = convolutions
        last = Convolution(
            "\(name).last", axes: axes, inputs: channels, outputs: outputs, kernel: 1, gain: 1, bias: bias,
            initialiser: gains.map { .normalRows(gains: $0, fanIn: channels) }, in: &layout)
    }

    public func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        var x = x
        for (stage, convolution) in zip(stages, convolutions) { x = convolution(x, weights).pairwiseProducts(stage.products) }
        return last(x, weights)
    }
}
