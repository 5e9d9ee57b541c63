import Dynamics
import Layers
import StencilSolvers
import Tensors

/// The precision that an emulator computes in.
public enum EmulatorPrecision: String, Sendable, CaseIterable {
    /// About twice as fast, and as exact as most trained weights are.
    case single
    case double

    /// Relative residual that implicit layers are solved to where nothing else is said.
    public var solverTolerance: Double { self == .single ? 1e-6 : 1e-10 }
}

/// A network with weights on a grid, in normalised variables, whatever it computes in: vectors of [3, y, x].
protocol NormalisedStep: Sendable {
    func next(_ state: [Double], by implicit: LinearImplicit) -> [Double]
    /// J v.
    func tangent(at state: [Double], along direction: [Double], by implicit: LinearImplicit) -> [Double]
    /// J^T w.
    func adjoint(at state: [Double], of cotangent: [Double], by implicit: LinearImplicit) -> [Double]
}

struct NetworkStep<Scalar: TensorScalar>: NormalisedStep {
    private let network: any EmulatorNetwork
    private let parameters: Tensor<Scalar>
    private let geometry: NetworkGeometry<Scalar>

    init(_ network: any EmulatorNetwork, parameters: Tensor<Double>, geometry: NetworkGeometry<Scalar>) {
        self.network = network
        self.parameters = parameters.converted(to: Scalar.self)
        self.geometry = geometry
    }

    func next(_ state: [Double], by implicit: LinearImplicit) -> [Double] {
        vector(network.predict(parameters, from: tensor(state), geometry: geometry, implicit: implicit))
    }

    func tangent(at state: [Double], along direction: [Double], by implicit: LinearImplicit) -> [Double] {
        vector(network.predictWithTangent(
            parameters, from: tensor(state), along: (.zero, tensor(direction)), geometry: geometry, implicit: implicit).tangent)
    }

    func adjoint(at state: [Double], of cotangent: [Double], by implicit: LinearImplicit) -> [Double] {
        let gradient = network.linearised(parameters, at: tensor(state), geometry: geometry, implicit: implicit)
            .pullback(tensor(cotangent), by: .input).input
        return vector(gradient.masked(by: geometry.stateMask))
    }

    /// Dry cells and closed faces are zero.
    private func tensor(_ values: [Double]) -> Tensor<Scalar> {
        Tensor(shape: geometry.stateMask.shape, scalars: values).converted(to: Scalar.self).masked(by: geometry.stateMask)
    }

    private func vector(_ tensor: Tensor<Scalar>) -> [Double] { tensor.converted(to: Double.self).scalars }
}
