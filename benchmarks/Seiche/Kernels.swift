import Tensors

/// Our side of benchmarks/peers/compare_kernels.py: for each operation one line of JSON with the least seconds of a call.
///
/// The operations are named there too; both sides work in single precision.
/// - Parameter words: an operation is measured where its name contains one of them, or where there are none.
func benchmarkKernels(threads: Int, words: [String]) {
    func isWanted(_ name: String) -> Bool { words.isEmpty || words.contains { name.contains($0) } }
    func say(_ name: String, _ body: () -> Void) {
        if !isWanted(name) { return }
        print("{\"operation\": \"\(name)\", \"seconds\": \(leastSeconds(body))}")
    }
    func timeConvolution(_ name: String, _ channels: Int, _ batch: Int, _ n: Int) {
        if !["forward", "by input", "by weights"].contains(where: { isWanted("\(name): \($0)") }) { return }
        let input = wave([batch, channels, n, n], Float.self)
        let (weights, bias) = (wave([channels, channels, 3, 3], Float.self), wave([channels], Float.self))
        let layer = input.linearisedConvolution(with: weights, bias: bias)
        let seed = layer.value
        say("\(name): forward") { _ = input.convolved(with: weights, bias: bias) }
        say("\(name): by input") { _ = layer.cotangents(seed, weights: false, bias: false) }
        say("\(name): by weights") { _ = layer.cotangents(seed, input: false, bias: false) }
    }
    TensorThreads.$limit.withValue(threads) {
        for (channels, batch, n) in [(16, 1, 100), (32, 1, 100), (64, 1, 100), (64, 8, 100), (128, 1, 100), (128, 16, 13)] {
            timeConvolution("3x3, \(channels) channels, batch \(batch), \(n) x \(n)", channels, batch, n)
        }
        let field = wave([8, 32, 100, 100], Float.self)
        let (weights, bias) = (wave([32, 32, 3, 3], Float.self), wave([32], Float.self))
        say("3x3 of stride 2, 32 channels: forward") { _ = field.convolved(with: weights, bias: bias, stride: 2) }
        say("3x3 of stride 2, 32 channels: forward and backward") {
            let layer = field.linearisedConvolution(with: weights, bias: bias, stride: 2)
            _ = layer.cotangents(layer.value)
        }
        let coarse = field.averagePooled()
        say("transposed 3x3 of stride 2, 32 channels: forward") { _ = coarse.transposeConvolved(to: [100, 100], with: weights, bias: bias) }
        say("transposed 3x3 of stride 2, 32 channels: forward and backward") {
            let layer = coarse.linearisedTransposedConvolution(to: [100, 100], with: weights, bias: bias)
            _ = layer.cotangents(layer.value)
        }
        for activation in [Activation.rectifier, .gelu, .tanh, .softplus] {
            say("\(activation.rawValue): forward") { _ = field.activated(by: activation) }
            say("\(activation.rawValue): forward and backward") { _ = field.linearisedActivation(activation).slope(times: field) }
        }
        let scale = wave([32], Float.self)
        say("group norm, 4 groups: forward") { _ = field.groupNormalised(groups: 4, scale: scale, shift: scale) }
        say("group norm, 4 groups: forward and backward") {
            _ = field.linearisedNormalisation(groups: 4, scale: scale, shift: scale).cotangents(field)
        }
        let features = wave([4096, 256], Float.self)
        let gains = wave([256], Float.self)
        say("layer norm of 256 features: forward") { _ = features.layerNormalised(scale: gains, shift: gains) }
        say("layer norm of 256 features: forward and backward") {
            _ = features.linearisedNormalisation(groups: 1, scale: gains, shift: gains).cotangents(features)
        }
        say("maximum pooling: forward") { _ = field.maximumPooled() }
        say("average pooling: forward") { _ = field.averagePooled() }
        for method in Upsampling.allCases {
            say("refinement, \(method.rawValue): forward") { _ = coarse.upsampled(to: [100, 100], by: method) }
            say("refinement, \(method.rawValue): forward and backward") { _ = coarse.vjpUpsampled(to: [100, 100], by: method).pullback(field) }
        }
    }
}
