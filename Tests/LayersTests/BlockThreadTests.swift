import Basics
import Layers
import StencilSolvers
import Tensors
import TestSupport
import Testing

/// No bit of a value, tangent or gradient depends on the number of threads.
@Suite struct BlockThreadTests {
    /// Large enough for other threads to be woken.
    private static let cases: [BlockCase] = [
        BlockCase("bilinear net", [2, 5, 61, 67]) { BilinearConvolutionNet("net", inputs: 5, outputs: 3, in: &$0) },
        BlockCase("U-net", [2, 5, 61, 67]) { UNet("net", inputs: 5, outputs: 3, channels: [16, 16, 24], groups: 4, in: &$0) },
        BlockCase("implicit residual block", [3, 16, 61, 67]) {
            ImplicitResidualBlock("ir", channels: 16, in: &$0).solving(by: LinearImplicit(solver: GaussSeidel(tolerance: 1e-6)))
        },
        BlockCase("whole grid", [2, 2, 18, 19]) { WholeGrid("w", inputs: [2, 18, 19], outputs: [2, 18, 19], activation: .tanh, in: &$0) },
    ]

    private struct Derivatives: Equatable {
        let value, tangent: Tensor<Float>
        let gradient: Linearisation<Float>.Gradient

        init(_ c: BlockCase) {
            let (p, v) = (c.direction.parameters.converted(to: Float.self), c.direction.x.converted(to: Float.self))
            let at = c.block.linearised(c.parameters.converted(to: Float.self), at: c.input.converted(to: Float.self))
            value = at.value
            tangent = at.tangent(input: v, parameters: p)
            gradient = at.pullback(at.value)
        }
    }

    @Test(arguments: cases) func bitsAreTheSameOnAnyNumberOfThreads(_ c: BlockCase) {
        let alone = TensorThreads.$limit.withValue(1) { Derivatives(c) }
        #expect(Derivatives(c) == alone)
        for threads in [2, 3, 8] { #expect(TensorThreads.$limit.withValue(threads) { Derivatives(c) } == alone, "\(threads) threads") }
    }

    @Test func oneLinearisationServesManyThreads() throws {
        let c = Self.cases[2]
        let at = c.block.linearised(c.parameters, at: c.input)
        let directions = (0..<6).map { sampleTensor(c.shape, seed: 90, index: $0) }
        let alone = directions.map { at.tangent(input: $0) }
        let gradients = alone.map { at.pullback($0) }
        let (tangents, pullbacks) = (Slots<Tensor<Double>>(6), Slots<Linearisation<Double>.Gradient>(6))
        try concurrentForEach(6) { k in
            tangents.set(k, at.tangent(input: directions[k]))
            pullbacks.set(k, at.pullback(alone[k]))
        }
        #expect(tangents.values == alone)
        #expect(pullbacks.values == gradients)
    }
}
