import Layers
import Tensors

/// The talk's implicit emulator: a bilinear convolution net says a five-point system for the next zeta, and a convolution that sees the solution the
/// next u and v (`ImplicitBilinearStep`).
///
///     (m, b, a) = N(x),   A(m) zeta' = b,   (u', v') = W * (zeta', a, x),   x = (zeta, u, v, depth, mask),
///
/// with N the net of `BilinearExplicitNet`, m five entries a cell, s the sum of their magnitudes, A's off-diagonals m / (1.05 s) beside a diagonal of
/// 1, and a two channels more. As published but for the margin 1.05 and b: there b is divided by 1.05 s, and the off-diagonals by s; here A is
/// diagonally dominant whatever N says, and b is as N says it (`UnitDiagonalStencil`). Rows of dry cells are the identity. With the published
/// stages 14,410 weights. N starts nearly linear (`RectifiedStart`).
public struct BilinearImplicitNet: EmulatorNetwork {
    public static let kind = "bilinear_implicit"

    public let layout: ParameterLayout
    public var inputLayers: [Convolution] { Array(step.net.convolutions.prefix(1)) }
    private let step: ImplicitBilinearStep

    /// The scheme's coefficient (w dt)^2 g d / dx^2 where the talk has its smallest step: w = 0.5, dt = 300 s, d = 15 m, dx = 10 km.
    static let startingCoupling = 0.033

    public init(stages: [BilinearConvolutionNet.Stage] = BilinearConvolutionNet.published) {
        var layout = ParameterLayout()
        step = ImplicitBilinearStep("step", inputs: 5, others: 2, stages: stages, coupling: Self.startingCoupling, in: &layout)
        self.layout = layout
    }

    public func next<Field: FieldAlgebra>(
        _ state: Field, _ weights: Weights<Field>, geometry: NetworkGeometry<Field.Scalar>, implicit: LinearImplicit
    ) -> Field {
        step(state.concatenated(with: Field(constant: geometry.fields)), weights, by: implicit, wet: geometry.wetCells)
            .masked(by: geometry.stateMask)
    }

    public func elevationSystem(
        _ state: Tensor<Double>, _ weights: Weights<Tensor<Double>>, geometry: NetworkGeometry<Double>
    ) -> StencilSystem<Double>? {
        step.system(state.concatenated(with: geometry.fields), weights, wet: geometry.wetCells)
    }
}
