import Dynamics
import Emulators
import Layers
import StencilSolvers
import Tensors
import TestSupport
import Testing

/// No bit of a network's value, tangent or gradient depends on the number of threads.
@Suite struct NetworkThreadTests {
    /// Large enough for other threads to be woken.
    private static let networks: [NetworkSpecification] = [
        .implicit(products: 12, stresses: 4), .fluxForm(products: 12, stresses: 4), .explicit(products: 2, linear: 12, hidden: 24),
        .bilinearImplicit(stages: BilinearConvolutionNet.published), .bilinearExplicit(stages: BilinearConvolutionNet.published),
        .unet(widths: [16, 24]), .nonLocal(.init(nx: 61, ny: 67, coarsenings: 2, hidden: 32, local: 16)),
        .implicitResidual(channels: 16, blocks: 2),
    ]

    @Test(arguments: networks) func bitsAreTheSameOnAnyNumberOfThreads(_ specification: NetworkSpecification) throws {
        let depth: [Double] = (0..<61 * 67).map { (cell: Int) -> Double in cell % 19 == 0 ? 0 : Double(10 + cell % 23) }
        let grid = try ShallowWaterGrid(nx: 61, ny: 67, dx: 1000, dy: 1000, depth: depth)
        let (geometry, network) = (NetworkGeometry<Float>(grid, scales: unitScales(depth: 25), timeStep: 4), try specification.network())
        // Small weights: they solve easily, and none is without effect.
        let parameters = sampleTensor([network.layout.count], seed: 3).scaled(by: 0.05).converted(to: Float.self)
        let direction = sampleTensor([network.layout.count], seed: 4).converted(to: Float.self)
        func all() -> [Tensor<Float>] {
            let implicit = LinearImplicit(solver: GaussSeidel(tolerance: 1e-5))
            let at = network.linearised(parameters, at: sampleState(geometry), geometry: geometry, implicit: implicit)
            let gradient = at.pullback(at.value)
            let result = [at.value, at.tangent(input: sampleState(geometry, seed: 9), parameters: direction), gradient.parameters, gradient.input]
            #expect(implicit.monitor.drain().failure == nil)
            return result
        }
        let alone = TensorThreads.$limit.withValue(1) { all() }
        for threads in [2, 3, 8] { #expect(TensorThreads.$limit.withValue(threads) { all() } == alone, "\(threads) threads") }
    }
}
