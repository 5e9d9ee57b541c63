import Layers
import Tensors

/// A chain of the talk's residual blocks, in each of which an explicit and an implicit layer work side by side, gives the change of all three
/// fields: the linear implicit layer as a layer among others.
///
///     y = rectified(F * (x, depth, mask)),   y <- y + rectified(W_k * y, A_k(y)^-1 b_k(y)) for each block k,   x' = x + L * y,
///
/// with F, W_k and L 3x3 convolutions and A_k, b_k a learned five-point system of one field (`ImplicitResidualBlock`). Every block feels the whole
/// basin.
public struct ImplicitResidualNet: EmulatorNetwork {
    public static let kind = "implicit_residual"

    public let layout: ParameterLayout
    public var inputLayers: [Convolution] { [first] }
    private let first: Convolution
    private let blocks: [ImplicitResidualBlock]
    private let last: Convolution

    /// - Parameters:
    ///   - channels: between the first and the last convolution, at least 2; one of them is a solution.
    ///   - blocks: how many.
    public init(channels: Int, blocks count: Int) {
        var layout = ParameterLayout()
        first = Convolution("first", inputs: 5, outputs: channels, kernel: 3, activation: .rectifier, in: &layout)
        blocks = (0..<count).map { ImplicitResidualBlock("block.\($0)", channels: channels, in: &layout) }
        last = Convolution("last", inputs: channels, outputs: 3, kernel: 3, gain: 0, in: &layout)
        self.layout = layout
    }

    public func next<Field: FieldAlgebra>(
        _ state: Field, _ weights: Weights<Field>, geometry: NetworkGeometry<Field.Scalar>, implicit: LinearImplicit
    ) -> Field {
        let seen = state.concatenated(with: Field(constant: geometry.fields))
        let deep = blocks.reduce(first(seen, weights)) { $1($0, weights, by: implicit, wet: geometry.wetCells) }
        return state + last(deep, weights).masked(by: geometry.stateMask)
    }
}
