import Basics
import Dynamics
import ReferenceModels
import TestSupport
import Testing

/// The derivatives of the Lorenz '96 models as they reach Swift; `fortran/tests/test_lorenz96_derivatives.f90` has more of them.
struct Lorenz96DerivativeTests {
    /// A model on its attractor, with the state there.
    private func sample(_ parameters: Lorenz96Parameters, _ timeStep: Double) throws -> (Lorenz96Model, Lorenz96State) {
        let model = try Lorenz96Model(parameters: parameters, timeStep: timeStep)
        return (model, try model.advance(model.initialState(seed: 1, perturbation: 0.3), steps: 400))
    }

    private func noise(like state: Lorenz96State, _ index: Int) -> Lorenz96State {
        var stream = RandomStream(seed: 9, purpose: "test", index: index)
        var noise = state
        noise.vector = stream.normals(state.vector.count)
        return noise
    }

    @Test(arguments: Lorenz96ModelTests.cases, [1, 20])
    func adjointIsTheTransposeOfTheTangent(_ setUp: (Lorenz96Parameters, Double), steps: Int) throws {
        let (model, state) = try sample(setUp.0, setUp.1)
        for index in 1...4 {
            let (d, forcing) = (noise(like: state, index), 0.4 * Double(index))
            let tangent = try model.tangent(at: state, applying: d, forcing: forcing, steps: steps)
            // Vectors without any relation have products that cancel, which would measure that.
            var w = noise(like: state, index + 10)
            w.vector = zip(w.vector, tangent.vector).map { $0 + $1 }
            let adjoint = try model.adjoint(at: state, applying: w, steps: steps)
            let forward = dot(w.vector, tangent.vector)
            let backward = dot(adjoint.state.vector, d.vector) + forcing * adjoint.forcing
            #expect(measured("dot product", abs(forward - backward) / abs(forward)) <= 1e-13)
        }
    }

    @Test(arguments: Lorenz96ModelTests.cases, [1, 20])
    func tangentIsTheComplexStep(_ setUp: (Lorenz96Parameters, Double), steps: Int) throws {
        let (model, state) = try sample(setUp.0, setUp.1)
        let d = noise(like: state, 5)
        let tangent = try model.tangent(at: state, applying: d, forcing: 0.7, steps: steps).vector
        let exact = try model.complexStep(at: state, applying: d, along: .init(forcing: 0.7), steps: steps).vector
        #expect(measured("tangent against complex step", relativeError(tangent, exact)) <= 1e-12)
    }

    /// What the protocols ask for is one step without a change of F.
    @Test func protocolsTakeOneStep() throws {
        let (model, state) = try sample(.twoLevels, 0.005)
        let d = noise(like: state, 6)
        #expect(try model.tangentStep(at: state, applying: d) == model.tangent(at: state, applying: d, steps: 1))
        #expect(try model.adjointStep(at: state, applying: d) == model.adjoint(at: state, applying: d, steps: 1).state)
        let linear: any TangentLinearModel<Lorenz96State> = model
        let next = try model.step(state)
        let twice = try linear.tangentStep(at: next, applying: linear.tangentStep(at: state, applying: d))
        #expect(try twice == model.tangent(at: state, applying: d, steps: 2))
    }

    /// Each coefficient reaches its own: the complex step along it is the difference of models that have more and less of it.
    @Test(arguments: [
        (Lorenz96Direction(forcing: 1), \Lorenz96Parameters.forcing), (.init(coupling: 1), \.coupling),
        (.init(timeScaleRatio: 1), \.timeScaleRatio), (.init(amplitudeRatio: 1), \.amplitudeRatio),
    ])
    func complexStepAlongCoefficients(
        _ direction: Lorenz96Direction, _ coefficient: WritableKeyPath<Lorenz96Parameters, Double> & Sendable
    ) throws {
        let (model, state) = try sample(.twoLevels, 0.005)
        func end(_ change: Double) throws -> [Double] {
            var parameters = Lorenz96Parameters.twoLevels
            parameters[keyPath: coefficient] += change
            return try Lorenz96Model(parameters: parameters, timeStep: 0.005).advance(state, steps: 20).vector
        }
        let zero = Lorenz96State(sectors: 36, fastPerSector: 10)
        let exact = try model.complexStep(at: state, applying: zero, along: direction, steps: 20).vector
        let difference = zip(try end(1e-5), try end(-1e-5)).map { ($0 - $1) / 2e-5 }
        #expect(measured("complex step along a coefficient", relativeError(difference, exact)) <= 1e-8)
    }

    @Test func concurrentDerivativesGiveTheSameBits() throws {
        let (model, state) = try sample(.twoLevels, 0.005)
        @Sendable func derivatives(_ index: Int) throws -> [Double] {
            let d = noise(like: state, index)
            let adjoint = try model.adjoint(at: state, applying: d, steps: 50)
            return try model.tangent(at: state, applying: d, steps: 50).vector + adjoint.state.vector + [adjoint.forcing]
                + model.complexStep(at: state, applying: d, steps: 50).vector
        }
        let alone = try (0..<12).map { try derivatives($0) }
        let together = Slots<[Double]>(12)
        try concurrentForEach(12) { together.set($0, try derivatives($0)) }
        #expect(together.values == alone)
    }

    @Test func whatCannotBeUsedIsRefused() throws {
        let (model, state) = try sample(.twoLevels, 0.005)
        let small = Lorenz96State(sectors: 40)
        var holed = state
        holed.vector[36 + 10 * 7 + 3] = .nan
        let calls: [(String, (Lorenz96State, Lorenz96State, Int) throws -> Void)] = [
            ("perturbation", { _ = try model.tangent(at: $0, applying: $1, steps: $2) }),
            ("cotangent", { _ = try model.adjoint(at: $0, applying: $1, steps: $2) }),
            ("perturbation", { _ = try model.complexStep(at: $0, applying: $1, steps: $2) }),
        ]
        for (name, call) in calls {
            #expect(complaint(.invalidInput, "the state has 40 sectors of 0", "36 sectors of 10") { try call(small, state, 1) } == nil)
            #expect(complaint(.invalidInput, "the \(name) has 40 sectors", "try:") { try call(state, small, 1) } == nil)
            #expect(complaint(.invalidInput, "steps is -1") { try call(state, state, -1) } == nil)
            #expect(complaint(.invalidInput, "Y at j = 3, k = 7 of the given state") { try call(holed, state, 1) } == nil)
            #expect(complaint(.invalidInput, "Y at j = 3, k = 7 of the given \(name) is not finite", "try:") {
                try call(state, holed, 1)
            } == nil)
            var huge = state
            huge.vector[3] = 1e308
            var large = state
            large.vector[4] = 1e8
            #expect(complaint(.model, " or its derivative is not finite in step 1 of 1") { try call(large, huge, 1) } == nil)
        }
        #expect(complaint(.invalidInput, "perturbation of a coefficient") {
            _ = try model.tangent(at: state, applying: state, forcing: .nan, steps: 1)
        } == nil)
        #expect(complaint(.invalidInput, "perturbation of a coefficient") {
            _ = try model.complexStep(at: state, applying: state, along: .init(coupling: .infinity), steps: 1)
        } == nil)
        // 344 TB of states to keep.
        let wide = try Lorenz96Model(parameters: .init(sectors: 20_000))
        #expect(complaint(.invalidInput, "no memory for 20000 sectors", "of \(Int32.max) steps", "adjoint of fewer steps") {
            _ = try wide.adjoint(at: wide.initialState(seed: 1), applying: wide.initialState(seed: 2), steps: Int(Int32.max))
        } == nil)
    }

    private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
}
