import Dynamics
import Emulators
import Layers
import ReferenceModels
import StencilSolvers
import Tensors

// What derivatives of whole compositions cost, in runs of the composition itself.

func benchmarkBlocks() throws {
    print("derivatives of blocks, Float, in forward passes")
    let plane = [1, 5, 100, 100]
    let solver = LinearImplicit(solver: GaussSeidel(tolerance: 1e-5))
    showCosts("the talk's explicit step, 100 x 100", input: plane) { BilinearStep("step", inputs: 5, others: 2, solver: nil, in: &$0) }
    showCosts("the talk's implicit step, 100 x 100", input: plane) { BilinearStep("step", inputs: 5, others: 2, solver: solver, in: &$0) }
    showCosts("four residual blocks of 16 channels, 100 x 100", input: [1, 16, 100, 100]) { layout in
        Chain((0..<4).map { ConvolutionResidualBlock("block \($0)", channels: 16, in: &layout) })
    }
    showCosts("two residual blocks of 16 channels, one of them implicit, 100 x 100", input: [1, 16, 100, 100]) {
        Chain(ConvolutionResidualBlock("local", channels: 16, in: &$0), ImplicitResidualBlock("implicit", channels: 16, solver: solver, in: &$0))
    }
    showCosts("U-net of 16 to 128 channels, 100 x 100", input: plane) {
        UNet("net", inputs: 5, outputs: 3, channels: [16, 32, 64, 128], in: &$0)
    }
    showCosts("Runge-Kutta around 1 to 32 to 32 to 1 channels on a ring of 40, batch 32", input: [32, 1, 40]) {
        RungeKutta4(
            Chain(
                Convolution("first", axes: 1, inputs: 1, outputs: 32, kernel: 5, padding: .circular, activation: .rectifier, in: &$0),
                Convolution("second", axes: 1, inputs: 32, outputs: 32, kernel: 5, padding: .circular, activation: .rectifier, in: &$0),
                Convolution("last", axes: 1, inputs: 32, outputs: 1, kernel: 5, gain: 1, padding: .circular, in: &$0)), timeStep: 0.05)
    }
    try benchmarkNetworks()
}

/// The emulators' networks on the talk's basin, as a training uses them.
private func benchmarkNetworks() throws {
    let basin = try IdealisedBasin().simulation(0, seed: 1)
    let geometry = NetworkGeometry<Float>(basin.grid, scales: ChannelScales(zeta: 0.01, u: 0.01, v: 0.01, depth: 15), timeStep: 300)
    let implicit = LinearImplicit(solver: GaussSeidel(tolerance: 1e-5))
    let state = wave([1, 3, 100, 100], Float.self).masked(by: geometry.stateMask)
    func showNetwork(_ name: String, _ network: some EmulatorNetwork) {
        let parameters = network.layout.initialParameters(seed: 1).converted(to: Float.self)
        showCosts(
            "\(name), 100 x 100", parameters, state, value: { network.predict($0, from: $1, geometry: geometry, implicit: implicit) },
            tangent: { network.predictWithTangent(parameters, from: state, along: ($0, $1), geometry: geometry, implicit: implicit) },
            linearised: { network.linearised(parameters, at: state, geometry: geometry, implicit: implicit) })
    }
    showNetwork("implicit network, 12 products", FluxFormImplicitNet(products: 12, stresses: 4))
    showNetwork("explicit network, 12 + 12 channels, 24 hidden", ExplicitConvolutionNet(products: 6, linear: 12, hidden: 24))
}

private func showCosts(_ name: String, input shape: [Int], _ make: (inout ParameterLayout) -> some Block) {
    var layout = ParameterLayout()
    let block = make(&layout)
    let parameters = layout.initialParameters(seed: 1).converted(to: Float.self)
    let x = wave(shape, Float.self)
    showCosts(
        name, parameters, x, value: { block.value($0, at: $1) },
        tangent: { block.valueWithTangent(parameters, at: x, along: ($0, $1)) }, linearised: { block.linearised(parameters, at: x) })
}

private func showCosts(
    _ name: String, _ parameters: Tensor<Float>, _ x: Tensor<Float>, value: (Tensor<Float>, Tensor<Float>) -> Tensor<Float>,
    tangent: (Tensor<Float>, Tensor<Float>) -> (Tensor<Float>, Tensor<Float>), linearised: () -> Linearisation<Float>
) {
    let direction = wave(parameters.shape, Float.self)
    let forward = leastSeconds { _ = value(parameters, x) }
    let at = linearised()
    let w = at.value
    show("  \(name), \(parameters.count) weights: one forward pass", 1000 * forward, "ms")
    let costs = [
        ("value and tangent by input", leastSeconds { _ = tangent(.zero, x) }),
        ("value and tangent by input and parameters", leastSeconds { _ = tangent(direction, x) }),
        ("recording", leastSeconds { _ = linearised() }),
        ("one more tangent by input", leastSeconds { _ = at.tangent(input: x) }),
        ("one more tangent by input and parameters", leastSeconds { _ = at.tangent(input: x, parameters: direction) }),
        ("one more pullback by input", leastSeconds { _ = at.pullback(w, by: .input) }),
        ("one more pullback by parameters", leastSeconds { _ = at.pullback(w, by: .parameters) }),
        ("one more pullback by both", leastSeconds { _ = at.pullback(w) }),
    ]
    for (what, time) in costs { show("    \(what)", time / forward, "") }
}
