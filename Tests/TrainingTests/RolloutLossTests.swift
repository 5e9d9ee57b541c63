import Basics
import Dynamics
import Emulators
import Layers
import Optimisation
import StencilSolvers
import Tensors
import TestSupport
import Testing
import Training

@Suite struct RolloutLossTests {
    private let implicit = LinearImplicit(solver: GaussSeidel(tolerance: 1e-6))

    private func windows(_ count: Int = 9) throws -> TrainingWindows { try LinearWaves(grid: try islandGrid()).windows(0..<3, count: count) }

    /// Weights that are far from special.
    private func weights(_ layout: ParameterLayout, seed: UInt64 = 3) -> [Double] {
        var stream = RandomStream(seed: seed, purpose: "rollout test")
        return zip(layout.initialParameters(seed: 1).scalars, stream.normals(layout.count)).map { Double(Float($0 + 0.03 * $1)) }
    }

    private func loss(_ settings: RolloutSettings, _ kind: NetworkSpecification, _ windows: TrainingWindows) throws -> any TrainingObjective {
        func make(_ network: some EmulatorNetwork) throws -> any TrainingObjective {
            try RolloutLoss(settings, network: network, windows: windows, implicit: implicit)
        }
        return try make(try kind.network())
    }

    private func steps(_ m: Int, _ gradient: RolloutSettings.Gradient = .unrolled) -> RolloutSettings {
        RolloutSettings(horizon: ForecastHorizon(m), gradient: gradient)
    }

    // MARK: Value

    @Test(arguments: kinds) func overOneStepItIsTheErrorOfAPredictionBitForBit(_ kind: NetworkSpecification) throws {
        let (windows, network) = (try windows(), try kind.network())
        let parameters = weights(network.layout)
        let single = Tensor(shape: [parameters.count], scalars: parameters.map { Float($0) })
        let value = try loss(steps(1), kind, windows).valueWithGradient(parameters, batch: [5])
        func direct(_ network: some EmulatorNetwork) -> (loss: Double, gradient: [Double]) {
            let window = windows[5]
            let at = network.linearised(single, at: window.input, geometry: window.geometry, implicit: implicit)
            let (error, pullback) = at.value.vjpMeanSquaredError(to: window.target, weight: window.geometry.stateMask)
            return (Double(error), at.pullback(pullback(1), by: .parameters).parameters.scalars.map { Double($0) })
        }
        let expected = direct(network)
        #expect(value.loss == expected.loss && value.gradient == expected.gradient)
        #expect(try loss(steps(1), kind, windows).value(parameters, over: [5]) == expected.loss)
        #expect(try loss(steps(1, .pushforward), kind, windows).valueWithGradient(parameters, batch: [5]) == value)
    }

    @Test(arguments: 1...6) func theExactMapHasNoError(steps m: Int) throws {
        let net = LinearWavesNet()
        let exact = try RolloutLoss(steps(m), network: net, windows: windows(), implicit: implicit)
        let parameters = net.layout.initialParameters(seed: 1).scalars
        #expect(try measured("squared error of the exact map over \(m) steps", exact.value(parameters, over: Array(0..<exact.sampleCount))) < 1e-11)
        // And only the exact map: one coefficient 1 % off shows, the more so the further one looks.
        var wrong = parameters
        wrong[0] *= 1.01
        #expect(try exact.value(wrong, over: [0]) > 1e-8)
    }

    @Test func theErrorIsTheMeanOverTheStepsOfAForecast() throws {
        for kind in kinds {
            let windows = try windows()
            let parameters = weights(try kind.network().layout)
            let (two, one) = (try loss(steps(2), kind, windows), try loss(steps(1), kind, windows))
            // The second state of a window of two is forecast from the network's own first: with the data's it would be the next window's first.
            let value = try two.value(parameters, over: [0])
            let states = try windows.ofLength(2)[0]
            let single = Tensor(shape: [parameters.count], scalars: parameters.map { Float($0) })
            func next(_ network: some EmulatorNetwork, _ state: Tensor<Float>) -> Tensor<Float> {
                network.predict(single, from: state, geometry: states.geometry, implicit: implicit)
            }
            let network = try kind.network()
            let first = next(network, states.input)
            let second = next(network, first)
            let mask = states.geometry.stateMask
            let errors = [first, second].enumerated().map { k, state in
                Double(state.meanSquaredError(to: states.target.channels(3 * k..<3 * k + 3), weight: mask))
            }
            #expect(abs(value - (errors[0] + errors[1]) / 2) < 1e-6 * value)
            #expect(try abs(errors[0] - one.value(parameters, over: [0])) == 0)
        }
    }

