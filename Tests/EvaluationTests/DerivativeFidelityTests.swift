import Dynamics
import Evaluation
import TestSupport
import Testing

@Suite struct DerivativeFidelityTests {
    private let grid: ShallowWaterGrid
    private let state: ShallowWaterState

    init() throws {
        grid = try islandGrid()
        state = sampleState(grid, 2)
    }

    private func directions(_ count: Int) -> [[Double]] { (0..<count).map { sampleState(grid, 10 + $0).vector } }

    private func fidelity(_ emulator: ShiftModel, _ model: ShiftModel, sizes: [Double] = [1e-1, 1e-3]) throws -> DerivativeFidelity {
        try DerivativeFidelity.measure(
            emulator: emulator, model: model, at: state, directions: directions(2), cotangents: directions(2).reversed(),
            components: [1, 7, 23, 42, 59], sizes: sizes, scales: sampleScales)
    }

    /// (x + e d)^3 - (x - e d)^3 = 2 e (3 x^2 d + e^2 d^3): the error is known exactly, and of order e^2.
    @Test(arguments: [1.0, 0.1, 0.01])
    func centralDifferencesAreOfSecondOrder(size: Double) throws {
        let model = ShiftModel(c: 0.5)
        let d = directions(1)[0]
        let difference = try model.finiteDifferenceStep(at: state, along: d, size: size)
        let error = zip(difference, model.tangent(at: state, d)).map { $0 - $1 }
        #expect(relativeError(error, d.map { 0.5 * size * size * $0 * $0 * $0 }) < 1e-9)
    }

    @Test func differencesOfALinearModelAreExact() throws {
        let model = ShiftModel()
        let d = directions(1)[0]
        for size in [1, 1e-3] {
            #expect(relativeError(try model.finiteDifferenceStep(at: state, along: d, size: size), model.tangent(at: state, d)) < 1e-12)
        }
    }

    /// Measured 4e-14.
    @Test func anExactLinearAdjointHasRoundingErrors() throws {
        let fidelity = try fidelity(ShiftModel(), ShiftModel())
        #expect(fidelity.rows.map(\.size) == [1e-1, 1e-3])
        for row in fidelity.rows {
            #expect(measured("adjoint of a linear map", row.adjointAgainstItself) < 1e-12)
            #expect(row.tangentAgainstModel == 0)
            #expect(measured("gradient of a linear map", row.gradientAgainstModel) < 1e-12)
        }
    }

    @Test func anExactNonlinearAdjointConvergesAtSecondOrder() throws {
        let rows = try fidelity(ShiftModel(c: 0.2), ShiftModel(c: 0.2), sizes: [1e-1, 1e-2, 1e-3]).rows
        for figure in [\DerivativeFidelity.Row.adjointAgainstItself, \.gradientAgainstModel] {
            for (coarse, fine) in zip(rows, rows.dropFirst()) {
                #expect(abs(coarse[keyPath: figure] / fine[keyPath: figure] - 100) < 1)
            }
        }
    }

    /// An adjoint 1 % too large: seen by both figures that use it, and only by those.
    @Test func aWrongAdjointIsCaught() throws {
        let fidelity = try fidelity(ShiftModel(adjointFactor: 1.01), ShiftModel())
        #expect(fidelity.best(\.adjointAgainstItself) > 1e-4)
        #expect(abs(fidelity.best(\.gradientAgainstModel) - 0.01) < 1e-10)
        #expect(fidelity.best(\.tangentAgainstModel) == 0)
    }

    /// The emulator's neighbour coefficient is wrong: its adjoint is right, its derivatives are not the model's.
    @Test func aWrongTangentIsCaught() throws {
        let fidelity = try fidelity(ShiftModel(b: 0.33), ShiftModel())
        #expect(fidelity.best(\.adjointAgainstItself) < 1e-12)
        #expect(fidelity.best(\.tangentAgainstModel) > 0.01)
        #expect(fidelity.best(\.gradientAgainstModel) > 0.01)
    }

    @Test func theWorstDirectionCounts() throws {
        // At rest the cubic term matters more, the larger the perturbation.
        let (small, large) = (directions(1)[0].map { $0 / 10 }, directions(1)[0])
        func tangent(_ directions: [Double]...) throws -> Double {
            try DerivativeFidelity.measure(
                emulator: ShiftModel(c: 0.1), model: ShiftModel(), at: ShallowWaterState(nx: grid.nx, ny: grid.ny),
                directions: directions, cotangents: directions, components: [1], sizes: [1e-1], scales: sampleScales
            ).rows[0].tangentAgainstModel
        }
        #expect(try tangent(small) < tangent(large))
        #expect(try tangent(small, large) == tangent(large))
        #expect(try tangent(large, small) == tangent(large))
    }

    @Test func progressCountsTheSizes() throws {
        var seen: [Int] = []
        _ = try DerivativeFidelity.measure(
            emulator: ShiftModel(), model: ShiftModel(), at: state, directions: directions(1), cotangents: directions(1),
            components: [1], sizes: [1e-1, 1e-2, 1e-3], scales: sampleScales
        ) { done, total in seen.append(10 * done + total) }
        #expect(seen == [13, 23, 33])
    }
}
