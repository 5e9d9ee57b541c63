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
    public let convolutions: [Convolution2D]
    public let last: Convolution2D

    /// Reserves `name.k` for the stages, k from 0, and `name.last`.
    ///
    /// - Parameters:
    ///   - kernel: of the stages' convolutions, odd.
    ///   - gain: of the last convolution, 0 for a net that starts by saying nothing.
    public init(
        _ name: String, inputs: Int, outputs: Int, stages: [Stage] = published, kernel: Int = 3, gain: Double = 1, in layout: inout ParameterLayout
    ) {
        var channels = inputs
        var convolutions: [Convolution2D] = []
        for (k, stage) in stages.enumerated() {
            convolutions.append(
                Convolution2D("\(name).\(k)", inputs: channels, outputs: stage.linear + 2 * stage.products, kernel: kernel, in: &layout))
            channels = stage.linear + stage.products
        }
        self.stages = stages
        self.convolutions = convolutions
        last = Convolution2D("\(name).last", inputs: channels, outputs: outputs, kernel: 1, gain: gain, in: &layout)
    }

    public func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        var x = x
        for (stage, convolution) in zip(stages, convolutions) { x = convolution(x, weights).rectified().pairwiseProducts(stage.products) }
        return last(x, weights)
    }
}
