import Layers
import Tensors

/// The implicit network without its solve: the fluxes respond to the explicit forecast of zeta instead of the solution.
///
/// The same weights, the same flux form and total depth on faces, the same conservation: what `FluxFormImplicitNet` does better is what the
/// linear implicit layer brings. A cell sees two cells in each direction.
public struct FluxFormExplicitNet: EmulatorNetwork, Equatable {
    public static let kind = "flux_form"

    public var servesOtherDiscretisations: Bool { true }

    public var products: Int { net.products }
    public var stresses: Int { net.stresses }
    public var layout: ParameterLayout { net.layout }
    public var inputLayers: [Convolution] { net.inputLayers }
    public func fields<Scalar>(of geometry: NetworkGeometry<Scalar>) -> Tensor<Scalar> { net.fields(of: geometry) }
    public var dispensableWeights: [Range<Int>] { net.dispensableWeights }
    public func weights(_ parameters: Tensor<Double>, trainedFor trained: Discretisation, here: Discretisation) -> Tensor<Double> {
        net.weights(parameters, trainedFor: trained, here: here)
    }
    private let net: FluxFormImplicitNet

    public init(products: Int, stresses: Int) { net = FluxFormImplicitNet(products: products, stresses: stresses) }

    public func next<Field: FieldAlgebra>(
        _ state: Field, _ weights: Weights<Field>, geometry: NetworkGeometry<Field.Scalar>, implicit: LinearImplicit
    ) -> Field {
        let terms = net.faceTerms(state, weights, geometry: geometry)
        let zeta = state.channels(0..<1)
        return net.withVelocity(terms.elevation.advanced(zeta, response: terms.elevation.rightHandSide(zeta)), state, terms)
    }
}
