import Tensors

/// A quadratic map of neighbourhoods: convolutions, pairs of which are multiplied, one that is not, and a sum of them with weights.
///
/// Advection and other products of neighbouring values are among the functions it can be, exactly: one product for each such term.
public struct BilinearConvolution: Block, Equatable {
    public let products: Int
    /// Two factors for each product, then the linear part.
    public let local: Convolution
    public let sum: Convolution

    /// Reserves `name.local` for the convolutions and `name.sum` for the weights of products and linear part.
    ///
    /// - Parameters:
    ///   - axes: 2 on a plane, 1 along a line.
    ///   - channels: of input and output.
    ///   - products: for the input as a whole.
    ///   - kernel: odd.
    ///   - gain: of the sum's starting weights; 0 for a map that starts by saying nothing.
    public init(
        _ name: String, axes: Int = 2, channels: Int, products: Int, kernel: Int, gain: Double = 1, padding: Padding = .zero,
        in layout: inout ParameterLayout
    ) {
        self.products = products
        local = Convolution(
            name + ".local", axes: axes, inputs: channels, outputs: 2 * products + channels, kernel: kernel, gain: 1, padding: padding, in: &layout)
        sum = Convolution(name + ".sum", axes: axes, inputs: products + channels, outputs: channels, kernel: 1, gain: gain, in: &layout)
    }

    public func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        sum(local(x, weights).pairwiseProducts(products), weights)
    }
}
