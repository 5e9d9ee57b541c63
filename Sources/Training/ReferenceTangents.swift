import Tensors

/// The tangent-linear of the model that is learned from, for losses on derivatives: at states of the training simulations, along directions that
/// follow from the state's place alone.
public protocol ReferenceTangents: Sendable {
    /// A direction d and M d, both normalised, [1, 3, y, x], d of about unit size in every free value and zero elsewhere.
    ///
    /// - Parameters:
    ///   - simulation: its position among the training simulations.
    ///   - time: the number of the state in it.
    func tangent(simulation: Int, time: Int) throws -> (direction: Tensor<Float>, image: Tensor<Float>)
}
