import Basics
import Dynamics
import Emulators
import Layers
import Tensors
import TestSupport
import Testing
import Training

@Suite struct PatchPreconditionerTests {
    private let network = FluxFormImplicitNet(products: 2, stresses: 2)

    private func preconditioner() throws -> (PatchPreconditioner, TrainingWindows) {
        let depth: [Double] = (0..<3000).map { (cell: Int) -> Double in cell % 17 == 0 ? 0 : Double(20 + cell % 7) }
        let windows = try LinearWaves(grid: ShallowWaterGrid(nx: 60, ny: 50, dx: 1000, dy: 1000, depth: depth)).windows(0..<4)
        return (try PatchPreconditioner(network, windows: windows), windows)
    }

    /// A change of variables w = T theta takes gradients with T's transpose.
    @Test func gradientIsTheTransposeOfWeights() throws {
        let (preconditioner, _) = try preconditioner()
        var stream = RandomStream(seed: 1, purpose: "preconditioner test")
        let (theta, g) = (stream.normals(network.layout.count), stream.normals(network.layout.count))
        let left = zip(preconditioner.weights(theta), g).reduce(0) { $0 + $1.0 * $1.1 }
        let right = zip(theta, preconditioner.gradient(g)).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(left - right) < 1e-11 * (abs(left) + 1))
    }

    /// Rows that are unit vectors in the new variables see inputs of unit second moment, uncorrelated with each other: of a layer that sees the state alone, and of
    /// one that sees depth and mask too, whose last unit vector is the constant.
    @Test(arguments: [0, 3]) func inputsAreUncorrelatedInTheNewVariables(layerIndex: Int) throws {
        let (preconditioner, windows) = try preconditioner()
        let layer = network.inputLayers[layerIndex]
        let outputs = layer.weights.shape[0], taps = layer.weights.shape[1] * 9
        var theta = [Double](repeating: 0, count: network.layout.count)
        // The centre tap of zeta and u.
        for (output, input) in [4, 13].enumerated() { theta[layer.weights.range.lowerBound + output * taps + input] = 1 }
        let weights = Tensor(shape: [network.layout.count], scalars: preconditioner.weights(theta))
        var moments = [Double](repeating: 0, count: outputs * outputs)
        var count = 0.0
        for index in 0..<windows.count {
            let window = windows[index]
            let seen = layer.bias == nil ? window.input : window.input.concatenated(with: network.fields(of: window.geometry))
            let result = layer.value(weights, at: seen.converted(to: Double.self))
            let plane = result.count / outputs
            for cell in 0..<plane where window.geometry.wet.scalars[cell] != 0 {
                for a in 0..<outputs {
                    for b in 0..<outputs { moments[a * outputs + b] += result.scalars[a * plane + cell] * result.scalars[b * plane + cell] }
                }
                count += 1
            }
        }
        // It looks at a sample of states and cells, and its ridge takes a little: measured at most 0.17.
        for a in 0..<outputs {
            for b in 0..<outputs {
                let expected = a == b ? 1.0 : 0
                #expect(measured("moment \(a), \(b)", abs(moments[a * outputs + b] / count - expected)) < 0.25)
            }
        }
    }

    @Test func statesWithoutVarianceDoNoHarm() throws {
        let grid = try islandGrid()
        let still = try TrainingSimulation(
            grid: grid, values: [Float](repeating: 0, count: 6 * grid.cellCount), scales: ChannelScales(zeta: 1, u: 1, v: 1, depth: 25), timeStep: 12)
        // The ridge keeps the matrix positive: a state at rest is no error, only uninformative.
        let preconditioner = try PatchPreconditioner(network, windows: try TrainingWindows([still]))
        let weights = preconditioner.weights([Double](repeating: 1, count: network.layout.count))
        #expect(weights.allSatisfy { $0.isFinite })
    }

    @Test func withoutLayersVariablesAreTheWeights() throws {
        let pairs = try LinearWaves(grid: try islandGrid()).windows(0..<2)
        let preconditioner = try PatchPreconditioner(LinearWavesNet(), windows: pairs)
        var stream = RandomStream(seed: 1, purpose: "preconditioner test")
        let vector = stream.normals(50)
        #expect(preconditioner.weights(vector) == vector && preconditioner.gradient(vector) == vector)
    }
}
