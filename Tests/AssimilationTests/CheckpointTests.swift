import Assimilation
import Basics
import Dynamics
import Optimisation
import ReferenceModels
import TestSupport
import Testing

struct CheckpointTests {
    /// A state that knows how many of its kind there are.
    private final class Counted {
        final class Census { var (alive, most) = (0, 0) }
        let number: Int
        let census: Census
        init(_ number: Int, _ census: Census) {
            (self.number, self.census) = (number, census)
            census.alive += 1
            census.most = max(census.most, census.alive)
        }
        deinit { census.alive -= 1 }
    }

    @Test(arguments: [1, 2, 3, 5, 8, 40], [1, 2, 3, 7, 24, 25, 100])
    func everyStateIsVisitedWithTheFewestSteps(held: Int, count: Int) throws {
        let census = Counted.Census()
        var (visited, steps): ([Int], Int) = ([], 0)
        try BinomialCheckpoints(held: held).visitBackwards(
            from: Counted(0, census), count: count,
            advance: { state, number in
                #expect(state.number == number)
                steps += 1
                return Counted(number + 1, census)
            }, visit: { number, state in
                #expect(state.number == number)
                visited.append(number)
            })
        #expect(visited == (0..<count).reversed())
        #expect(steps == Self.fewestSteps(count, held))
        #expect(steps == BinomialCheckpoints.steps(for: count, held: held))
        // The held ones, one on its way and the next.
        #expect(census.most <= held + 2, "\(census.most)")
    }

    /// By trying every split: independent of the binomial formula.
    private static func fewestSteps(_ count: Int, _ held: Int) -> Int {
        var best = [[Int]](repeating: [], count: held + 1)
        for s in 1...held {
            best[s] = [Int](repeating: 0, count: count + 1)
            for length in 1...count {
                if s == 1 { best[s][length] = length * (length - 1) / 2; continue }
                best[s][length] = (1..<max(2, length)).reduce(length == 1 ? 0 : .max) { least, split in
                    length == 1 ? 0 : min(least, split + best[s - 1][length - split] + best[s][split])
                }
            }
        }
        return best[held][count]
    }

    @Test(arguments: [1, 2, 3, 5, 100])
    func checkpointedGradientsHaveTheBitsOfStoredOnes(held: Int) throws {
        let window = try Lorenz96Window(steps: 24, every: 3)
        let control = normals(40, seed: 8).map { 0.3 * $0 }
        let stored = try window.cost(memory: .stored).evaluate(control)
        let cost = try window.cost(memory: .checkpointed(states: held))
        let checkpointed = try cost.evaluate(control)
        #expect(checkpointed.evaluation == stored.evaluation && checkpointed.terms == stored.terms)
        let direction = normals(40, seed: 9)
        let products = try [window.cost(memory: .stored), cost].map { try LinearisedWindow($0, at: control).product(direction) }
        #expect(products[0] == products[1])
    }

    @Test func memoryIsStated() {
        #expect(TrajectoryMemory.stored.bytes(steps: 288, stateSize: 1000) == 289 * 8000)
        #expect(TrajectoryMemory.checkpointed(states: 10).bytes(steps: 288, stateSize: 1000) == 80_000)
        #expect(TrajectoryMemory.checkpointed(states: 1000).heldStates(steps: 4) == 5)
        // 289 states, 10 of them held: (10 + 3)! / (10! 3!) = 286 is not enough, so that some steps are taken four times.
        #expect(TrajectoryMemory.checkpointed(states: 10).stepsOfReversal(steps: 288) == 4 * 289 - 364)
    }
}

/// A window of Lorenz '96 with noisy observations of every second component, and a background that is off.
struct Lorenz96Window {
    let model: Lorenz96Model
    let truth: Lorenz96State
    let background: Lorenz96State
    let window: ObservationWindow
    let covariance: any ErrorCovariance

    init(steps: Int, every interval: Int, timeStep: Double = 0.05) throws {
        model = try Lorenz96Model(timeStep: timeStep)
        truth = try model.advance(model.initialState(seed: 1), steps: 500)
        background = Lorenz96State(x: zip(truth.x, normals(40, seed: 2)).map { $0 + 0.5 * $1 })
        let observed = try WeightedComponents(stateSize: 40, components: Array(stride(from: 0, to: 40, by: 2)))
        let model = model, truth = truth
        let batches = try stride(from: interval, through: steps, by: interval).map { step in
            let state = try model.advance(truth, steps: step)
            return try ObservationBatch(
                step: 7 + step, observed, values: zip(observed.apply(state.vector), normals(20, seed: 3, index: step)).map { $0 + 0.7 * $1 },
                variances: [Double](repeating: 0.49, count: 20))
        }
        window = try ObservationWindow(firstStep: 7, steps: steps, batches: batches)
        covariance = try DiffusionCovariance(
            DiffusionGrid(ring: 40), deviations: [Double](repeating: 0.5, count: 40), correlationLength: 1, diffusionSteps: 2)
    }

    func cost(memory: TrajectoryMemory = .stored, modelError: (any ErrorCovariance)? = nil) throws -> WindowCost<Lorenz96Model> {
        try WindowCost(
            model: model, background: background, window: window, covariance: covariance, modelErrorCovariance: modelError, memory: memory)
    }
}
