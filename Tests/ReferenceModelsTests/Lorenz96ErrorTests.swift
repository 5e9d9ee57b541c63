import Basics
import Dynamics
import ReferenceModels
import TestSupport
import Testing

/// Every refusal says what, why and what next.
struct Lorenz96ErrorTests {
    func modelComplaint(
        _ words: String..., timeStep: Double = 0.005, change: (inout Lorenz96Parameters) -> Void = { _ in }
    ) -> String? {
        var parameters = Lorenz96Parameters.twoLevels
        change(&parameters)
        return complaint(.invalidInput, words) { _ = try Lorenz96Model(parameters: parameters, timeStep: timeStep) }
    }

    @Test func parametersAreCheckedEarly() {
        #expect(modelComplaint("3 sectors of 10", "too short", "k >= 4") { $0.sectors = 3 } == nil)
        #expect(modelComplaint("-4 sectors") { $0.sectors = -4 } == nil)
        #expect(modelComplaint("36 sectors of -1 fast", "0: one level") { $0.fastPerSector = -1 } == nil)
        #expect(modelComplaint("too long") { $0.fastPerSector = .max } == nil)
        #expect(modelComplaint("too long") { $0.sectors = Int(Int32.max) / 11 + 1 } == nil)
        #expect(modelComplaint("too long") { ($0.sectors, $0.fastPerSector) = (.max, 0) } == nil)
        #expect(modelComplaint("time step is 0.0", "positive", "use 0.05", timeStep: 0) == nil)
        #expect(modelComplaint("time step is nan", timeStep: .nan) == nil)
        #expect(modelComplaint("forcing is inf", "use 8") { $0.forcing = .infinity } == nil)
        #expect(modelComplaint("h is nan", "finite") { $0.coupling = .nan } == nil)
        #expect(modelComplaint("c is 0.0", "positive") { $0.timeScaleRatio = 0 } == nil)
        #expect(modelComplaint("b is inf") { $0.amplitudeRatio = .infinity } == nil)
    }

    @Test func statesAreChecked() throws {
        let model = try Lorenz96Model(parameters: .twoLevels, timeStep: 0.005)
        #expect(complaint(.invalidInput, "40 sectors of 0", "36 sectors of 10", "try:") {
            _ = try model.step(Lorenz96State(sectors: 40))
        } == nil)
        var state = model.initialState(seed: 1)
        #expect(complaint(.invalidInput, "steps is -1") { _ = try model.advance(state, steps: -1) } == nil)
        state.vector[35] = .nan
        #expect(complaint(.invalidInput, "X at k = 35 of the given state", "near the forcing") { _ = try model.step(state) } == nil)
        state.vector[35] = 0
        state.vector[36 + 10 * 7 + 3] = .infinity
        #expect(complaint(.invalidInput, "Y at j = 3, k = 7 of the given state") { _ = try model.tendency(at: state) } == nil)
        state.vector.removeLast()
        #expect(complaint(.invalidInput, "395 values") { _ = try model.step(state) } == nil)
    }

    @Test func overflowNamesItsPlaceAndStep() throws {
        let model = try Lorenz96Model(timeStep: 0.5)
        #expect(complaint(.model, "X at k = ", "is not finite in step ", " of 1000", "shorten the step") {
            _ = try model.advance(model.initialState(seed: 1, perturbation: 2), steps: 1000)
        } == nil)
        var state = Lorenz96State(sectors: 40)
        (state.vector[6], state.vector[7]) = (1e200, 1e200)
        #expect(complaint(.model, "the tendency of X at k = 8 is not finite") { _ = try model.tendency(at: state) } == nil)
    }
}