    @Test func channelWeights() throws {
        let windows = try windows()
        for m in 1...2 {
            func value(_ weights: [Double]) throws -> Double {
                let net = LinearWavesNet()
                let settings = RolloutSettings(horizon: ForecastHorizon(m), channelWeights: weights)
                return try RolloutLoss(settings, network: net, windows: windows, implicit: implicit)
                    .value([0.2, 0.3, 0.8, 0.7, 0.3, 0.3], over: [3])
            }
            let (plain, parts) = (try value([1, 1, 1]), try [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map { try value($0) })
            #expect(try value([7, 7, 7]) == plain)
            // Means over a channel's free values, put together by their numbers.
            let counts = (0..<3).map { Double(windows[3].geometry.stateMask.channels($0..<$0 + 1).sum()) }
            func mean(_ weights: [Double]) -> Double {
                let shares = zip(weights, counts).map { $0 * $1 }
                return zip(shares, parts).reduce(0) { $0 + $1.0 * $1.1 } / shares.reduce(0, +)
            }
            #expect(abs(plain - mean([1, 1, 1])) < 1e-6 * plain)
            #expect(try abs(value([1, 2, 0.5]) - mean([1, 2, 0.5])) < 1e-6 * plain)
        }
    }

    // MARK: Gradient

    /// The gradient by a second way: one step after the other in double precision, cotangents of the states handed back from step to step.
    private func chain(
        _ network: some EmulatorNetwork, _ window: TrainingWindows.Window, _ parameters: [Double], _ m: Int, _ gradient: RolloutSettings.Gradient
    ) throws -> (loss: Double, gradient: [Double]) {
        let grid = try islandGrid()
        let geometry = NetworkGeometry<Double>(grid, scales: ChannelScales(zeta: 1, u: 1, v: 1, depth: 25), timeStep: 12)
        let exact = LinearImplicit(solver: GaussSeidel(tolerance: 1e-13))
        let weights = Tensor(shape: [parameters.count], scalars: parameters)
        let judged = gradient == .unrolled ? Array(0..<m) : m == 1 ? [0] : [0, m - 1]
        var steps: [Linearisation<Double>] = []
        var state = window.input.converted(to: Double.self)
        for _ in 0..<m {
            steps.append(network.linearised(weights, at: state, geometry: geometry, implicit: exact))
            state = steps[steps.count - 1].value
        }
        var (loss, sum) = (0.0, [Double](repeating: 0, count: parameters.count))
        var cotangent = Tensor<Double>.zero
        for k in (0..<m).reversed() {
            if judged.contains(k) {
                let target = window.target.channels(3 * k..<3 * k + 3).converted(to: Double.self)
                let (error, pullback) = steps[k].value.vjpMeanSquaredError(to: target, weight: geometry.stateMask)
                loss += error / Double(judged.count)
                cotangent = cotangent + pullback(1 / Double(judged.count))
            }
            if cotangent.isSymbolicZero { continue }
            let back = steps[k].pullback(cotangent)
            add(1, back.parameters.scalars, to: &sum)
            cotangent = gradient == .unrolled ? back.input : .zero
        }
        return (loss, sum)
    }

    @Test(arguments: kinds, [RolloutSettings.Gradient.unrolled, .pushforward])
    func gradientIsThatOfTheChainOfSteps(_ kind: NetworkSpecification, gradient: RolloutSettings.Gradient) throws {
        let windows = try windows()
        let network = try kind.network()
        let parameters = weights(network.layout)
        for m in 1...4 {
            let ours = try loss(steps(m, gradient), kind, windows).valueWithGradient(parameters, batch: [2])
            let theirs = try chain(network, windows.ofLength(m)[2], parameters, m, gradient)
            #expect(measured("\(kind.kind), \(m) steps, \(gradient): value", abs(ours.loss - theirs.loss) / theirs.loss) < 1e-5)
            #expect(measured("\(kind.kind), \(m) steps, \(gradient): gradient", relativeError(ours.gradient, theirs.gradient)) < 1e-4)
        }
    }

    /// The loss of the linear map is a polynomial of its coefficients: central differences of fourth order, in single precision.
    @Test(arguments: 1...4) func gradientIsTheCentralDifference(steps m: Int) throws {
        let net = LinearWavesNet()
        let loss = try RolloutLoss(steps(m), network: net, windows: windows(), implicit: implicit)
        let at = [0.2, 0.4, 0.8, 0.95, 0.25, 0.35]
        let gradient = try loss.valueWithGradient(at, batch: [0, 4, 1]).gradient
        let difference = try fourthOrderDifferences(at: at) { try loss.value($0, over: [0, 4, 1]) }
        #expect(measured("\(m) steps: gradient against differences", relativeError(gradient, difference)) < 2e-4)
    }

    @Test(arguments: kinds) func theLocalModelIsThatOfTheChain(_ kind: NetworkSpecification) throws {
        let windows = try windows()
        let parameters = weights(try kind.network().layout)
        let loss = try loss(steps(3), kind, windows)
        let model = try loss.localModel(parameters, batch: [0, 3], variables: SameVariables())
        let value = try loss.valueWithGradient(parameters, batch: [0, 3])
        #expect(abs(model.value - value.loss) < 1e-6 * value.loss && relativeError(model.gradient, value.gradient) < 1e-5)
        // <v, G v> is the second derivative along v of the loss with the forecast's tangent in the forecast's place.
        var stream = RandomStream(seed: 9, purpose: "rollout test")
        let (v, w) = (stream.normals(parameters.count), stream.normals(parameters.count))
        let (image, other) = (try model.curvature(along: v), try model.curvature(along: w))
        #expect(abs(inner(w, image) - inner(v, other)) < 1e-4 * abs(inner(w, image)), "symmetric")
        #expect(inner(v, image) > 0)
    }

    @Test func aBatchIsTheMeanOfItsParts() throws {
        let windows = try windows(25)
        let loss = try loss(steps(2), kinds[0], windows)
        let parameters = weights(try kinds[0].network().layout)
        let batch = (0..<64).map { $0 % loss.sampleCount }
        let whole = try loss.valueWithGradient(parameters, batch: batch)
        for size in [1, 4, 32] {
            var (sum, value) = ([Double](repeating: 0, count: parameters.count), 0.0)
            for part in stride(from: 0, to: 64, by: size) {
                let micro = try loss.valueWithGradient(parameters, batch: Array(batch[part..<part + size]))
                add(Double(size) / 64, micro.gradient, to: &sum)
                value += micro.loss * Double(size) / 64
            }
            #expect(relativeError(sum, whole.gradient) < 1e-14 && abs(value - whole.loss) < 1e-14 * value)
        }
    }

    // MARK: Growing horizon

    @Test func theHorizonGrowsByOneAtEqualIntervals() throws {
        let horizon = ForecastHorizon(first: 2, final: 5, growthSteps: 30)
        #expect((0..<40).map { horizon.steps(at: $0) } == (0..<40).map { $0 < 10 ? 2 : $0 < 20 ? 3 : $0 < 30 ? 4 : 5 })
        let loss = try loss(RolloutSettings(horizon: horizon), kinds[0], windows())
        #expect((0..<40).filter { loss.isNewStage(at: $0) } == [10, 20, 30])
        let parameters = weights(try kinds[0].network().layout)
        for step in [0, 15, 29, 30] {
            let (stage, fixed) = (loss.stage(at: step), try self.loss(steps(horizon.steps(at: step)), kinds[0], windows()))
            #expect(stage.sampleCount == fixed.sampleCount)
            #expect(try stage.valueWithGradient(parameters, batch: [1, 2]) == fixed.valueWithGradient(parameters, batch: [1, 2]))
        }
    }

    @Test func whatNoLossCanHave() throws {
        let windows = try windows()
        func refused(_ settings: RolloutSettings, _ words: String...) -> Bool {
            complaint(.invalidInput, words) { _ = try loss(settings, kinds[0], windows) } == nil
        }
        #expect(refused(steps(0), "from 0 to 0 steps"))
        #expect(refused(RolloutSettings(horizon: ForecastHorizon(first: 3, final: 2, growthSteps: 1)), "from 3 to 2"))
        #expect(refused(steps(9), "no 10 consecutive states", "has 9"))
        for weights in [[0.0, 0, 0], [1, -1, 1], [1, 1], [1, .nan, 1]] {
            #expect(refused(RolloutSettings(channelWeights: weights), "weights the channels"))
        }
    }
}
