import Dynamics
import Emulators
import Layers
import ReferenceModels
import StencilSolvers
import Tensors
import _Differentiation

// What derivatives of whole compositions cost, in runs of the composition itself.

func benchmarkBlocks() throws {
    print("derivatives of blocks, Float, in forward passes")
    var layout = ParameterLayout()
    let bilinear = BilinearConvolutionNet("net", inputs: 5, outputs: 3, in: &layout)
    showCosts("bilinear net of the talk, 100 x 100", bilinear, layout, input: [1, 5, 100, 100])
    try benchmarkNetworks()
}

/// The emulators' networks on the talk's basin, as a training uses them.
private func benchmarkNetworks() throws {
    let basin = try IdealisedBasin().simulation(0, seed: 1)
    let geometry = NetworkGeometry<Float>(basin.grid, scales: ChannelScales(zeta: 0.01, u: 0.01, v: 0.01, depth: 15))
    let implicit = LinearImplicit(solver: GaussSeidel(tolerance: 1e-5))
    let state = wave([1, 3, 100, 100], Float.self).masked(by: geometry.stateMask)
    func showNetwork(_ name: String, _ network: some EmulatorNetwork) {
        let parameters = network.layout.initialParameters(seed: 1).converted(to: Float.self)
        let forward = leastSeconds { _ = network.predict(parameters, from: state, geometry: geometry, implicit: implicit) }
        let gradient = leastSeconds {
            let (value, pullback) = valueWithPullback(at: parameters) {
                network.predict($0, from: state, geometry: geometry, implicit: implicit)
            }
            _ = pullback(value)
        }
        show("  \(name): a forward pass", 1000 * forward, "ms")
        show("    value and gradient by the weights", gradient / forward, "")
    }
    showNetwork("implicit network, 12 products", FluxFormImplicitNet(products: 12))
    showNetwork("explicit network, 12 + 12 channels, 24 hidden", ExplicitConvolutionNet(products: 6, linear: 12, hidden: 24))
}

private func showCosts(_ name: String, _ block: some Block, _ layout: ParameterLayout, input shape: [Int]) {
    let parameters = layout.initialParameters(seed: 1).converted(to: Float.self)
    let x = wave(shape, Float.self)
    let direction = wave([layout.count], Float.self)
    let forward = leastSeconds { _ = block.value(parameters, at: x) }
    let at = block.linearised(parameters, at: x)
    let w = at.value
    show("  \(name), \(layout.count) weights: one forward pass", 1000 * forward, "ms")
    let costs = [
        ("value and tangent by input", leastSeconds { _ = block.valueWithTangent(parameters, at: x, along: (.zero, x)) }),
        ("value and tangent by input and parameters", leastSeconds { _ = block.valueWithTangent(parameters, at: x, along: (direction, x)) }),
        ("recording", leastSeconds { _ = block.linearised(parameters, at: x) }),
        ("one more tangent by input", leastSeconds { _ = at.tangent(input: x) }),
        ("one more tangent by input and parameters", leastSeconds { _ = at.tangent(input: x, parameters: direction) }),
        ("one more pullback by input", leastSeconds { _ = at.pullback(w, by: .input) }),
        ("one more pullback by parameters", leastSeconds { _ = at.pullback(w, by: .parameters) }),
        ("one more pullback by both", leastSeconds { _ = at.pullback(w) }),
    ]
    for (what, time) in costs { show("    \(what)", time / forward, "") }
}
