import Tensors
import _Differentiation

// Speed of the convolutions and their derivatives beside what the processor can do: the rate of fused multiply-adds that stay in registers.

func benchmarkTensors() {
    let peak = peakRate()
    show("fused multiply-adds in registers, Float, one core", peak, "GFLOP/s")
    print("convolutions of 100 x 100 cells, Float, zero padding; forward with bias and ReLU, derivatives without; GFLOP/s (part of the peak of one core)")
    print("of the definition's products, of which a kernel of three rows needs about half")
    for kernel in [3, 1, 5] {
        for channels in [8, 16, 32, 64] {
            for batch in [1, 8] where kernel == 3 || batch == 1 {
                for threads in [1, 2] { benchmarkConvolution(batch, channels, channels, kernel, threads: threads, peak) }
            }
        }
    }
    for (inputs, outputs) in [(5, 32), (24, 16), (8, 3)] { benchmarkConvolution(1, inputs, outputs, 3, threads: 1, peak) }
    benchmarkScaling(peak)
    print("3x3 convolutions of a U-net of 16 to 128 channels, batch 16, GFLOP/s (part of the peak of one core)")
    for (inputs, outputs, n) in [
        (5, 16, 100), (16, 16, 100), (16, 32, 50), (32, 32, 50), (32, 64, 25), (64, 64, 25), (64, 128, 13), (128, 128, 13), (192, 64, 25), (96, 32, 50),
        (48, 16, 100),
    ] { benchmarkConvolution(16, inputs, outputs, 3, n: n, threads: 1, peak) }
    TensorThreads.$limit.withValue(1) {
        benchmarkLines()
        benchmarkDense()
        benchmarkPasses()
    }
}

/// The rings of Lorenz '96: small fields of which a batch is one piece of work.
private func benchmarkLines() {
    let (batch, channels, cells) = (32, 32, 40)
    let input = wave([batch, channels, cells], Float.self)
    let weights = wave([channels, channels, 5], Float.self)
    let bias = wave([channels], Float.self)
    let layer = input.linearisedConvolution(with: weights, bias: bias, padding: .circular)
    let work = 2e-9 * Double(5 * channels * channels * batch * cells)
    let forward = leastSeconds { _ = input.convolved(with: weights, bias: bias, padding: .circular) }
    show("  ring of 40 cells, 5 taps, batch 32, 32 channels: forward", work / forward, "GFLOP/s")
    show("    backward, by input and weights", 2 * work / leastSeconds { _ = layer.cotangents(layer.value) }, "GFLOP/s")
}

private func benchmarkDense() {
    let (batch, features) = (32, 1024)
    let input = wave([batch, features], Float.self)
    let weights = wave([features, features], Float.self)
    let bias = wave([features], Float.self)
    let layer = input.linearisedDense(with: weights, bias: bias)
    let work = 2e-9 * Double(batch * features * features)
    show("  dense layer 1024 -> 1024, batch 32: forward", work / leastSeconds { _ = input.dense(with: weights, bias: bias) }, "GFLOP/s")
    show("    by input", work / leastSeconds { _ = layer.cotangents(layer.value, weights: false, bias: false) }, "GFLOP/s")
    show("    by weights", work / leastSeconds { _ = layer.cotangents(layer.value, input: false, bias: false) }, "GFLOP/s")
}

/// Operations of a few calculations per element.
private func benchmarkPasses() {
    print("passes over 32 channels of 100 x 100 cells, Float, one core, ns an element")
    let field = wave([1, 32, 100, 100], Float.self)
    let scale = wave([32], Float.self)
    func each(_ name: String, _ body: () -> Void) { show("  " + name, 1e9 * leastSeconds(body) / Double(field.count), "ns") }
    each("sum of two") { _ = field + field }
    for activation in Activation.allCases where activation != .none { each("\(activation)") { _ = field.activated(by: activation) } }
    each("mean of windows of 2 x 2") { _ = field.averagePooled() }
    each("largest of windows of 2 x 2") { _ = field.maximumPooled() }
    let coarse = field.averagePooled()
    for method in Upsampling.allCases { each("refinement by two, \(method)") { _ = coarse.upsampled(to: [100, 100], by: method) } }
    each("normalisation in 4 groups") { _ = field.groupNormalised(groups: 4, scale: scale, shift: scale) }
    each("8 products of pairs") { _ = field.pairwiseProducts(8) }
}

private func benchmarkConvolution(_ batch: Int, _ inputs: Int, _ outputs: Int, _ kernel: Int, n: Int = 100, threads: Int, _ peak: Double) {
    let input = wave([batch, inputs, n, n], Float.self)
    let weights = wave([outputs, inputs, kernel, kernel], Float.self)
    let bias = wave([outputs], Float.self)
    let work = 2e-9 * Double(kernel * kernel * inputs * outputs * batch * n * n)
    TensorThreads.$limit.withValue(threads) {
        let layer = input.linearisedConvolution(with: weights, bias: bias)
        let seed = layer.value
        let forward = leastSeconds { _ = input.convolved(with: weights, bias: bias, activation: .rectifier) }
        let byInput = leastSeconds { _ = layer.cotangents(seed, weights: false, bias: false) }
        let byWeights = leastSeconds { _ = layer.cotangents(seed, input: false, bias: false) }
        let rates = [forward, byInput, byWeights].map { "\((work / $0).rounded()) (\((100 * work / $0 / peak).rounded()) %)" }
        print(
            "  \(kernel)x\(kernel), batch \(batch), \(inputs) -> \(outputs) channels, \(n) x \(n), \(threads) threads: "
                + "forward \(rates[0]), by input \(rates[1]), by weights \(rates[2])")
    }
}
