import Layers
import StencilSolvers
import Tensors
import TestSupport
import Testing

/// The flux form over any algebra of fields is the flux form over tensors, value and derivatives.
@Suite struct FluxFormFieldsTests {
    /// Conductance, velocity and depth of two samples, and a field.
    private let numbers = (0..<3).map { sampleTensor([2, 2, 5, 6], seed: 40 + UInt64($0)) }
    private let field = sampleTensor([2, 1, 5, 6], seed: 44)
    /// A face in three is closed.
    private let open = Tensor(shape: [2, 2, 5, 6], scalars: (0..<120).map { $0 % 3 == 1 ? 0 : 1.0 })
    private let layer = LinearImplicit(solver: BandedDirect(tolerance: 1e-13))

    @Test func valueAndTangentAreThoseOfTheSystem() {
        let directions = (0..<3).map { sampleTensor([2, 2, 5, 6], seed: 50 + UInt64($0)) }
        let change = sampleTensor(field.shape, seed: 54)
        let system = FluxFormSystem(conductance: numbers[0], velocity: numbers[1], depth: numbers[2], open: open)
        let along = FluxFormSystem.tangent(
            conductance: numbers[0], velocity: numbers[1], depth: numbers[2], open: open, along: (directions[0], directions[1], directions[2]))
        let expected = system.advancedWithTangent(field, along: along, change, by: layer)

        let fields = zip(numbers, directions).map { TangentField(primal: $0, tangent: $1) }
        let made = FluxFormFields(conductance: fields[0], velocity: fields[1], depth: fields[2], open: open)
        #expect(made.coefficients.primal == system.coefficients && made.flux.primal == system.flux)
        let next = made.advanced(TangentField(primal: field, tangent: change), by: layer)
        #expect(next.primal == expected.value)
        #expect(measured("flux form, tangent", relativeError(next.tangent, expected.tangent)) < 1e-13)
    }

    @Test func smallChangesOfCoefficientsAreNotRoundedAway() {
        // Beside the 1 of the matrix 1e-20 is nothing; beside zero it is a direction like any other.
        let c = Tensor(shape: [1, 2, 5, 6], repeating: 0.5)
        func tangent(_ size: Double) -> Tensor<Double> {
            let b = TangentField(constant: sampleTensor([1, 1, 5, 6], seed: 60))
            let change = TangentField(primal: c, tangent: sampleTensor(c.shape, seed: 61).scaled(by: size))
            return b.solvedInFluxForm(coefficients: change, by: layer).tangent
        }
        #expect(measured("a direction of 1e-20", relativeError(tangent(1e-20).scaled(by: 1e20), tangent(1))) < 1e-12)
    }
}
