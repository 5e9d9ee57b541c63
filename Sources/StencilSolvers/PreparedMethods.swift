import Synchronization
import Tensors

/// The factorizations that an automatic solve has needed so far, by their place in its list; shared by solves that run side by side.
final class PreparedMethods<Scalar: TensorScalar>: Sendable {
    private let methods: Mutex<[(any StencilFactorization<Scalar>)?]>

    init(_ count: Int) { methods = Mutex([(any StencilFactorization<Scalar>)?](repeating: nil, count: count)) }

    func method(_ index: Int) -> (any StencilFactorization<Scalar>)? { methods.withLock { $0[index] } }

    func set(_ index: Int, _ method: any StencilFactorization<Scalar>) { methods.withLock { $0[index] = method } }
}
