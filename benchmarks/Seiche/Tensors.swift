import Tensors
import _Differentiation

// Speed of the convolutions and their derivatives beside what the processor can do: the rate of fused multiply-adds that stay in registers.

func benchmarkTensors() {
    let peak = peakRate()
    show("fused multiply-adds in registers, Float, one core", peak, "GFLOP/s")
    print("convolutions of 100 x 100 cells, Float, zero padding; forward with bias and ReLU, derivatives without; GFLOP/s (part of the peak of one core)")
    for kernel in [3, 1, 5] {
        for channels in [8, 16, 32, 64] {
            for batch in [1, 8] where kernel == 3 || batch == 1 {
                for threads in [1, 2] { benchmarkConvolution(batch, channels, channels, kernel, threads: threads, peak) }
            }
        }
    }
    for (inputs, outputs) in [(5, 32), (8, 3)] { benchmarkConvolution(1, inputs, outputs, 3, threads: 1, peak) }
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

private func benchmarkConvolution(_ batch: Int, _ inputs: Int, _ outputs: Int, _ kernel: Int, threads: Int, _ peak: Double) {
    let input = wave([batch, inputs, 100, 100], Float.self)
    let weights = wave([outputs, inputs, kernel, kernel], Float.self)
    let bias = wave([outputs], Float.self)
    let work = 2e-9 * Double(kernel * kernel * inputs * outputs * batch) * 1e4
    TensorThreads.$limit.withValue(threads) {
        let layer = input.linearisedConvolution(with: weights, bias: bias)
        let seed = layer.value
        let forward = leastSeconds { _ = input.convolved(with: weights, bias: bias, activation: .rectifier) }
        let byInput = leastSeconds { _ = layer.cotangents(seed, weights: false, bias: false) }
        let byWeights = leastSeconds { _ = layer.cotangents(seed, input: false, bias: false) }
        let rates = [forward, byInput, byWeights].map { "\((work / $0).rounded()) (\((100 * work / $0 / peak).rounded()) %)" }
        print(
            "  \(kernel)x\(kernel), batch \(batch), \(inputs) -> \(outputs) channels, \(threads) threads: "
                + "forward \(rates[0]), by input \(rates[1]), by weights \(rates[2])")
    }
}

/// Billions of operations a second of sixteen independent chains of fused multiply-adds.
private func peakRate() -> Double {
    let rounds = 200_000
    var sums = [SIMD16<Float>](repeating: SIMD16(repeating: 0), count: 16)
    let best = leastSeconds {
        let factor = SIMD16<Float>(repeating: 0.5)
        let change = SIMD16<Float>(repeating: 1e-9)
        var (a, b, c, d) = (sums[0], sums[1], sums[2], sums[3])
        var (e, f, g, h) = (sums[4], sums[5], sums[6], sums[7])
        var (i, j, k, l) = (sums[8], sums[9], sums[10], sums[11])
        var (m, n, o, p) = (sums[12], sums[13], sums[14], sums[15])
        for _ in 0..<rounds {
            a = change.addingProduct(a, factor)
            b = change.addingProduct(b, factor)
            c = change.addingProduct(c, factor)
            d = change.addingProduct(d, factor)
            e = change.addingProduct(e, factor)
            f = change.addingProduct(f, factor)
            g = change.addingProduct(g, factor)
            h = change.addingProduct(h, factor)
            i = change.addingProduct(i, factor)
            j = change.addingProduct(j, factor)
            k = change.addingProduct(k, factor)
            l = change.addingProduct(l, factor)
            m = change.addingProduct(m, factor)
            n = change.addingProduct(n, factor)
            o = change.addingProduct(o, factor)
            p = change.addingProduct(p, factor)
        }
        sums = [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
    }
    return 16.0 * 16 * 2 * Double(rounds) / best * 1e-9
}
