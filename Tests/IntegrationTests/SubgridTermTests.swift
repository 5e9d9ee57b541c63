import Basics
import Dynamics
import Emulators
import Layers
import ReferenceModels
import Tensors
import TestSupport
import Testing

/// One-level Lorenz '96 with a term for the fast variables: its known part, the terms, their derivatives.
struct SubgridTermTests {
    private let scales = Lorenz96Scales(mean: 2.3, deviation: 3.6)
    private static let terms: [SubgridTerm] = [.none, .polynomial(degree: 1), .polynomial(degree: 4), .network(width: 6)]

    private func made(_ term: SubgridTerm, _ parameters: [Double], timeStep: Double = 0.05) throws -> Lorenz96Emulator {
        try Lorenz96Emulator(network: .subgrid(term, forcing: 10), parameters: parameters, scales: scales, timeStep: timeStep)
    }

    private func weights(_ term: SubgridTerm, seed: UInt64 = 3) -> [Double] {
        var layout = ParameterLayout()
        _ = term.block(in: &layout)
        var stream = RandomStream(seed: seed, purpose: "subgrid test")
        return stream.normals(layout.count).map { 0.3 * $0 }
    }

    private func state(_ count: Int, seed: UInt64 = 1) -> Lorenz96State {
        var stream = RandomStream(seed: seed, purpose: "subgrid test state")
        return Lorenz96State(x: stream.normals(count).map { 2.3 + 3.6 * $0 })
    }

    /// Without a term it is the Fortran model, written a second time.
    @Test func withoutATermItIsTheOneLevelModel() throws {
        let model = try made(.none, [])
        let reference = try Lorenz96Model(parameters: Lorenz96Parameters(sectors: 36, forcing: 10), timeStep: 0.05)
        // Nine states at once are laid side by side, one is not.
        for count in [1, 9] {
            let states = (0..<count).map { state(36, seed: UInt64($0)) }
            for (next, state) in zip(try model.steps(states), states) {
                let expected = try reference.step(state)
                #expect(zip(next.vector, expected.vector).allSatisfy { abs($0 - $1) < 1e-13 * 36 })
            }
        }
    }

    /// For a short time the step adds dt times the term, which is what `subgridTendency` says it is.
    @Test(arguments: terms) func theTermIsAddedToTheTendency(term: SubgridTerm) throws {
        let dt = 1e-7
        let parameters = weights(term)
        let model = try made(term, parameters, timeStep: dt)
        let bare = try made(.none, [], timeStep: dt)
        let x = state(8)
        let added = zip(try model.step(x).vector, try bare.step(x).vector).map { ($0 - $1) / dt }
        let expected = model.subgridTendency(at: x.vector)
        for (a, b) in zip(added, expected) { #expect(abs(a - b) < 1e-4 * max(1, abs(b))) }
        guard case .polynomial(let degree) = term else { return }
        for (x, value) in zip(x.vector, expected) {
            let z = (x - 2.3) / 3.6
            let sum = (0..<degree).reduce(parameters[degree]) { $0 + parameters[$1] * power(z, Double($1 + 1)) }
            #expect(abs(value - 3.6 * sum) < 1e-12 * max(1, abs(value)))
        }
    }

    @Test(arguments: terms.dropFirst()) func derivativesOfAStepAreAPair(term: SubgridTerm) throws {
        let (block, layout) = Lorenz96Network.subgrid(term, forcing: 10).step(timeStep: 0.05, scales: scales)
        let parameters = Tensor(shape: [layout.count], scalars: weights(term))
        var stream = RandomStream(seed: 4, purpose: "subgrid test")
        func normal(_ shape: [Int]) -> Tensor<Double> { Tensor(shape: shape, scalars: stream.normals(shape.reduce(1, *))) }
        let (x, dx, dp, w) = (normal([2, 1, 12]), normal([2, 1, 12]), normal([layout.count]), normal([2, 1, 12]))
        let linearised = block.linearised(parameters, at: x)
        let tangent = linearised.tangent(input: dx, parameters: dp)
        let gradient = linearised.pullback(w, by: .both)
        func dot(_ a: Tensor<Double>, _ b: Tensor<Double>) -> Double { zip(a.scalars, b.scalars).reduce(0) { $0 + $1.0 * $1.1 } }
        #expect(abs(dot(w, tangent) - dot(gradient.input, dx) - dot(gradient.parameters, dp)) < 1e-13 * abs(dot(w, tangent)))
        let e = 1e-6
        func moved(_ by: Double) -> Tensor<Double> { block.value(parameters + dp.scaled(by: by), at: x + dx.scaled(by: by)) }
        let difference = (moved(e) - moved(-e)).scaled(by: 0.5 / e)
        #expect((difference - tangent).squaredNorm < 1e-14 * tangent.squaredNorm)
    }

    /// What starts by saying nothing leaves the model as it is.
    @Test(arguments: terms) func aNewTermSaysNothing(term: SubgridTerm) throws {
        var layout = ParameterLayout()
        _ = term.block(in: &layout)
        let model = try made(term, layout.initialParameters(seed: 1).scalars)
        #expect(model.subgridTendency(at: [-3, 0, 8]) == [0, 0, 0])
    }

    @Test func mistakesAreRefused() throws {
        #expect(complaint(.invalidInput, "5 parameters", "2 were given") {
            _ = try made(.polynomial(degree: 4), [1, 2])
        } == nil)
        #expect(complaint(.invalidInput, "forcing is nan") {
            _ = try Lorenz96Emulator(network: .subgrid(.none, forcing: .nan), parameters: [], scales: scales, timeStep: 0.05)
        } == nil)
        let model = try made(.none, [])
        #expect(complaint(.invalidInput, "not all of 36 sectors") { _ = try model.steps([state(36), state(40)]) } == nil)
        #expect(complaint(.model, "blown up") { _ = try model.step(Lorenz96State(x: state(36).vector.map { 1e200 * $0 })) } == nil)
    }
}
