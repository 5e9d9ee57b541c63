import Basics
import Dynamics
import Emulators
import Layers
import Optimisation
import Tensors
import TestSupport
import Testing
import Training

/// The loss over sequences of ring states, with all and with some of the cells observed.
@Suite struct SequenceLossTests {
    private static let network = Lorenz96Network.reluResolvent(hiddenLayers: 1, channels: 3)
    private static let scales = Lorenz96Scales(mean: 1, deviation: 2)
    /// Of 24 cells; a step of the network reaches over two.
    private static let windows = (0..<24).map { $0 < 9 || (11..<21).contains($0) }

    /// Random states: the loss does not ask where they come from.
    private static func trajectories(spoilt: Bool = false) -> [[Lorenz96State]] {
        (0..<3).map { index in
            (0..<12).map { time in
                var values = sampleTensor([24], seed: 1, index: 100 * index + time).scalars
                if spoilt { for k in 0..<24 where !windows[k] { values[k] = .nan } }
                return Lorenz96State(x: values)
            }
        }
    }

    private static func sequences(steps: Int, observed: [Bool]? = windows, spoilt: Bool = false) throws -> RingSequences {
        try RingSequences(trajectories(spoilt: spoilt), scales: scales, steps: steps, observed: observed, reach: network.reach)
    }

    private static func loss<Scalar: TensorScalar>(
        _ precision: Scalar.Type, steps: Int, observed: [Bool]? = windows, spoilt: Bool = false
    ) throws -> SequenceLoss<Scalar> {
        try SequenceLoss(step: network.step(timeStep: 0.1, scales: scales).block, sequences: sequences(steps: steps, observed: observed, spoilt: spoilt))
    }

    private static var parameters: [Double] {
        sampleTensor([network.layout.count], seed: 8).scalars.map { 0.3 * $0 }
    }

    private let batch = [0, 3, 3, 7, 20, 26, 11, 5, 18]

    @Test(arguments: [1, 2]) func valueIsTheMeanOverWhatMayBeLearnedFrom(steps: Int) throws {
        let emulator = try Lorenz96Emulator(network: Self.network, parameters: Self.parameters, scales: Self.scales, timeStep: 0.1)
        let perTrajectory = 12 - steps
        var (sum, count) = (0.0, 0)
        for index in batch {
            let states = Self.trajectories()[index / perTrajectory]
            let first = index % perTrajectory
            // From a start whose other cells hold anything at all: what is counted must not feel it.
            var state = states[first]
            for k in 0..<24 where !Self.windows[k] { state.vector[k] = 50 }
            for step in 1...steps {
                state = try emulator.step(state)
                for k in 0..<24 where (-2 * step...2 * step).allSatisfy({ Self.windows[(k + $0 + 24) % 24] }) {
                    let error = (state.vector[k] - states[first + step].vector[k]) / 2
                    sum += error * error
                    count += 1
                }
            }
        }
        let loss = try Self.loss(Double.self, steps: steps)
        #expect(loss.sampleCount == 3 * perTrajectory)
        #expect(measured("value", abs(try loss.value(Self.parameters, over: batch) / (sum / Double(count)) - 1)) < 1e-13)
        #expect(abs(try loss.valueWithGradient(Self.parameters, batch: batch).loss / (sum / Double(count)) - 1) < 1e-13)
        #expect(abs(try loss.localModel(Self.parameters, batch: batch, variables: SameVariables()).value / (sum / Double(count)) - 1) < 1e-13)
    }

    @Test(arguments: [nil, windows]) func gradientIsThatOfTheValue(observed: [Bool]?) throws {
        let loss = try Self.loss(Double.self, steps: 2, observed: observed)
        let gradient = try loss.valueWithGradient(Self.parameters, batch: batch).gradient
        let difference = try Self.parameters.indices.map { k in
            var (ahead, behind) = (Self.parameters, Self.parameters)
            ahead[k] += 1e-6
            behind[k] -= 1e-6
            return (try loss.value(ahead, over: batch) - loss.value(behind, over: batch)) / 2e-6
        }
        #expect(measured("gradient", relativeError(gradient, difference)) < 1e-8)
        let model = try loss.localModel(Self.parameters, batch: batch, variables: SameVariables())
        #expect(relativeError(model.gradient, gradient) < 1e-13)
        let single = try Self.loss(Float.self, steps: 2, observed: observed).valueWithGradient(Self.parameters, batch: batch).gradient
        #expect(measured("single precision", relativeError(single, gradient)) < 1e-5)
    }

