import Tensors

/// The linear implicit layer with a stencil learned from its input: a convolution says, cell by cell, coefficients and right-hand side of a
/// system whose solution is the output.
///
/// [batch, inputs, y, x] to [batch, stencil.fields, y, x]. Whatever the weights, the system can be solved: see `UnitDiagonalStencil`.
public struct ImplicitConvolution: ImplicitBlock {
    public let convolution: Convolution
    public let stencil: StencilLayout

    /// Reserves `name.weights` and `name.bias`; at the start the matrix is nearly the identity and the solution the convolution's last channels.
    ///
    /// - Parameters:
    ///   - kernel: of the convolution, odd.
    ///   - stencil: neighbours, edges and fields of the system.
    public init(_ name: String, inputs: Int, kernel: Int = 3, stencil: StencilLayout = StencilLayout(), in layout: inout ParameterLayout) {
        // The off-diagonals are divided by what a row's raw entries add up to: with 1 in the centre they start small beside the diagonal.
        var bias = [Double](repeating: 0, count: stencil.channels + stencil.fields)
        for p in 0..<stencil.fields { bias[stencil.channel(.center, p, p)] = 1 }
        convolution = Convolution(
            name, inputs: inputs, outputs: stencil.channels + stencil.fields, kernel: kernel, gain: 0.1, bias: bias, in: &layout)
        self.stencil = stencil
    }

    public func callAsFunction<Field: FieldAlgebra>(
        _ x: Field, _ weights: Weights<Field>, by solver: LinearImplicit, wet: [Bool]?
    ) -> Field {
        let said = convolution(x, weights)
        let domain = StencilDomain<Field.Scalar>(stencil, ny: x.shape[2], nx: x.shape[3], wet: wet)
        return said.channels(stencil.channels..<stencil.channels + stencil.fields)
            .solved(raw: said.channels(0..<stencil.channels), UnitDiagonalStencil(domain), by: solver)
    }
}
