import Dynamics
import Emulators
import Layers
import ReferenceModels
import StencilSolvers
import Tensors
import Training
import _Differentiation

// Speed of the parts that training and forecasting spend their time in. Shared machines are noisy: read the ratios.

/// Median seconds of `runs` calls after one that is not counted.
func seconds(_ runs: Int = 15, _ body: () throws -> Void) rethrows -> Double {
    try body()
    let clock = ContinuousClock()
    let times = try (0..<runs).map { _ in
        let duration = try clock.measure(body)
        return Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }.sorted()
    return times[runs / 2]
}

func show(_ name: String, _ value: Double, _ unit: String) {
    let rounded = (value * 1000).rounded() / 1000
    print(name + String(repeating: " ", count: max(1, 64 - name.count)) + "\(rounded) \(unit)")
}

func wave<Scalar: TensorScalar>(_ shape: [Int], _ type: Scalar.Type) -> Tensor<Scalar> {
    let count = shape.reduce(1, *)
    return Tensor(shape: shape, scalars: (0..<count).map { Scalar(Double(($0 * 7919) % 1009) / 1009 - 0.5) })
}

print("convolution 3x3, 100 x 100 cells, Float, one core")
for channels in [8, 16, 32] {
    let input = wave([1, channels, 100, 100], Float.self)
    let weights = wave([channels, channels, 3, 3], Float.self)
    let bias = wave([channels], Float.self)
    let work = 2e-9 * 9 * Double(channels * channels) * 1e4
    show("  forward, \(channels) channels", work / seconds { _ = input.convolved(with: weights, bias: bias) }, "GFLOP/s")
    let pullback = pullback(at: input, weights, bias) { $0.convolved(with: $1, bias: $2) }
    let seed = input.convolved(with: weights, bias: bias)
    show("  backward, \(channels) channels", 2 * work / seconds { _ = pullback(seed) }, "GFLOP/s")
}

let basin = try IdealisedBasin().simulation(0, seed: 1)
let model = try ShallowWaterModel(grid: basin.grid, timeStep: 300)
let state = try model.advance(basin.initialState, steps: 10).state
let fortran = try seconds { _ = try model.step(state) }
let network = FluxFormImplicitNet(products: 12)
let scales = ChannelScales(zeta: 0.01, u: 0.01, v: 0.01, depth: 15)
let emulator = try ShallowWaterEmulator(
    network: network, parameters: network.layout.initialParameters(seed: 1), scales: scales, grid: basin.grid, timeStep: 300)
print("one step of the talk's 100 x 100 basin, dt = 300 s, one core")
show("  Fortran model, to 1e-12", 1000 * fortran, "ms")
let forecast = try seconds { _ = try emulator.step(state) }
show("  implicit emulator, Double, to 1e-10", 1000 * forecast, "ms")
show("  implicit emulator's adjoint, Double", 1000 * (try seconds { _ = try emulator.adjointStep(at: state, applying: state) }), "ms")
show("  emulator / Fortran", forecast / fortran, "")

print("red-black solve of I - div(c grad), random right-hand side, relative residual 1e-5, Float, one core")
for size in [100, 256, 512] {
    for c in [0.033, 0.83, 100] {
        let faces = Tensor<Float>(shape: [1, 2, size, size], repeating: Float(c))
        let b = wave([size * size], Float.self).scalars
        let stencil = FivePointStencil(ny: size, nx: size, coefficients: faces.fluxFormStencil().scalars)
        let factored = RedBlackGaussSeidel(tolerance: 1e-5).factor(stencil)
        let report = factored.solve(b, startingFrom: nil).report
        show("  \(size)^2, c = \(c): \(report.iterations) sweeps, \(report.status)", 1000 * seconds(5) { _ = factored.solve(b, startingFrom: nil) }, "ms")
    }
}
