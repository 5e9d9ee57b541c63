import Layers
import Tensors

/// Seiche's implicit network: a local bilinear net says how velocities change and respond to the pressure, and the water that these velocities
/// carry is an elliptic system for the elevation, whose solution spreads them over the basin as the semi-implicit scheme does.
///
/// Say k a 3x3 convolution of the state alone, without a constant, and m one of the state, the mask and the depth D as D / (1 + D). On every open
/// face a k, and products k m, give a velocity change S; an m and such products a pressure response gamma > 0 and a weight theta > 0 of the new
/// time level. To S come stresses over the water column, sums of |m| k / h with the total depth h on the face: quadratic friction has this form.
/// What a face carries is h times the weighted velocity, (1 - theta) u + theta u', so that with one time step as unit
///
///     (I - div(h theta gamma grad)) y = zeta - div(h (u + theta S)),
///     zeta' = zeta - div(h (u + theta (S - gamma grad y))),
///     u' = u + S - gamma grad zeta'.
///
/// Whatever the network says, the matrix is symmetric positive definite, and the sum of zeta is conserved to rounding at any tolerance of the
/// solver: `FluxFormSystem` says why. A lake at rest stays at rest, over any bed, as S vanishes with the state. The semi-implicit scheme, quadratic
/// drag and lateral friction included, is among the functions it can be: constant gamma and theta, linear S, one stress for each component.
///
/// S and gamma are accelerations times the time step, and water runs along slopes: on another time step or spacing than those of the training they
/// are multiplied by `NetworkGeometry.slopeFactors`, and the stresses by the ratio of the steps alone. What is linear in velocities is lateral
/// friction, which goes with the spacing's square along either axis, beside a drag, which does not know the spacing (`weights`). So it is exact for
/// the scheme at any time step and spacing.
public struct FluxFormImplicitNet: EmulatorNetwork, Equatable {
    public static let kind = "implicit"

    public var servesOtherDiscretisations: Bool { true }

    /// Pairs of channels that are multiplied.
    public let products: Int
    public let layout: ParameterLayout

    /// Products |m| k / h.
    public let stresses: Int

    public var inputLayers: [Convolution] { [linear, coefficients, waves, modulation, speeds, velocities] }

    /// Bounded in depth: products with a depth beyond those of the training would else be as far out of range as the depth is.
    public func fields<Scalar>(of geometry: NetworkGeometry<Scalar>) -> Tensor<Scalar> { geometry.boundedFields }

    /// What makes S other than linear in the state, gamma and theta depend on anything, and stresses other than products of the state.
    public var dispensableWeights: [Range<Int>] {
        let taps = 9, inputs = 5
        let geometry = (0..<stresses).map { output in
            let first = speeds.weights.range.lowerBound + (output * inputs + 3) * taps
            return first..<first + 2 * taps
        }
        return geometry + [coefficients, waves, modulation, mix].map(\.weights.range) + [modulation, speeds].compactMap { $0.bias?.range }
    }

    /// A 3x3 stencil on a velocity is taken apart into its sum, a drag, and second differences along x and y; at the centre stands what keeps both.
    public func weights(_ parameters: Tensor<Double>, trainedFor trained: Discretisation, here: Discretisation) -> Tensor<Double> {
        var result = parameters
        let refinement = (x: trained.dx / here.dx, y: trained.dy / here.dy)
        for (output, slope) in [refinement.x, refinement.y].enumerated() {
            for component in 1...2 {
                let first = linear.weights.range.lowerBound + (output * 3 + component) * 9
                let (centre, taps) = (first + 4, first..<first + 9)
                let drag = parameters.scalars[taps].reduce(0, +)
                for tap in taps {
                    let (isAside, isAbove) = ((tap - first) % 3 != 1, (tap - first) / 3 != 1)
                    guard isAside || isAbove else { continue }
                    result.scalars[tap] *= (isAside ? refinement.x : refinement.y) * (isAbove ? refinement.y : refinement.x)
                }
                result.scalars[centre] += drag - result.scalars[taps].reduce(0, +)
                // `slopeFactors` multiplies all of S.
                for tap in taps { result.scalars[tap] /= slope }
            }
        }
        return result
    }

