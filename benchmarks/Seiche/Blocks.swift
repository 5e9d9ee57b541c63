import Layers
import StencilSolvers
import Tensors
import _Differentiation

// What derivatives of whole compositions cost, in runs of the composition itself.

func benchmarkBlocks() {
    print("derivatives of blocks, Float, in forward passes")
    var layout = ParameterLayout()
    let bilinear = BilinearConvolutionNet("net", inputs: 5, outputs: 3, in: &layout)
    showCosts("bilinear net of the talk, 100 x 100", bilinear, layout, input: [1, 5, 100, 100])
}

private func showCosts(_ name: String, _ block: some Block, _ layout: ParameterLayout, input shape: [Int]) {
    let parameters = layout.initialParameters(seed: 1).converted(to: Float.self)
    let x = wave(shape, Float.self)
    let direction = wave([layout.count], Float.self)
    let forward = seconds { _ = block.value(parameters, at: x) }
    let at = block.linearised(parameters, at: x)
    let w = at.value
    show("  \(name), \(layout.count) weights: one forward pass", 1000 * forward, "ms")
    let costs = [
        ("value and tangent by input", seconds { _ = block.valueWithTangent(parameters, at: x, along: (.zero, x)) }),
        ("value and tangent by input and parameters", seconds { _ = block.valueWithTangent(parameters, at: x, along: (direction, x)) }),
        ("recording", seconds { _ = block.linearised(parameters, at: x) }),
        ("one more tangent by input", seconds { _ = at.tangent(input: x) }),
        ("one more tangent by input and parameters", seconds { _ = at.tangent(input: x, parameters: direction) }),
        ("one more pullback by input", seconds { _ = at.pullback(w, by: .input) }),
        ("one more pullback by parameters", seconds { _ = at.pullback(w, by: .parameters) }),
        ("one more pullback by both", seconds { _ = at.pullback(w) }),
    ]
    for (what, time) in costs { show("    \(what)", time / forward, "") }
}
