import Tensors

/// The linear implicit layer with a stencil learned from its input: a convolution says, cell by cell, coefficients and right-hand side of a
/// system whose solution is the output.
///
/// [batch, inputs, y, x] to [batch, stencil.fields, y, x]. Whatever the weights, the system can be solved: see `UnitDiagonalStencil`.
public struct ImplicitConvolution: Block {
    public let convolution: Convolution
    public let stencil: StencilLayout
    /// [y, x]; every cell where nil.
    public let wet: [Bool]?
    /// How to solve, and where each solve is reported.
    public let solver: LinearImplicit

    /// Reserves `name.weights` and `name.bias`; at the start the matrix is nearly the identity and the solution the convolution's last channels.
    ///
    /// - Parameters:
    ///   - kernel: of the convolution, odd.
    ///   - stencil: neighbours, edges and fields of the system.
    ///   - wet: [y, x]; every cell where nil. The solution is 0 where dry.
    public init(
        _ name: String, inputs: Int, kernel: Int = 3, stencil: StencilLayout = StencilLayout(), wet: [Bool]? = nil, solver: LinearImplicit,
        in layout: inout ParameterLayout
    ) {
        // The row's scale is what its raw entries add up to: with 1 in the centre it starts at the size of the right-hand side.
        var bias = [Double](repeating: 0, count: stencil.channels + stencil.fields)
        for p in 0..<stencil.fields { bias[stencil.channel(.center, p, p)] = 1 }
        convolution = Convolution(
            name, inputs: inputs, outputs: stencil.channels + stencil.fields, kernel: kernel, gain: 0.1, bias: bias, in: &layout)
        self.stencil = stencil
        self.wet = wet
        self.solver = solver
    }

    public func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        let said = convolution(x, weights)
        let domain = StencilDomain<Field.Scalar>(stencil, ny: x.shape[2], nx: x.shape[3], wet: wet)
        return said.channels(stencil.channels..<stencil.channels + stencil.fields)
            .solved(raw: said.channels(0..<stencil.channels), UnitDiagonalStencil(domain), by: solver)
    }
}
