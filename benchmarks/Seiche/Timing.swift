import Tensors

/// Median seconds of `runs` calls after one that is not counted.
func seconds(_ runs: Int = 15, _ body: () throws -> Void) rethrows -> Double {
    try body()
    let clock = ContinuousClock()
    let times = try (0..<runs).map { _ in
        try clock.measure(body).inSeconds
    }.sorted()
    return times[runs / 2]
}

/// Least seconds of a call, of as many as go into a quarter of a second: other work on a machine only adds time.
func leastSeconds(_ body: () -> Void) -> Double {
    let clock = ContinuousClock()
    let end = clock.now + .milliseconds(250)
    var least = Double.infinity
    repeat { least = min(least, clock.measure(body).inSeconds) } while clock.now < end
    return least
}

func show(_ name: String, _ value: Double, _ unit: String) {
    let rounded = (value * 1000).rounded() / 1000
    print(name + String(repeating: " ", count: max(1, 64 - name.count)) + "\(rounded) \(unit)")
}

func wave<Scalar: TensorScalar>(_ shape: [Int], _ type: Scalar.Type) -> Tensor<Scalar> {
    let count = shape.reduce(1, *)
    return Tensor(shape: shape, scalars: (0..<count).map { Scalar(Double(($0 * 7919) % 1009) / 1009 - 0.5) })
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
