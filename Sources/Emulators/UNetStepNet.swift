import Layers
import Tensors

/// A U-net (Ronneberger et al. 2015) gives the change of all three fields: the common explicit answer to what is far away.
///
///     x' = x + U(x, depth, mask),
///
/// with two rectified 3x3 convolutions on every level of grids that are coarser by 2 each, and bilinear refinement back (`UNet`). Each level doubles
/// what a cell sees; beyond the coarsest level's reach nothing is felt.
public struct UNetStepNet: EmulatorNetwork {
    public static let kind = "unet"

    public let layout: ParameterLayout
    public var inputLayers: [Convolution] { net.down[0].blocks.prefix(1).compactMap { $0 as? Convolution } }
    private let net: UNet

    /// - Parameter widths: channels of each level, the finest first; at least one level.
    public init(widths: [Int]) {
        var layout = ParameterLayout()
        net = UNet("net", inputs: 5, outputs: 3, channels: widths, gain: 0, in: &layout)
        self.layout = layout
    }

    public func next<Field: FieldAlgebra>(
        _ state: Field, _ weights: Weights<Field>, geometry: NetworkGeometry<Field.Scalar>, implicit: LinearImplicit
    ) -> Field {
        state + net(state.concatenated(with: Field(constant: geometry.fields)), weights).masked(by: geometry.stateMask)
    }
}
