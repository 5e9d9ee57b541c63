import Basics
import Dynamics
import ReferenceModels
import Testing

/// The properties of the Lorenz '96 models as they reach Swift; `fortran/tests` has more of them.
struct Lorenz96ModelTests {
    /// The equations in the docstring of `Lorenz96Model`, written a second time with the wrap-around by remainders.
    static func equations(_ p: Lorenz96Parameters, _ state: [Double]) -> [Double] {
        let (k, j) = (p.sectors, p.fastPerSector)
        let n = k * j
        func x(_ i: Int) -> Double { state[(i + k) % k] }
        func y(_ i: Int) -> Double { state[k + (i + n) % n] }
        let slow = (0..<k).map { i in
            let mean = j == 0 ? 0 : (0..<j).reduce(0) { $0 + y(i * j + $1) } / Double(j)
            return -x(i - 1) * (x(i - 2) - x(i + 1)) - x(i) + p.forcing - (j == 0 ? 0 : p.coupling * p.timeScaleRatio * mean)
        }
        let fast = (0..<n).map { m in
            let advection = -p.amplitudeRatio * y(m + 1) * (y(m + 2) - y(m - 1))
            return p.timeScaleRatio * (advection - y(m) + p.coupling / Double(j) * x(m / j))
        }
        return slow + fast
    }

    /// A classical Runge-Kutta step of `equations`.
    static func rungeKutta(_ p: Lorenz96Parameters, _ state: [Double], _ dt: Double) -> [Double] {
        func moved(_ slope: [Double], _ time: Double) -> [Double] { zip(state, slope).map { $0 + time * $1 } }
        let first = equations(p, state)
        let second = equations(p, moved(first, dt / 2))
        let third = equations(p, moved(second, dt / 2))
        let fourth = equations(p, moved(third, dt))
        return state.indices.map { state[$0] + dt / 6 * (first[$0] + 2 * second[$0] + 2 * third[$0] + fourth[$0]) }
    }

    static let cases: [(Lorenz96Parameters, Double)] = [
        (.oneLevel, 0.05), (.twoLevels, 0.005), (.init(sectors: 4, fastPerSector: 1, timeScaleRatio: 3), 0.01),
        (.init(sectors: 5, fastPerSector: 2, coupling: 0.6, timeScaleRatio: 7, amplitudeRatio: 4), 0.01),
        (.init(sectors: 7, forcing: 5), 0.02),
    ]

    @Test(arguments: cases)
    func stepsAsAnIndependentImplementation(_ parameters: Lorenz96Parameters, _ timeStep: Double) throws {
        let model = try Lorenz96Model(parameters: parameters, timeStep: timeStep)
        var state = try model.advance(model.initialState(seed: 1, perturbation: 0.3), steps: 400)
        for _ in 0..<20 {
            let expected = Self.rungeKutta(parameters, state.vector, timeStep)
            let scale = maximumNorm(Self.equations(parameters, state.vector))
            #expect(maximumDifference(try model.tendency(at: state).vector, Self.equations(parameters, state.vector)) <= 1e-14 * scale)
            state = try model.step(state)
            #expect(maximumDifference(state.vector, expected) <= 1e-14 * maximumNorm(expected))
        }
    }

    /// Y_{J,k} feels Y_{1,k+1}: the fast variables are one ring, not one in each sector.
    @Test(arguments: [0, 3, 5])
    func fastVariablesFormOneRing(sector: Int) throws {
        let model = try Lorenz96Model(
            parameters: .init(sectors: 6, fastPerSector: 4, timeScaleRatio: 10, amplitudeRatio: 10), timeStep: 0.01)
        var y = [Double](repeating: 0, count: 24)
        y[4 * sector + 2] = 2
        y[4 * ((sector + 1) % 6)] = 3
        let tendency = try model.tendency(at: Lorenz96State(x: [Double](repeating: 0, count: 6), y: y))
        // -c b Y_{1,k+1} (Y_{2,k+1} - Y_{J-1,k})
        #expect(tendency.y[4 * sector + 3] == 600)
    }

    @Test(arguments: [(Lorenz96Parameters.oneLevel, 0.01, 100), (.twoLevels, 0.0004, 500)])
    func schemeHasOrderFour(_ parameters: Lorenz96Parameters, dt: Double, steps: Int) throws {
        let start = try Lorenz96Model(parameters: parameters, timeStep: 0.005).advance(
            Lorenz96Model(parameters: parameters).initialState(seed: 2, perturbation: 1), steps: 2000)
        func end(_ refinement: Int) throws -> [Double] {
            try Lorenz96Model(parameters: parameters, timeStep: dt / Double(refinement)).advance(start, steps: steps * refinement).vector
        }
        func rootMeanSquare(_ a: [Double], _ b: [Double]) -> Double {
            (zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(a.count)).squareRoot()
        }
        let exact = try end(32)
        let (coarse, fine) = (rootMeanSquare(try end(1), exact), rootMeanSquare(try end(2), exact))
        let order = naturalLogarithm(coarse / fine) / naturalLogarithm(2)
        print("Lorenz '96, J = \(parameters.fastPerSector): errors \(coarse), \(fine), observed order \(order), bound 4 +- 0.1")
        #expect(abs(order - 4) <= 0.1)
        #expect(fine > 1e-10)
    }

    @Test func forcingIsSteady() throws {
        let model = try Lorenz96Model()
        let state = Lorenz96State(x: [Double](repeating: 8, count: 40))
        #expect(try model.advance(state, steps: 1000) == state)
    }

    @Test(arguments: [1, 17])
    func rotationRotatesTheResult(sectors shift: Int) throws {
        let model = try Lorenz96Model(parameters: .twoLevels, timeStep: 0.005)
        func rotated(_ state: Lorenz96State) -> Lorenz96State {
            Lorenz96State(x: Array(state.x[shift...] + state.x[..<shift]), y: Array(state.y[(10 * shift)...] + state.y[..<(10 * shift)]))
        }
        let start = model.initialState(seed: 3, perturbation: 0.5)
        let end = try model.advance(start, steps: 500)
        #expect(try model.advance(rotated(start), steps: 500) == rotated(end))
        #expect(maximumDifference(end.vector, rotated(end).vector) > 1)
    }

    @Test func concurrentRunsGiveTheSameBits() throws {
        let models = try [Lorenz96Model(), Lorenz96Model(parameters: .twoLevels, timeStep: 0.005)]
        @Sendable func run(_ index: Int) throws -> Lorenz96State {
            let model = models[index % 2]
            return try model.advance(model.initialState(seed: 4, index: index), steps: 2000)
        }
        let alone = try (0..<24).map { try run($0) }
        let together = Slots<Lorenz96State>(24)
        try concurrentForEach(24) { together.set($0, try run($0)) }
        #expect(together.values == alone)
        #expect(alone[0] != alone[2])
    }

    @Test func manyStepsEqualSingleSteps() throws {
        let model = try Lorenz96Model(parameters: .twoLevels, timeStep: 0.005)
        let start = model.initialState(seed: 5)
        #expect(try model.advance(start, steps: 30) == model.advanced(start, steps: 30))
        #expect(model.initialState(seed: 5) == start)
        #expect(model.initialState(seed: 5, index: 1) != start)
    }
}
