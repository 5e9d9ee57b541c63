import Tensors

/// The talk's explicit emulator of one time step: a bilinear net says the first field, and a convolution that sees it says the others.
///
/// [batch, inputs, y, x] to [batch, 1 + others, y, x]. With the published stages, five inputs (zeta, u, v, depth, mask) and two others these are the
/// published net's 14,365 weights.
public struct BilinearStep: Block {
    public let net: BilinearConvolutionNet
    public let last: Convolution

    /// Reserves the weights of `name.net` and `name.last`.
    ///
    /// - Parameter others: fields beside the first; as many more channels of the net are seen by the last convolution alone.
    public init(
        _ name: String, inputs: Int, others: Int, stages: [BilinearConvolutionNet.Stage] = BilinearConvolutionNet.published,
        in layout: inout ParameterLayout
    ) {
        net = BilinearConvolutionNet(name + ".net", inputs: inputs, outputs: 1 + others, stages: stages, start: .nearlyLinear, in: &layout)
        last = Convolution(name + ".last", inputs: 1 + others + inputs, outputs: others, kernel: 3, gain: 1, in: &layout)
    }

    public func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        let said = net(x, weights)
        return said.channels(0..<1).concatenated(with: last(said.concatenated(with: x), weights))
    }
}

/// The talk's implicit emulator of one time step: a bilinear net says, cell by cell, stencil and right-hand side of a system whose solution is the
/// first field, and a convolution that sees it says the others.
///
/// [batch, inputs, y, x] to [batch, 1 + others, y, x]. With the published stages, five inputs (zeta, u, v, depth, mask) and two others these are the
/// published net's 14,410 weights. Its system keeps the dominance that the talk meant: see `UnitDiagonalStencil`.
public struct ImplicitBilinearStep: ImplicitBlock {
    public let net: BilinearConvolutionNet
    public let last: Convolution

    private static let stencil = StencilLayout()

    /// Reserves the weights of `name.net` and `name.last`.
    ///
    /// At the start the matrix is nearly the same in every cell: the bias of the net's last layer says it, and what differs from cell to cell is some
    /// hundredth of its diagonal.
    ///
    /// - Parameters:
    ///   - others: fields beside the first; as many more channels of the net are seen by the last convolution alone.
    ///   - coupling: c of the start, where the matrix is (1 + 4 c) in the centre and -c beside it, but for the row's scale.
    public init(
        _ name: String, inputs: Int, others: Int, stages: [BilinearConvolutionNet.Stage] = BilinearConvolutionNet.published,
        coupling: Double = 0, in layout: inout ParameterLayout
    ) {
        let points = Self.stencil.channels
        let outputs = points + 1 + others
        var bias = [Double](repeating: 0, count: outputs)
        // A row's scale is what its entries add up to, so that a centre of 1 stands for 1 + 4 c.
        for k in 0..<points { bias[k] = -coupling }
        bias[Self.stencil.channel(.center, 0, 0)] = 1
        // The last layer sees products of units that start about 2, with a mean square of up to 5^2.
        let variation = 1e-4 / 25
        net = BilinearConvolutionNet(
            name + ".net", inputs: inputs, outputs: outputs, stages: stages, start: .nearlyLinear,
            gains: (0..<outputs).map { $0 < points ? variation : 1 }, bias: bias, in: &layout)
        last = Convolution(name + ".last", inputs: 1 + others + inputs, outputs: others, kernel: 3, gain: 1, in: &layout)
    }

    public func callAsFunction<Field: FieldAlgebra>(
        _ x: Field, _ weights: Weights<Field>, by solver: LinearImplicit, wet: [Bool]?
    ) -> Field {
        let (said, points) = (net(x, weights), Self.stencil.channels)
        let domain = StencilDomain<Field.Scalar>(Self.stencil, ny: x.shape[2], nx: x.shape[3], wet: wet)
        let first = said.channels(points..<points + 1)
            .solved(raw: said.channels(0..<points), UnitDiagonalStencil(domain), by: solver, startingFrom: x.primal.channels(0..<1))
        let extra = said.channels(points + 1..<said.shape[1])
        return first.concatenated(with: last(first.concatenated(with: extra).concatenated(with: x), weights))
    }

    /// The system that `callAsFunction` solves for the first field.
    public func system<Scalar: TensorScalar>(_ x: Tensor<Scalar>, _ weights: Weights<Tensor<Scalar>>, wet: [Bool]?) -> StencilSystem<Scalar> {
        let (said, points) = (net(x, weights), Self.stencil.channels)
        let domain = StencilDomain<Scalar>(Self.stencil, ny: x.shape[2], nx: x.shape[3], wet: wet)
        return UnitDiagonalStencil(domain).system(raw: said.channels(0..<points), b: said.channels(points..<points + 1))
    }
}
