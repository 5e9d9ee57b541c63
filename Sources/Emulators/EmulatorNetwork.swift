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

    /// The convolutions that see the state's three channels followed by the geometry's two, and nothing else; all of one kernel size.
    var inputLayers: [Convolution2D] { get }

    /// The next normalised state. Dry cells and closed faces stay zero.
    ///
    /// - Parameters:
    ///   - parameters: `layout.count` values.
    ///   - state: [1, 3, y, x], zero on dry cells and closed faces.
    ///   - geometry: of the same grid.
    ///   - implicit: how implicit layers solve, and the record of their solves.
    @differentiable(reverse, wrt: (parameters, state))
    func predict<Scalar: TensorScalar>(
        _ parameters: Tensor<Scalar>, from state: Tensor<Scalar>, geometry: NetworkGeometry<Scalar>, implicit: LinearImplicit
    ) -> Tensor<Scalar>
}
