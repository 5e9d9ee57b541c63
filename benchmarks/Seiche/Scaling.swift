import Tensors

/// Whether time is linear in cells, pairs of channels and samples: what a 3x3 convolution with bias and ReLU takes of each, forward, and backward by input
/// and weights, on one core. A flat column is linear.
///
/// - Parameter peak: fused multiply-adds in registers, GFLOP/s.
func benchmarkScaling(_ peak: Double) {
    print("3x3 convolution with bias and ReLU, Float, one core: time per cell, pair of channels and sample, beside \(Int(peak)) GFLOP/s in registers and")
    print("  \(Int(copyRate(bytes: 192 << 10))) and \(Int(copyRate(bytes: 768 << 20))) GB/s of a sum of two fields in the cache and in memory; the field's GB/s is in and out once")
    TensorThreads.$limit.withValue(1) {
        for n in [50, 100, 200, 400, 800] { showCost("\(n) x \(n) cells, 16 channels, batch 1", batch: 1, channels: 16, n) }
        for channels in [8, 16, 32, 64, 128] { showCost("\(channels) channels, 100 x 100 cells, batch 1", batch: 1, channels: channels, 100) }
        for batch in [1, 2, 4, 8, 16, 32] { showCost("batch \(batch), 16 channels, 100 x 100 cells", batch: batch, channels: 16, 100) }
    }
}

private func showCost(_ name: String, batch: Int, channels: Int, _ n: Int) {
    let input = wave([batch, channels, n, n], Float.self)
    let (weights, bias) = (wave([channels, channels, 3, 3], Float.self), wave([channels], Float.self))
    let products = Double(batch * n * n * channels * channels)
    let forward = leastSeconds { _ = input.convolved(with: weights, bias: bias, activation: .rectifier) }
    let layer = input.linearisedConvolution(with: weights, bias: bias, activation: .rectifier)
    let backward = leastSeconds { _ = layer.cotangents(layer.value) }
    func row(_ seconds: Double, passes: Double, fields: Double) -> String {
        let rate = Int((18e-9 * passes * products / seconds).rounded())
        let bytes = Int((4e-9 * fields * Double(input.count) / seconds).rounded())
        return "\((1e13 * seconds / products).rounded() / 10) ps, \(rate) GFLOP/s, \(bytes) GB/s"
    }
    let padding = String(repeating: " ", count: max(1, 44 - name.count))
    print("  \(name)\(padding)forward \(row(forward, passes: 1, fields: 2)); backward \(row(backward, passes: 2, fields: 4))")
}
