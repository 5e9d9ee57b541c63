import Layers
import Tensors

/// The explicit baseline: convolutions alone give the change of all three fields.
///
/// A 3x3 layer, some of whose channels may be multiplied in pairs (the talk's bilinear layer), a rectified 3x3 layer with a path around it, and a last 3x3
/// convolution: what happens in a cell depends on the cells within three of it, whatever the Courant number.
public struct ExplicitConvolutionNet: EmulatorNetwork, Equatable {
    public static let kind = "explicit"

    public let products: Int
    public let linear: Int
    public let hidden: Int
    public let layout: ParameterLayout

    public var inputLayers: [Convolution] { [local] }
    private let local: Convolution
    private let middle: Convolution
    private let change: Convolution

    public init(products: Int, linear: Int, hidden: Int) {
        var layout = ParameterLayout()
        self.products = products
        self.linear = linear
        self.hidden = hidden
        local = Convolution("local", inputs: 5, outputs: 2 * products + linear, kernel: 3, gain: 1, in: &layout)
        middle = Convolution(
            "middle", inputs: products + linear, outputs: hidden, kernel: 3, gain: 2, activation: .rectifier, in: &layout)
        change = Convolution("change", inputs: products + linear + hidden, outputs: 3, kernel: 3, gain: 0, in: &layout)
        self.layout = layout
    }

    public func next<Field: FieldAlgebra>(
        _ state: Field, _ weights: Weights<Field>, geometry: NetworkGeometry<Field.Scalar>, implicit: LinearImplicit
    ) -> Field {
        let features = local(state.concatenated(with: Field(constant: geometry.fields)), weights).pairwiseProducts(products)
        let deep = features.concatenated(with: middle(features, weights))
        return state + change(deep, weights).masked(by: geometry.stateMask)
    }
}