    /// S, as far as it is linear in the state.
    private let linear: Convolution
    /// gamma and theta before squareplus, without products.
    private let coefficients: Convolution
    /// k and m of the products.
    private let waves: Convolution
    private let modulation: Convolution
    private let mix: Convolution
    /// m and k of the stresses.
    private let speeds: Convolution
    private let velocities: Convolution
    private let drag: Convolution

    /// Below this share of the depth scale a water column counts as so thick for stresses: no state makes them infinite.
    private static let leastColumn = 1e-3

    public init(products: Int, stresses: Int) {
        var layout = ParameterLayout()
        self.products = products
        self.stresses = stresses
        func ofState(_ name: String, _ outputs: Int, gain: Double = 0, initialiser: ParameterLayout.Initialiser? = nil) -> Convolution {
            Convolution(name, inputs: 3, outputs: outputs, kernel: 3, gain: gain, hasBias: false, initialiser: initialiser, in: &layout)
        }
        // At the start gravity waves that are too slow, without friction: gamma is squareplus(-3) = 0.3, theta squareplus(-1.5) = 0.5, S is zero.
        linear = ofState("linear", 2)
        coefficients = Convolution("coefficients", inputs: 5, outputs: 4, kernel: 3, gain: 0, bias: [-3, -3, -1.5, -1.5], in: &layout)
        waves = ofState("waves", products, gain: 0.1)
        modulation = Convolution("modulation", inputs: 5, outputs: products, kernel: 3, gain: 0.1, in: &layout)
        mix = Convolution("mix", inputs: products, outputs: 6, kernel: 1, gain: 0, hasBias: false, in: &layout)
        // The stresses begin as |u| u, |v| u, |u| v, |v| v of the cell, then with the second factor one of its neighbours'; what they do, `drag`, is zero.
        let centre = 4
        let neighbours = [centre, 5, 3, 7, 1, 8, 0, 6, 2]
        speeds = Convolution(
            "speeds", inputs: 5, outputs: stresses, kernel: 3,
            initialiser: .values(Self.ones(stresses, inputs: 5) { (channel: 1 + $0 % 2, tap: centre) }), in: &layout)
        velocities = ofState(
            "velocities", stresses,
            initialiser: .values(Self.ones(stresses, inputs: 3) { (channel: 1 + $0 / 2 % 2, tap: neighbours[$0 / 4 % 9]) }))
        drag = Convolution("drag", inputs: stresses, outputs: 2, kernel: 1, gain: 0, hasBias: false, in: &layout)
        self.layout = layout
    }

    /// Weights of a 3x3 convolution whose outputs are one value each of what it sees.
    private static func ones(_ outputs: Int, inputs: Int, _ place: (Int) -> (channel: Int, tap: Int)) -> [Double] {
        var weights = [Double](repeating: 0, count: outputs * inputs * 9)
        for output in 0..<outputs {
            let (channel, tap) = place(output)
            weights[(output * inputs + channel) * 9 + tap] = 1
        }
        return weights
    }

    /// What the network says of the faces; every field [1, 2, y, x], east then north, zero on closed faces.
    public struct FaceTerms<Field: FieldAlgebra> {
        /// Of the elevation: coefficients h theta gamma, and volume fluxes h (u + theta S) per time step in zeta's scale.
        public let elevation: FluxFormSystem<Field>
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
        let seen = state.concatenated(with: Field(constant: fields(of: geometry)))
        let products = mix(waves(state, weights) * modulation(seen, weights), weights)
        let positive = (coefficients(seen, weights) + products.channels(2..<6)).squareplus()
        let depth = state.channels(0..<1).faceMean().scaled(by: geometry.elevationToDepth) + Field(constant: geometry.faceDepth)
        let stress = drag(speeds(seen, weights).magnitude() * velocities(state, weights), weights)
        let change = (linear(state, weights) + products.channels(0..<2)).masked(by: geometry.slopeFactors)
            + (stress / depth.atLeast(Field.Scalar(Self.leastColumn))).masked(by: geometry.stressFactors)
        let response = positive.channels(0..<2).masked(by: geometry.slopeFactors)
        let weight = positive.channels(2..<4)
        return FaceTerms(
            elevation: FluxFormSystem(
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
