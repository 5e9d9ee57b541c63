import Basics
import Dynamics
import ReferenceModels
import TestSupport
import Testing

/// Every refusal of an option says what, where and what next.
struct ForcingRefusalTests {
    let basin: ForcedBasin
    init() throws { basin = try ForcedBasin(nx: 12, ny: 9) }

    private func complaintOfModel(
        _ words: String..., periodicY: Bool = false, change: (inout ShallowWaterParameters) -> Void
    ) -> String? {
        var parameters = ShallowWaterParameters()
        change(&parameters)
        return complaint(.invalidInput, words) {
            let grid = try ShallowWaterGrid(nx: 12, ny: 9, dx: 9000, dy: 7000, depth: basin.grid.depth, periodicY: periodicY)
            _ = try ShallowWaterModel(grid: grid, timeStep: 600, parameters: parameters)
        }
    }

    private func complaintOfForcing(_ words: String..., change: (inout ShallowWaterForcing) -> Void) -> String? {
        var forcing = ShallowWaterForcing()
        change(&forcing)
        return complaint(.invalidInput, words) { _ = try ShallowWaterModel(grid: basin.grid, timeStep: 600, forcing: forcing) }
    }

    @Test func parametersAreChecked() {
        #expect(complaintOfModel("Coriolis parameter is 0.01 1/s", "time step of 600.0 s", "at most 0.9") { $0.coriolis = 0.01 } == nil)
        #expect(complaintOfModel("Coriolis parameter is nan") { $0.coriolis = .nan } == nil)
        #expect(complaintOfModel("beta 1e-11", "0 where y is periodic", periodicY: true) { $0.beta = 1e-11 } == nil)
        #expect(complaintOfModel("linear drag -1.0 1/s", "use 0 to switch") { $0.linearDrag = -1 } == nil)
        #expect(complaintOfModel("density of the water is 0.0", "1025") { $0.density = 0 } == nil)
    }

    @Test func windIsChecked() {
        #expect(complaintOfForcing("stress along y is nan N/m2 at time 0") { $0.wind = .constant(x: 0, y: .nan) } == nil)
        #expect(complaintOfForcing("2 times, 1 stresses along x and 2 along y for the whole grid") {
            $0.wind = .uniform(times: [0, 1], x: [0], y: [0, 0])
        } == nil)
        #expect(complaintOfForcing("0 times", "at least one") { $0.wind = .uniform(times: [], x: [], y: []) } == nil)
        #expect(complaintOfForcing("wind's time 2, 1.0 s, is not after the one before, 5.0 s") {
            $0.wind = .uniform(times: [0, 5, 1], x: [0, 0, 0], y: [0, 0, 0])
        } == nil)
        #expect(complaintOfForcing("3 stresses along x", "12 x 9 cells", "108 of both") { $0.wind = .fields(times: [0], x: [0, 0, 0], y: [0]) } == nil)
        #expect(complaintOfForcing("stress along x is inf N/m2 at time 1, (x, y) = (4, 3)") {
            var x = [Double](repeating: 0, count: 216)
            x[108 + 3 * 12 + 4] = .infinity
            $0.wind = .fields(times: [0, 1], x: x, y: [Double](repeating: 0, count: 216))
        } == nil)
    }

    @Test func boundariesAreChecked() {
        func tide(_ count: Int) -> ShallowWaterForcing.OpenBoundary.Constituent {
            .init(frequency: 1e-4, amplitude: [Double](repeating: 1, count: count), phase: [Double](repeating: 0, count: count))
        }
        #expect(complaintOfForcing("has no cells") { $0.boundary = .init(cells: [], constituents: [tide(0)]) } == nil)
        #expect(complaintOfForcing("names cell 108, but the grid has 108") { $0.boundary = .init(cells: [108], constituents: [tide(1)]) } == nil)
        #expect(complaintOfForcing("neither tides nor elevations") { $0.boundary = .init(cells: [0]) } == nil)
        #expect(complaintOfForcing("2 cells, but constituent 0 has 1 amplitudes") { $0.boundary = .init(cells: [0, 12], constituents: [tide(1)]) } == nil)
        #expect(complaintOfForcing("3 elevations for 1 times and 2 cells") {
            $0.boundary = .init(cells: [0, 12], times: [0], zeta: [0, 0, 0])
        } == nil)
        #expect(complaintOfForcing("cell at (x, y) = (7, 5)", "is dry") { $0.boundary = .init(cells: [5 * 12 + 7], constituents: [tide(1)]) } == nil)
        #expect(complaintOfForcing("cell at (x, y) = (0, 1)", "twice") { $0.boundary = .init(cells: [12, 12], constituents: [tide(2)]) } == nil)
        #expect(complaintOfForcing("open boundary's time 1, 0.0 s, is not after") {
            $0.boundary = .init(cells: [0], times: [0, 0], zeta: [0, 0])
        } == nil)
        #expect(complaintOfForcing("elevation is nan m at time 1", "(x, y) = (0, 2)") {
            $0.boundary = .init(cells: [0, 24], times: [0, 1], zeta: [0, 0, 0, .nan])
        } == nil)
        #expect(complaintOfForcing("phase of constituent 1 is inf rad", "(x, y) = (0, 1)") {
            var second = tide(2)
            second.phase[1] = .infinity
            $0.boundary = .init(cells: [0, 12], constituents: [tide(2), second])
        } == nil)
        #expect(complaintOfForcing("frequency of constituent 0", "nan rad/s") {
            var first = tide(1)
            first.frequency = .nan
            $0.boundary = .init(cells: [0], constituents: [first])
        } == nil)
        #expect(complaintOfForcing("start time is nan s") { $0.startTime = .nan } == nil)
    }

    /// Generic code that knows no step numbers must not run a model whose steps differ, and may run one whose forcing stays.
    @Test func stepsWithoutTheirNumberAreRefusedWhereTimeMatters() throws {
        let (model, state) = (try basin.model(), basin.state())
        for call in [
            { _ = try model.step(state) }, { _ = try model.tangentStep(at: state, applying: state) },
            { _ = try model.adjointStep(at: state, applying: state) }, { _ = try model.advanced(state, steps: 2) },
        ] {
            #expect(complaint(.invalidInput, "without its number", "changes with time", "try:", about: call) == nil)
        }
        let steady = try basin.model(forcing: ShallowWaterForcing(startTime: 77, wind: .constant(x: 0.1, y: 0)))
        #expect(!steady.isTimeDependent)
        #expect(try steady.step(state) == steady.step(state, number: 1000))
        #expect(complaint(.invalidInput, "number of the given state is -1") { _ = try model.step(state, number: -1) } == nil)
        #expect(complaint(.invalidInput, "number of the given state is 2147483647") { _ = try model.step(state, number: .init(Int32.max)) } == nil)
    }

    @Test func perturbationsAreChecked() throws {
        let (model, state) = (try basin.model(), basin.state())
        var holed = state
        holed.vector[3] = .nan
        #expect(complaint(.invalidInput, "not finite") { _ = try model.complexStep(from: state, applying: holed) } == nil)
        #expect(complaint(.invalidInput, "depth has 2 values", "12 x 9") { _ = try model.complexStep(from: state, applying: state, depth: [0, 0]) } == nil)
        #expect(complaint(.invalidInput, "perturbation has 3 x 2") {
            _ = try model.complexStep(from: state, applying: ShallowWaterState(nx: 3, ny: 2))
        } == nil)
    }
}
