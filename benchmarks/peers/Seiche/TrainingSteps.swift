import Basics
import Layers
import Optimisation
import Tensors

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// One training step, or one forward pass, of a network of benchmarks/peers/torch_training.py, whose counterpart this is.
enum TrainingCase: String, CaseIterable {
    case explicit, unet, lorenz96
    case lorenz96Bilinear = "lorenz96-bilinear"
    case implicit300 = "implicit-300"
    case implicit900 = "implicit-900"
    case implicit1500 = "implicit-1500"

    /// Of a side of the talk's basin.
    private static let cells = 100

    /// c of I - c lap in the talk's basin at the time step.
    private var strength: Double? {
        switch self {
        case .implicit300: 0.033
        case .implicit900: 0.30
        case .implicit1500: 0.83
        default: nil
        }
    }

    /// Measures and prints one line of JSON.
    ///
    /// - Parameters:
    ///   - isStep: forward, mean square error, backward and Adam; else forward alone.
    ///   - threads: what SEICHE_THREADS says; only passed on.
    func measure(isStep: Bool, batch: Int, threads: Int, _ effort: Effort) throws {
        var layout = ParameterLayout()
        switch self {
        case .explicit: try measure(ExplicitTalkNet(in: &layout), layout, isStep, batch, threads, effort)
        case .unet:
            let net = UNet("net", inputs: 5, outputs: 3, channels: [16, 32, 64, 128], pooling: .maximum, upsampling: .nearest, in: &layout)
            try measure(net, layout, isStep, batch, threads, effort)
        case .lorenz96: try measure(lorenzNet(in: &layout), layout, isStep, batch, threads, effort)
        case .lorenz96Bilinear: try measure(bilinearLorenzNet(in: &layout), layout, isStep, batch, threads, effort)
        case .implicit300, .implicit900, .implicit1500: try measure(ImplicitTalkNet(cells: Self.cells, in: &layout), layout, isStep, batch, threads, effort)
        }
    }

    /// Normal random inputs and targets; the mask is zero on the outermost ring.
    private func sample(_ batch: Int) -> (x: Tensor<Float>, target: Tensor<Float>) {
        var stream = RandomStream(seed: 1, purpose: "sample of \(rawValue)", index: 0)
        func normals(_ shape: [Int]) -> Tensor<Float> { Tensor(shape: shape, scalars: stream.normals(shape.reduce(1, *)).map { Float($0) }) }
        if self == .lorenz96Bilinear {
            // The structured net sees normalised states.
            return (normals([batch, 1, 40]), normals([batch, 1, 40]))
        }
        if self == .lorenz96 {
            // Mean and standard deviation of the climate at F = 8.
            func states() -> Tensor<Float> {
                let deviations = normals([batch, 1, 40])
                return deviations.scaled(by: 3.6) + Tensor(shape: deviations.shape, repeating: 2.3)
            }
            return (states(), states())
        }
        let n = Self.cells
        func isInside(_ k: Int) -> Bool { (1..<n - 1).contains(k / n % n) && (1..<n - 1).contains(k % n) }
        var (x, target) = (normals([batch, 5, n, n]), normals([batch, 3, n, n]))
        for k in x.scalars.indices { x.scalars[k] = isInside(k) ? (k / (n * n) % 5 == 4 ? 1 : x.scalars[k]) : 0 }
        for k in target.scalars.indices where !isInside(k) { target.scalars[k] = 0 }
        return (x, target)
    }

    private func measure(
        _ net: some Block, _ layout: ParameterLayout, _ isStep: Bool, _ batch: Int, _ threads: Int, _ effort: Effort
    ) throws {
        let before = try memory("VmRSS")
        var parameters = layout.initialParameters(seed: 1).converted(to: Float.self)
        let implicit = net as? ImplicitTalkNet
        if let implicit, let strength { implicit.start(&parameters, strength: strength) }
        let (x, target) = sample(batch)
        // Walls on the output, as PyTorch's nets have them.
        let mask = self == .explicit || implicit != nil ? walls(of: target.shape) : nil
        var adam = Adam(count: parameters.count)
        var losses: [Double] = []

        // One value a sample, so that a part's share of the mean is known.
        let count = Double(target.count)
        let share: @Sendable (Tensor<Float>, Range<Int>) -> (loss: Double, cotangent: Tensor<Float>) = { value, samples in
            var difference = value - target.samples(samples)
            if let mask { difference = difference.masked(by: mask.samples(samples)) }
            return (difference.squaredNorm / count, difference.scaled(by: 2 / Float(count)))
        }

        func run() throws {
            if isStep {
                let step = try net.batchGradient(parameters, at: x, loss: share)
                losses.append(step.loss)
                let change = adam.step(gradient: step.gradient, rate: 1e-4)
                parameters.scalars.withUnsafeMutableBufferPointer { for k in $0.indices { $0[k] += Float(change[k]) } }
            } else {
                losses.append(share(net.value(parameters, at: x), 0..<batch).loss)
            }
            if let failure = implicit?.solver.monitor.drain().failure { throw SeicheError(.solver, failure.report.summary) }
        }
        try run()
        let runs = try seiche_peers.measure(effort) {
            try run()
            return 0
        }
        let peak = try memory("VmHWM")
        var sweeps = 0
        if let implicit {
            _ = net.value(parameters, at: x)
            sweeps = implicit.solver.monitor.drain().forward.largestIterations
        }
        let list = runs.map { "\($0[1])" }.joined(separator: ", ")
        print(
            "{\"case\": \"\(rawValue)\", \"variant\": \"Seiche\", \"what\": \"\(isStep ? "step" : "forward")\", \"batch\": \(batch), "
                + "\"threads\": \(threads), \"runs\": [\(list)], \"loss\": \(losses[0]), \"weights\": \(parameters.count), "
                + "\"sweeps\": \(sweeps), \"peak\": \(peak), \"rise\": \(peak - before)}")
    }

    private func walls(of shape: [Int]) -> Tensor<Float> {
        let (ny, nx) = (shape[2], shape[3])
        let plane = (0..<ny * nx).map { Float((1..<ny - 1).contains($0 / nx) && (1..<nx - 1).contains($0 % nx) ? 1 : 0) }
        return Tensor(shape: shape, scalars: (0..<shape[0] * shape[1]).flatMap { _ in plane })
    }
}

/// VmRSS, or VmHWM, its peak, in bytes, as Linux says it.
private func memory(_ what: String) throws -> Int {
    let path = "/proc/self/status"
    guard let file = fopen(path, "r") else { throw SeicheError(.file, "cannot read '\(path)'", remedy: "measure memory on Linux") }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
        let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split { " \t\n".contains($0) }
        if words.count == 3, words[0] == what + ":", let kilobytes = Int(words[1]) { return 1024 * kilobytes }
    }
    throw SeicheError(.file, "'\(path)' does not say '\(what)'", remedy: "measure memory on Linux")
}
