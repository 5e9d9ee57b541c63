import Layers
import Tensors

/// Seiche's implicit network: a local bilinear net says how velocities change and respond to the pressure, and the water that these velocities carry is an
/// elliptic system for the elevation, whose solution spreads them over the basin as the semi-implicit scheme does.
///
/// A 3x3 convolution, and products in pairs of the channels of a second one, give on every open face a velocity change S, a pressure response gamma > 0 and a
/// weight theta > 0 of the new time level. To S come stresses over the water column, sums of |a| b / h with 3x3 convolutions a and b and the total depth h on
/// the face: quadratic friction has this form. What a face carries is h times the weighted velocity, (1 - theta) u + theta u', so that with one time step as unit
///
///     (I - div(h theta gamma grad)) y = zeta - div(h (u + theta S)),
///     zeta' = zeta - div(h (u + theta (S - gamma grad y))),
///     u' = u + S - gamma grad zeta'.
///
/// Whatever the network says, the matrix is symmetric positive definite, and the sum of zeta is conserved to rounding at any tolerance
/// of the solver: `FluxFormSystem` says why. The semi-implicit scheme, quadratic drag and lateral friction included, is among the functions it can be:
/// constant gamma and theta, linear S, one stress for each component.
///
/// S and gamma are accelerations times the time step, and water runs along slopes: on another time step or spacing than those of the training they are
/// multiplied by `NetworkGeometry.slopeFactors`, the stresses by the ratio of the steps alone. Exact for the scheme at any time step; at another spacing but for
/// lateral friction, which goes with the spacing's square and is a part of S.
public struct FluxFormImplicitNet: EmulatorNetwork, Equatable {
    public static let kind = "implicit"

    public var servesOtherDiscretisations: Bool { true }

    /// Pairs of channels that are multiplied.
    public let products: Int
    public let layout: ParameterLayout

    /// Products |a| b / h.
    public let stresses: Int

    public var inputLayers: [Convolution] { [linear, factors, frictions] }
    private let linear: Convolution
    private let factors: Convolution
    private let mix: Convolution
    /// a of all stresses, then b.
    private let frictions: Convolution
    private let drag: Convolution

    /// Channels on faces that the local net gives: S, gamma, theta, each for east and north faces.
    private static let outputs = 6

    /// Below this share of the depth scale a water column counts as so thick for stresses: no state makes them infinite.
    private static let leastColumn = 1e-3

    public init(products: Int, stresses: Int) {
        var layout = ParameterLayout()
        self.products = products
        self.stresses = stresses
        // At the start gravity waves that are too slow, without friction: gamma is squareplus(-3) = 0.3, theta squareplus(-1.5) = 0.5, S is zero.
        linear = Convolution(
            "linear", inputs: 5, outputs: Self.outputs, kernel: 3, gain: 0, bias: [0, 0, -3, -3, -1.5, -1.5], in: &layout)
        factors = Convolution("factors", inputs: 5, outputs: 2 * products, kernel: 3, gain: 0.1, in: &layout)
        mix = Convolution("mix", inputs: products, outputs: Self.outputs, kernel: 1, gain: 0, in: &layout)
        frictions = Convolution(
            "frictions", inputs: 5, outputs: 2 * stresses, kernel: 3, initialiser: .values(Self.velocityProducts(stresses)), in: &layout)
        drag = Convolution("drag", inputs: stresses, outputs: 2, kernel: 1, gain: 0, in: &layout)
        self.layout = layout
    }

    /// The stresses begin as |u| u, |v| u, |u| v, |v| v of the cell, then with b one of its neighbours'; what they do, `drag`, begins at zero.
    private static func velocityProducts(_ stresses: Int) -> [Double] {
        let taps = [4, 5, 3, 7, 1, 8, 0, 6, 2]
        var weights = [Double](repeating: 0, count: 2 * stresses * 45)
        for stress in 0..<stresses {
            weights[stress * 45 + (1 + stress % 2) * 9 + 4] = 1
            weights[(stresses + stress) * 45 + (1 + stress / 2 % 2) * 9 + taps[stress / 4 % 9]] = 1
        }
        return weights
    }

    /// What the network says of the faces; every field [1, 2, y, x], east then north, zero on closed faces.
    public struct FaceTerms<Field: FieldAlgebra> {
        /// Of the elevation: coefficients h theta gamma, and volume fluxes h (u + theta S) per time step in zeta's scale.
        public let elevation: FluxFormFields<Field>
        /// S, in the velocities' scales.
        public let velocityChange: Field
        /// gamma: change of velocity (in its scale) per difference of zeta (in its).
        public let pressureResponse: Field

        /// h theta gamma: the off-diagonals of the elevation system with the sign changed, the scheme's ce and cn.
        public var coefficients: Field { elevation.coefficients }
    }

    public func faceTerms<Field: FieldAlgebra>(
        _ state: Field, _ weights: Weights<Field>, geometry: NetworkGeometry<Field.Scalar>
    ) -> FaceTerms<Field> {
        let seen = state.concatenated(with: Field(constant: geometry.fields))
        let raw = linear(seen, weights) + mix(factors(seen, weights).pairwiseProducts(products), weights)
        let depth = state.channels(0..<1).faceMean().scaled(by: geometry.elevationToDepth) + Field(constant: geometry.faceDepth)
        let pairs = frictions(seen, weights)
        let stress = drag(pairs.channels(0..<stresses).magnitude() * pairs.channels(stresses..<2 * stresses), weights)
        let change = raw.channels(0..<2).masked(by: geometry.slopeFactors)
            + (stress / depth.atLeast(Field.Scalar(Self.leastColumn))).masked(by: geometry.stressFactors)
        let response = raw.channels(2..<4).squareplus().masked(by: geometry.slopeFactors)
        let weight = raw.channels(4..<6).squareplus()
        return FaceTerms(
            elevation: FluxFormFields(
                response: (weight * response).masked(by: geometry.transport),
                velocity: (state.channels(1..<3) + weight * change).masked(by: geometry.transport), depth: depth, open: geometry.openFaces),
            velocityChange: change, pressureResponse: response)
    }

    public func next<Field: FieldAlgebra>(
        _ state: Field, _ weights: Weights<Field>, geometry: NetworkGeometry<Field.Scalar>, implicit: LinearImplicit
    ) -> Field {
        let terms = faceTerms(state, weights, geometry: geometry)
        let zeta = state.channels(0..<1)
        return withVelocity(terms.elevation.advanced(zeta, by: implicit, startingFrom: zeta.primal), state, terms)
    }

    public func elevationSystem(
        _ state: Tensor<Double>, _ weights: Weights<Tensor<Double>>, geometry: NetworkGeometry<Double>
    ) -> StencilSystem<Double>? {
        let elevation = faceTerms(state, weights, geometry: geometry).elevation
        return StencilSystem(stencil: elevation.coefficients.fluxFormStencil(), b: elevation.rightHandSide(state.channels(0..<1)))
    }

    /// The next state, from the next elevation.
    func withVelocity<Field: FieldAlgebra>(_ next: Field, _ state: Field, _ terms: FaceTerms<Field>) -> Field {
        next.concatenated(with: state.channels(1..<3) + terms.velocityChange - terms.pressureResponse * next.faceDifference())
    }
}
