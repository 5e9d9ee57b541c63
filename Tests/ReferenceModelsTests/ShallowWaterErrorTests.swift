import Basics
import Dynamics
import ReferenceModels
import TestSupport
import Testing

/// Every refusal says what, why and what next.
struct ShallowWaterErrorTests {
    let grid: ShallowWaterGrid

    init() throws {
        grid = try IdealisedBasin(nx: 20, ny: 16).simulation(0, seed: 1).grid
    }

    func modelComplaint(
        _ words: String..., timeStep: Double = 300, change: (inout ShallowWaterParameters) -> Void = { _ in }
    ) -> String? {
        var parameters = ShallowWaterParameters()
        change(&parameters)
        return complaint(.invalidInput, words) {
            _ = try ShallowWaterModel(grid: grid, timeStep: timeStep, parameters: parameters)
        }
    }

    @Test func parametersAreCheckedEarly() {
        #expect(modelComplaint("time step -3.0 s", "try:", timeStep: -3) == nil)
        #expect(modelComplaint("time step nan s", timeStep: .nan) == nil)
        #expect(modelComplaint("implicitness is 0.49", "unstable", "use 0.5") { $0.implicitness = 0.49 } == nil)
        #expect(modelComplaint("implicitness is 1.5") { $0.implicitness = 1.5 } == nil)
        #expect(modelComplaint("gravity is 0.0", "9.81") { $0.gravity = 0 } == nil)
        #expect(modelComplaint("drag is -1.0", "use 0 to switch") { $0.drag = -1 } == nil)
        #expect(modelComplaint("lateral friction inf") { $0.lateralFriction = .infinity } == nil)
        #expect(modelComplaint("tolerance is 0.0", "1e-12") { $0.tolerance = 0 } == nil)
        #expect(modelComplaint("maximumIterations = 0") { $0.maximumIterations = 0 } == nil)
    }

    @Test func statesAreChecked() throws {
        let model = try ShallowWaterModel(grid: grid, timeStep: 300)
        #expect(complaint(.invalidInput, "3 x 2 cells", "20 x 16") { _ = try model.step(ShallowWaterState(nx: 3, ny: 2)) } == nil)
        #expect(complaint(.invalidInput, "steps is -1") { _ = try model.advance(ShallowWaterState(nx: 20, ny: 16), steps: -1) } == nil)

        var state = ShallowWaterState(nx: 20, ny: 16)
        state.vector[7 * 20 + 5] = .nan
        #expect(complaint(.invalidInput, "elevation at (x, y) = (5, 7)", "fill missing") { _ = try model.step(state) } == nil)
        state = ShallowWaterState(nx: 20, ny: 16)
        state.vector[20 * 16 + 7 * 20 + 5] = .infinity
        #expect(complaint(.invalidInput, "velocity at (x, y) = (5, 7)", "fill missing") { _ = try model.step(state) } == nil)
        #expect(complaint(.invalidInput, "3 values", "320") { _ = try model.elevationStencil(zeta: [0, 0, 0]) } == nil)
    }

    @Test func failuresOfARunNameTheirPlaceAndStep() throws {
        var state = ShallowWaterState(nx: 20, ny: 16)
        state.zeta[7 * 20 + 5] = -100
        let model = try ShallowWaterModel(grid: grid, timeStep: 300)
        #expect(complaint(.model, "face at (x, y) = (5, 6)", "step 1 of 9", "wetting and drying") {
            _ = try model.advance(state, steps: 9)
        } == nil)
        #expect(complaint(.model, "face at (x, y) = (5, 6)") { _ = try model.elevationStencil(zeta: state.zeta) } == nil)

        state.zeta[7 * 20 + 5] = 1
        let impatient = try ShallowWaterModel(grid: grid, timeStep: 3000, parameters: .init(maximumIterations: 2))
        #expect(complaint(.solver, "did not reach 1e-12 in 2 iterations in step 1 of 4", "residual 0.", "at (x, y)", "try:") {
            _ = try impatient.advance(state, steps: 4)
        } == nil)

        state.u[7 * 20 + 5] = 1e200
        #expect(complaint(.model, "not finite in step 1 of 1", "shorten the time step") { _ = try model.step(state) } == nil)
    }

    @Test func setUpsAreChecked() throws {
        #expect(complaint(.invalidInput, "no room", "8 x 8") { _ = try IdealisedBasin(nx: 8, ny: 8).simulation(0, seed: 1) } == nil)
        #expect(complaint(.invalidInput, "does not fit") {
            _ = try InitialElevation.bump(on: grid, x: 15..<25, y: 0..<2, height: 0.1)
        } == nil)
        var stream = RandomStream(seed: 1, purpose: "test")
        #expect(complaint(.invalidInput, "root mean square", "-1.0") {
            _ = try InitialElevation.random(on: grid, rootMeanSquare: -1, correlationLength: 1e4, using: &stream)
        } == nil)
        #expect(complaint(.invalidInput, "correlation lengths", "positive") {
            _ = try InitialElevation.random(on: grid, rootMeanSquare: 1, correlationLength: 0, using: &stream)
        } == nil)
    }
}
