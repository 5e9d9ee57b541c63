import Layers
import Tensors
import _Differentiation

/// Seiche's implicit network: a local bilinear net says the coefficients of a flux-form elliptic system, whose solution spreads
/// them over the basin as the semi-implicit scheme does.
///
/// A 3x3 convolution and products of its channels in pairs give, on every open face, a coefficient c >= 0 and an explicit
/// volume flux F. Then
///
///     (I - div(c grad)) y = zeta - div F,      zeta' = zeta - div(F - c grad y),
///
/// and a last 3x3 convolution that sees zeta' gives the change of u and v. The matrix is symmetric positive definite whatever the
/// network says, and the sum of zeta is conserved to rounding whatever the solver's tolerance, because zeta' is taken from fluxes.
public struct FluxFormImplicitNet: EmulatorNetwork, Equatable {
    public static let kind = "implicit"

    /// Pairs of channels that are multiplied.
    public let products: Int
    /// Channels of the first convolution that pass unmultiplied.
    public let linear: Int
    public let layout: ParameterLayout

    private let local: Convolution2D
    private let faces: Convolution2D
    private let velocity: Convolution2D

    public init(products: Int, linear: Int) {
        var layout = ParameterLayout()
        self.products = products
        self.linear = linear
        local = Convolution2D("local", inputs: 5, outputs: 2 * products + linear, kernel: 3, gain: 1, in: &layout)
        // The network starts as a weak smoother without fluxes; it can only get better from there.
        faces = Convolution2D("faces", inputs: products + linear, outputs: 4, kernel: 1, gain: 0.01, in: &layout)
        velocity = Convolution2D("velocity", inputs: 1 + 5 + products + linear, outputs: 2, kernel: 3, gain: 0, in: &layout)
        self.layout = layout
    }

    /// What the network says of the faces.
    public struct FaceTerms<Scalar: TensorScalar>: Differentiable, Sendable {
        /// c >= 0, [1, 2, y, x]: east, then north; zero on closed faces.
        public var coefficients: Tensor<Scalar>
        /// Explicit volume flux through east and north faces per time step, in zeta's scale, [1, 2, y, x].
        public var flux: Tensor<Scalar>
        /// What the local layer made of the state, [1, products + linear, y, x].
        public var features: Tensor<Scalar>
    }

    @differentiable(reverse, wrt: (parameters, state))
    public func faceTerms<Scalar: TensorScalar>(
        _ parameters: Tensor<Scalar>, from state: Tensor<Scalar>, geometry: NetworkGeometry<Scalar>
    ) -> FaceTerms<Scalar> {
        let features = local.apply(parameters, to: state.concatenated(with: geometry.fields)).pairwiseProducts(products)
        let raw = faces.apply(parameters, to: features)
        return FaceTerms(
            coefficients: raw.channels(0..<2).rectified().masked(by: geometry.openFaces),
            flux: raw.channels(2..<4).masked(by: geometry.openFaces), features: features)
    }

    @differentiable(reverse, wrt: (parameters, state))
    public func predict<Scalar: TensorScalar>(
        _ parameters: Tensor<Scalar>, from state: Tensor<Scalar>, geometry: NetworkGeometry<Scalar>, implicit: LinearImplicit
    ) -> Tensor<Scalar> {
        let terms = faceTerms(parameters, from: state, geometry: geometry)
        let zeta = state.channels(0..<1)
        let solution = implicit.apply(
            stencil: terms.coefficients.fluxFormStencil(), b: zeta - terms.flux.faceDivergence(),
            startingFrom: withoutDerivative(at: zeta))
        let next = zeta - (terms.flux - terms.coefficients * solution.faceDifference()).faceDivergence()
        let seen = next.concatenated(with: state).concatenated(with: geometry.fields).concatenated(with: terms.features)
        let change = velocity.apply(parameters, to: seen)
        return next.concatenated(with: state.channels(1..<3) + change.masked(by: geometry.openFaces))
    }
}
