import Tensors

/// The talk's emulators of one time step: a bilinear net says the first field, explicitly or as the solution of a system, and a convolution that sees it
/// says the others.
///
/// [batch, inputs, y, x] to [batch, 1 + others, y, x]. With the published stages, five inputs (zeta, u, v, depth, mask) and two others these are the 14,410
/// weights of the implicit and the 14,365 of the explicit net. Its system keeps the dominance that the talk meant: see `UnitDiagonalStencil`.
public struct BilinearStep: Block {
    public let net: BilinearConvolutionNet
    public let last: Convolution
    /// How the first field is solved for; nil where the net says it.
    public let solver: LinearImplicit?
    /// [y, x]; every cell where nil.
    public let wet: [Bool]?

    private static let stencil = StencilLayout()

    /// Reserves the weights of `name.net` and `name.last`.
    ///
    /// - Parameters:
    ///   - others: fields beside the first; as many more channels of the net are seen by the last convolution alone.
    ///   - wet: [y, x]; every cell where nil. A solution is 0 where dry.
    ///   - solver: nil for the explicit net.
    public init(
        _ name: String, inputs: Int, others: Int, stages: [BilinearConvolutionNet.Stage] = BilinearConvolutionNet.published, wet: [Bool]? = nil,
        solver: LinearImplicit?, in layout: inout ParameterLayout
    ) {
        let said = (solver == nil ? 1 : Self.stencil.channels + 1) + others
        // The matrix starts near the identity: 1 in the centre, beside numbers a tenth as large.
        let bias = solver.map { _ in [1.0] + [Double](repeating: 0, count: said - 1) }
        net = BilinearConvolutionNet(
            name + ".net", inputs: inputs, outputs: said, stages: stages, gain: solver == nil ? 1 : 0.01, bias: bias, in: &layout)
        last = Convolution(name + ".last", inputs: 1 + others + inputs, outputs: others, kernel: 3, gain: 1, in: &layout)
        self.solver = solver
        self.wet = wet
    }

    public func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        let said = net(x, weights)
        var first = said.channels(0..<1)
        var extra = said.channels(1..<said.shape[1])
        if let solver {
            let points = Self.stencil.channels
            let domain = StencilDomain<Field.Scalar>(Self.stencil, ny: x.shape[2], nx: x.shape[3], wet: wet)
            first = said.channels(points..<points + 1)
                .solved(raw: said.channels(0..<points), UnitDiagonalStencil(domain), by: solver, startingFrom: x.primal.channels(0..<1))
            extra = said.channels(points + 1..<said.shape[1])
        }
        return first.concatenated(with: last(first.concatenated(with: extra).concatenated(with: x), weights))
    }
}
