import Basics
import Dynamics
import Layers
import Tensors

/// A `bilinearRK4` emulator has learned a tendency that is a polynomial of the states around, as the model's is; its constant term, the tendency of a
/// ring at rest, is what the model calls F. So F can be estimated through the emulator, also another one than it was trained with. Nets of other
/// kinds have no such coefficient.
extension Lorenz96Emulator: ParametricModel {
    /// F where the tendency is bilinear, else none.
    public var modelParameters: [ModelParameter] {
        guard let tendency = bilinearTendency else { return [] }
        let rest = Tensor(shape: [1, 1, Lorenz96Network.kernel], repeating: -scales.mean / scales.deviation)
        let value = scales.deviation * tendency.value(parameters, at: rest).scalars[0]
        return [ModelParameter(name: "forcing", unit: "1", range: -.infinity ... .infinity, value: value)]
    }

    public func withParameters(_ values: [Double]) throws -> Lorenz96Emulator {
        let known = modelParameters
        try checkCount(values, known.count)
        guard let bias else { return self }
        var weights = parameters.scalars
        weights[bias] += (values[0] - known[0].value) / scales.deviation
        return try Lorenz96Emulator(network: network, parameters: weights, scales: scales, timeStep: timeStep)
    }

    public func tangentStep(
        at state: Lorenz96State, number: Int, applying perturbation: Lorenz96State, parameters changes: [Double]
    ) throws -> Lorenz96State {
        try checkCount(changes, bias == nil ? 0 : 1)
        guard let bias else { return try tangentStep(at: state, applying: perturbation) }
        let input = try normalised(state)
        try check(perturbation, "perturbation")
        // Both directions are divided by the deviation, and the result multiplied: it drops out.
        var direction = [Double](repeating: 0, count: parameters.count)
        direction[bias] = changes[0]
        let change = block.valueWithTangent(
            parameters, at: input,
            along: (Tensor(shape: parameters.shape, scalars: direction), Tensor(shape: input.shape, scalars: perturbation.vector)))
        var result = state
        result.vector = change.tangent.scalars
        return result
    }

    public func parametricAdjointStep(
        at state: Lorenz96State, number: Int, applying cotangent: Lorenz96State
    ) throws -> (state: Lorenz96State, parameters: [Double]) {
        guard let bias else { return (try adjointStep(at: state, applying: cotangent), []) }
        let input = try normalised(state)
        try check(cotangent, "cotangent")
        let gradient = block.linearised(parameters, at: input).pullback(Tensor(shape: input.shape, scalars: cotangent.vector), by: .both)
        var result = cotangent
        result.vector = gradient.input.scalars
        return (result, [gradient.parameters.scalars[bias]])
    }

    private var bilinearTendency: BilinearConvolution? {
        guard case .bilinearRK4(let products) = network else { return nil }
        var layout = ParameterLayout()
        return Lorenz96Network.bilinearTendency(products: products, in: &layout)
    }

    /// The weight that is added to the normalised tendency.
    private var bias: Int? { bilinearTendency?.sum.bias?.range.lowerBound }

    private func checkCount(_ values: [Double], _ count: Int) throws {
        guard values.count == count else {
            throw SeicheError(
                .invalidInput, "there are \(values.count) values for the \(count) parameters of the emulator",
                why: count == 0 ? "only an emulator of kind \(Lorenz96Network.kinds[0]) has a forcing" : nil)
        }
    }
}