    /// Where the targets are the network's own states the residual is zero, and the Gauss-Newton matrix is the second derivative.
    @Test func curvatureIsTheSecondDerivativeWhereNothingIsLeftToLearn() throws {
        let emulator = try Lorenz96Emulator(network: Self.network, parameters: Self.parameters, scales: Self.scales, timeStep: 0.1)
        var states = [Lorenz96State(x: sampleTensor([24], seed: 4).scalars)]
        for _ in 0..<9 { states.append(try emulator.step(states[states.count - 1])) }
        let sequences = try RingSequences([states], scales: Self.scales, steps: 3, reach: Self.network.reach)
        let loss = SequenceLoss<Double>(step: Self.network.step(timeStep: 0.1, scales: Self.scales).block, sequences: sequences)
        let all = Array(0..<sequences.count)
        let model = try loss.localModel(Self.parameters, batch: all, variables: SameVariables())
        #expect(model.value < 1e-28)
        let direction = sampleTensor([Self.parameters.count], seed: 12).scalars
        func gradient(_ size: Double) throws -> [Double] {
            try loss.valueWithGradient(zip(Self.parameters, direction).map { $0 + size * $1 }, batch: all).gradient
        }
        let difference = zip(try gradient(1e-6), try gradient(-1e-6)).map { ($0 - $1) / 2e-6 }
        #expect(measured("curvature", relativeError(try model.curvature(along: direction), difference)) < 1e-6)
        // The estimate of the diagonal has one random probe for each part of a batch; here are some thirty.
        let large = try loss.localModel(
            Self.parameters, batch: (0..<100 * all.count).map { $0 % all.count }, variables: SameVariables())
        let diagonal = try Self.parameters.indices.map { k in
            var unit = [Double](repeating: 0, count: Self.parameters.count)
            unit[k] = 1
            return try large.curvature(along: unit)[k]
        }
        let ratio = large.diagonal.reduce(0, +) / diagonal.reduce(0, +)
        #expect(large.diagonal.allSatisfy { $0 >= 0 } && (0.5...2).contains(measured("estimated over true trace", ratio)))
    }

    @Test func whatIsNotObservedIsNotSeen() throws {
        for steps in [1, 2] {
            let (clean, spoilt) = (try Self.loss(Float.self, steps: steps), try Self.loss(Float.self, steps: steps, spoilt: true))
            #expect(try clean.valueWithGradient(Self.parameters, batch: batch) == spoilt.valueWithGradient(Self.parameters, batch: batch))
        }
    }

    @Test func sequencesThatCannotBeAreRefused() throws {
        func make(_ steps: Int, _ observed: [Bool]? = nil, _ trajectories: [[Lorenz96State]] = Self.trajectories()) throws {
            _ = try RingSequences(trajectories, scales: Self.scales, steps: steps, observed: observed, reach: 2)
        }
        // Windows of nine and ten cells hold what two steps depend on, but not three.
        try make(2, Self.windows)
        #expect(complaint(.invalidInput, "after 3 step(s)", "at least 13 cells") { try make(3, Self.windows) } == nil)
        #expect(complaint(.invalidInput, "no sequence of 12 steps") { try make(12) } == nil)
        #expect(complaint(.invalidInput, "no sequence of 1 steps") { try make(1, nil, []) } == nil)
        #expect(complaint(.invalidInput, "5 cells", "the ring has 24") { try make(1, [true, true, true, true, false]) } == nil)
        let two = [[Lorenz96State(sectors: 4, fastPerSector: 1), Lorenz96State(sectors: 4, fastPerSector: 1)]]
        #expect(complaint(.invalidInput, "two levels") { try make(1, nil, two) } == nil)
    }
}
