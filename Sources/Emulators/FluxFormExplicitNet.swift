import Layers
import Tensors
import _Differentiation

/// The implicit network without its solve: the fluxes respond to the explicit forecast of zeta instead of the solution.
///
/// The same weights, the same flux form and total depth on faces, the same conservation: what `FluxFormImplicitNet` does better is what the
/// linear implicit layer brings. A cell sees two cells in each direction.
public struct FluxFormExplicitNet: EmulatorNetwork, Equatable {
    public static let kind = "flux_form"

    public var products: Int { net.products }
    public var layout: ParameterLayout { net.layout }
    public var inputLayers: [Convolution2D] { net.inputLayers }
    private let net: FluxFormImplicitNet

    public init(products: Int) { net = FluxFormImplicitNet(products: products) }

    @differentiable(reverse, wrt: (parameters, state))
    public func predict<Scalar: TensorScalar>(
        _ parameters: Tensor<Scalar>, from state: Tensor<Scalar>, geometry: NetworkGeometry<Scalar>, implicit: LinearImplicit
    ) -> Tensor<Scalar> {
        let terms = net.faceTerms(parameters, from: state, geometry: geometry)
        return net.advance(state, terms, response: terms.elevation.rightHandSide(state.channels(0..<1)))
    }
}
