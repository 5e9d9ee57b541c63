import Layers
import Tensors
import _Differentiation

/// Seiche's implicit network: a local bilinear net says the coefficients of a flux-form elliptic system, whose solution spreads
/// them over the basin as the semi-implicit scheme does.
///
/// A 3x3 convolution, and products in pairs of the channels of a second one, give on every open face a coefficient kappa > 0,
/// a velocity U, a velocity change S and a pressure response gamma > 0. With h the total depth on the face, the volume flux is h times a velocity:
///
///     (I - div(h kappa grad)) y = zeta - div(h U),
///     zeta' = zeta - div(h (U - kappa grad y)),
///     u' = u + S - gamma grad zeta'.
///
/// Whatever the network says, the matrix is symmetric positive definite, and the sum of zeta is conserved to rounding at any tolerance
/// of the solver: `FluxFormSystem` says why. The semi-implicit scheme without drag is among the functions it can be:
/// constant kappa and gamma, linear U and S.
public struct FluxFormImplicitNet: EmulatorNetwork, Equatable {
    public static let kind = "implicit"

    /// Pairs of channels that are multiplied.
    public let products: Int
    public let layout: ParameterLayout

    public var inputLayers: [Convolution2D] { [linear, factors] }
    private let linear: Convolution2D
    private let factors: Convolution2D
    private let mix: Convolution2D

    /// Channels on faces that the local net gives: kappa, U, S, gamma, each for east and north faces.
    private static let outputs = 8

    public init(products: Int) {
        var layout = ParameterLayout()
        self.products = products
        // At the start a weak smoother without fluxes: kappa and gamma are squareplus(-3) = 0.3, U and S are zero.
        linear = Convolution2D(
            "linear", inputs: 5, outputs: Self.outputs, kernel: 3, gain: 0, bias: [-3, -3, 0, 0, 0, 0, -3, -3], in: &layout)
        factors = Convolution2D("factors", inputs: 5, outputs: 2 * products, kernel: 3, gain: 0.1, in: &layout)
        mix = Convolution2D("mix", inputs: products, outputs: Self.outputs, kernel: 1, gain: 0, in: &layout)
        self.layout = layout
    }

    /// What the network says of the faces; every field [1, 2, y, x], east then north, zero on closed faces.
    public struct FaceTerms<Scalar: TensorScalar>: Differentiable, Sendable {
        /// Of the elevation: coefficients h kappa, and volume fluxes h U per time step in zeta's scale.
        public var elevation: FluxFormSystem<Scalar>
        /// S, in the velocities' scales.
        public var velocityChange: Tensor<Scalar>
        /// gamma: change of velocity (in its scale) per difference of zeta (in its).
        public var pressureResponse: Tensor<Scalar>

        /// h kappa: the off-diagonals of the elevation system with the sign changed, the scheme's ce and cn.
        public var coefficients: Tensor<Scalar> { elevation.coefficients }
    }

    @differentiable(reverse, wrt: (parameters, state))
    public func faceTerms<Scalar: TensorScalar>(
        _ parameters: Tensor<Scalar>, from state: Tensor<Scalar>, geometry: NetworkGeometry<Scalar>
    ) -> FaceTerms<Scalar> {
        let seen = state.concatenated(with: geometry.fields)
        let raw = linear.apply(parameters, to: seen)
            + mix.apply(parameters, to: factors.apply(parameters, to: seen).pairwiseProducts(products))
        let depth = state.channels(0..<1).faceMean().scaled(by: geometry.elevationToDepth) + geometry.faceDepth
        return FaceTerms(
            elevation: FluxFormSystem(
                conductance: raw.channels(0..<2), velocity: raw.channels(2..<4), depth: depth, open: geometry.openFaces),
            velocityChange: raw.channels(4..<6).masked(by: geometry.openFaces),
            pressureResponse: raw.channels(6..<8).squareplus().masked(by: geometry.openFaces))
    }

    @differentiable(reverse, wrt: (parameters, state))
    public func predict<Scalar: TensorScalar>(
        _ parameters: Tensor<Scalar>, from state: Tensor<Scalar>, geometry: NetworkGeometry<Scalar>, implicit: LinearImplicit
    ) -> Tensor<Scalar> {
        let terms = faceTerms(parameters, from: state, geometry: geometry)
        let zeta = state.channels(0..<1)
        let solution = implicit.apply(
            stencil: terms.elevation.stencil(), b: terms.elevation.rightHandSide(zeta), startingFrom: withoutDerivative(at: zeta))
        return advance(state, terms, response: solution)
    }

    /// The next state, with y the elevation to whose slope the fluxes respond.
    @differentiable(reverse)
    func advance<Scalar: TensorScalar>(
        _ state: Tensor<Scalar>, _ terms: FaceTerms<Scalar>, response y: Tensor<Scalar>
    ) -> Tensor<Scalar> {
        let next = terms.elevation.advanced(state.channels(0..<1), response: y)
        let velocity = state.channels(1..<3) + terms.velocityChange - terms.pressureResponse * next.faceDifference()
        return next.concatenated(with: velocity)
    }
}
