import Layers
import Tensors

/// The talk's explicit emulator: a bilinear convolution net says the next zeta, and a convolution that sees it the next u and v (`BilinearStep`).
///
///     (zeta', a) = N(x),   (u', v') = W * (zeta', a, x),   x = (zeta, u, v, depth, mask),
///
/// with N three rectified 3x3 convolutions, channels of which are multiplied in pairs, and a pointwise one; a are two channels more. The next fields
/// are said in full, not as changes; land is masked. With the published stages 14,365 weights. What happens in a cell depends on the cells within
/// four of it.
public struct BilinearExplicitNet: EmulatorNetwork {
    public static let kind = "bilinear_explicit"

    public let layout: ParameterLayout
    public var inputLayers: [Convolution] { Array(step.net.convolutions.prefix(1)) }
    private let step: BilinearStep

    public init(stages: [BilinearConvolutionNet.Stage] = BilinearConvolutionNet.published) {
        var layout = ParameterLayout()
        step = BilinearStep("step", inputs: 5, others: 2, stages: stages, in: &layout)
        self.layout = layout
    }

    public func next<Field: FieldAlgebra>(
        _ state: Field, _ weights: Weights<Field>, geometry: NetworkGeometry<Field.Scalar>, implicit: LinearImplicit
    ) -> Field {
        step(state.concatenated(with: Field(constant: geometry.fields)), weights).masked(by: geometry.stateMask)
    }
}
