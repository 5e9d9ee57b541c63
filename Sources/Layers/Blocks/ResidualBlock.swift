import Tensors

/// x + inner(x): the block says only what changes (He et al. 2016).
public struct Residual<Inner: Block>: Block {
    public let inner: Inner

    public init(_ inner: Inner) { self.inner = inner }

    public func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field { x + inner(x, weights) }
}

/// The talk's residual block: x + rectified(convolution(x)).
public struct ConvolutionResidualBlock: Block {
    public let convolution: Convolution

    /// Reserves `name.weights` and `name.bias` for a convolution kernel x kernel from `channels` to as many.
    public init(
        _ name: String, axes: Int = 2, channels: Int, kernel: Int = 3, padding: Padding = .zero, activation: Activation = .rectifier,
        in layout: inout ParameterLayout
    ) {
        convolution = Convolution(
            name, axes: axes, inputs: channels, outputs: channels, kernel: kernel, padding: padding, activation: activation, in: &layout)
    }

    public func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field { x + convolution(x, weights) }
}

/// The talk's residual block with an implicit layer: x + rectified(convolution(x), implicit(x)), the two stacked as channels.
///
/// What an explicit layer sees of its neighbours and what an implicit one sees of the whole basin meet in the next block.
public struct ImplicitResidualBlock: ImplicitBlock {
    public let convolution: Convolution
    public let implicit: ImplicitConvolution

    /// Reserves `name.local` for the convolution and `name.implicit` for the numbers of the system.
    ///
    /// - Parameters:
    ///   - channels: of x; the last `stencil.fields` of the change are solutions, the others the convolution's.
    ///   - stencil: neighbours, edges and fields of the system.
    public init(_ name: String, channels: Int, kernel: Int = 3, stencil: StencilLayout = StencilLayout(), in layout: inout ParameterLayout) {
        precondition(channels > stencil.fields, "\(stencil.fields) implicit fields leave none of \(channels) channels to the convolution")
        convolution = Convolution(name + ".local", inputs: channels, outputs: channels - stencil.fields, kernel: kernel, in: &layout)
        implicit = ImplicitConvolution(name + ".implicit", inputs: channels, kernel: kernel, stencil: stencil, in: &layout)
    }

    public func callAsFunction<Field: FieldAlgebra>(
        _ x: Field, _ weights: Weights<Field>, by solver: LinearImplicit, wet: [Bool]?
    ) -> Field {
        x + convolution(x, weights).concatenated(with: implicit(x, weights, by: solver, wet: wet)).rectified()
    }
}
