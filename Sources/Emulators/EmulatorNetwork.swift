import Layers
import Tensors
import _Differentiation

/// The learned map from one normalised state to the next, without its weights.
///
/// A state is [1, 3, y, x]: zeta at cell centres, u on east faces, v on north faces, each divided by its scale.
/// Networks treat one sample at a time; batches run side by side on the machine's cores.
public protocol EmulatorNetwork: Sendable {
    /// The network's kind in experiments and checkpoints.
    static var kind: String { get }

    /// Where each weight sits in the parameter vector.
    var layout: ParameterLayout { get }

    /// The convolutions that see the state's three channels followed by `fields(of:)`, or the state alone and without a bias, and nothing else; all of one
    /// kernel size.
    var inputLayers: [Convolution] { get }

    /// The two constant fields that input layers see beside the state, [1, 2, y, x]; `NetworkGeometry.fields` by default.
    func fields<Scalar>(of geometry: NetworkGeometry<Scalar>) -> Tensor<Scalar>

    /// Weights that a simpler network of the kind would do without: a training may hold them small (`TrainingSettings.ridge`). None by default.
    var dispensableWeights: [Range<Int>] { get }

    /// Whether weights that were trained for one time step and spacing serve others too (`NetworkGeometry.slopeFactors`); few networks do.
    var servesOtherDiscretisations: Bool { get }

    /// The weights with which the network serves `here`, from those that were trained elsewhere; the same by default.
    func weights(_ parameters: Tensor<Double>, trainedFor trained: Discretisation, here: Discretisation) -> Tensor<Double>

    /// Throws `SeicheError` (invalidInput) for a grid of ny x nx cells that the network cannot serve. Most serve grids of any size.
    func check(ny: Int, nx: Int) throws

    /// The next normalised state, in any algebra of fields: value, tangent-linear and adjoint follow from it (docs/blocks.md).
    /// Dry cells and closed faces stay zero.
    ///
    /// - Parameters:
    ///   - state: [1, 3, y, x], zero on dry cells and closed faces.
    ///   - weights: those that the network reserved in its layout.
    ///   - geometry: of the same grid.
    ///   - implicit: how implicit layers solve, and the record of their solves.
    func next<Field: FieldAlgebra>(
        _ state: Field, _ weights: Weights<Field>, geometry: NetworkGeometry<Field.Scalar>, implicit: LinearImplicit
    ) -> Field

    /// The five-point system whose solution is the next normalised zeta: stencil [1, 5, y, x], right-hand side [1, 1, y, x]; nil where a network
    /// solves none. The parameters are those of `next`.
    func elevationSystem(
        _ state: Tensor<Double>, _ weights: Weights<Tensor<Double>>, geometry: NetworkGeometry<Double>
    ) -> StencilSystem<Double>?
}

extension EmulatorNetwork {
    public func elevationSystem(
        _ state: Tensor<Double>, _ weights: Weights<Tensor<Double>>, geometry: NetworkGeometry<Double>
    ) -> StencilSystem<Double>? { nil }

    public func fields<Scalar>(of geometry: NetworkGeometry<Scalar>) -> Tensor<Scalar> { geometry.fields }

    public var dispensableWeights: [Range<Int>] { [] }

    public var servesOtherDiscretisations: Bool { false }

    public func weights(_ parameters: Tensor<Double>, trainedFor trained: Discretisation, here: Discretisation) -> Tensor<Double> { parameters }

    public func check(ny: Int, nx: Int) throws {}

    /// The next normalised state, [1, 3, y, x], differentiable with Swift's `gradient` and `valueWithPullback` too.
    ///
    /// - Parameter parameters: `layout.count` values; the others are those of `next`.
    @differentiable(reverse, wrt: (parameters, state))
    public func predict<Scalar: TensorScalar>(
        _ parameters: Tensor<Scalar>, from state: Tensor<Scalar>, geometry: NetworkGeometry<Scalar>, implicit: LinearImplicit
    ) -> Tensor<Scalar> {
        next(state, Weights(parameters), geometry: geometry, implicit: implicit)
    }

    @derivative(of: predict, wrt: (parameters, state))
    public func vjpPredict<Scalar: TensorScalar>(
        _ parameters: Tensor<Scalar>, from state: Tensor<Scalar>, geometry: NetworkGeometry<Scalar>, implicit: LinearImplicit
    ) -> (value: Tensor<Scalar>, pullback: (Tensor<Scalar>) -> (Tensor<Scalar>, Tensor<Scalar>)) {
        let at = linearised(parameters, at: state, geometry: geometry, implicit: implicit)
        return (at.value, { cotangent in
            let gradient = at.pullback(cotangent)
            return (gradient.parameters, gradient.input)
        })
    }

    /// The next normalised state with its derivative along one direction of parameters and state, either of which may be `.zero`.
    public func predictWithTangent<Scalar: TensorScalar>(
        _ parameters: Tensor<Scalar>, from state: Tensor<Scalar>, along direction: (parameters: Tensor<Scalar>, state: Tensor<Scalar>),
        geometry: NetworkGeometry<Scalar>, implicit: LinearImplicit
    ) -> (value: Tensor<Scalar>, tangent: Tensor<Scalar>) {
        let result = next(
            TangentField(primal: state, tangent: direction.state), Weights(parameters, along: direction.parameters), geometry: geometry,
            implicit: implicit)
        return (result.primal, result.tangent)
    }

    /// The next normalised state with its Jacobian, for any number of directions and cotangents.
    public func linearised<Scalar: TensorScalar>(
        _ parameters: Tensor<Scalar>, at state: Tensor<Scalar>, geometry: NetworkGeometry<Scalar>, implicit: LinearImplicit
    ) -> Linearisation<Scalar> {
        Linearisation(parameters: parameters, input: state) { next($0, $1, geometry: geometry, implicit: implicit) }
    }
}
