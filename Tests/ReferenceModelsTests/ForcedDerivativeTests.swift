import Basics
import Dynamics
import ReferenceModels
import TestSupport
import Testing

/// Tangent-linear, adjoint and complex step with every option on.
struct ForcedDerivativeTests {
    let basin: ForcedBasin
    init() throws { basin = try ForcedBasin() }

    private func dot(_ a: ShallowWaterState, _ b: ShallowWaterState) -> Double { zip(a.vector, b.vector).reduce(0) { $0 + $1.0 * $1.1 } }

    private func relativeDifference(_ a: [Double], _ b: [Double]) -> Double { maximumDifference(a, b) / maximumNorm(b) }

    @Test(arguments: [0.5, 0.8]) func complexStepAgreesWithTheTangent(implicitness: Double) throws {
        let model = try basin.model(implicitness: implicitness, tolerance: 1e-15)
        let (state, d) = (basin.state(), basin.pattern(2))
        for number in [0, 7] {
            let tangent = try model.tangentStep(at: state, number: number, applying: d)
            let exact = try model.complexStep(from: state, firstStep: number, applying: d)
            let difference = relativeDifference(tangent.vector, exact.vector)
            print("tangent against complex step: \(difference), bound 1e-12")
            #expect(difference <= 1e-12)
        }
    }

    @Test func complexStepOfManyStepsIsTheProductOfTangents() throws {
        let model = try basin.model(tolerance: 1e-15)
        var (state, d) = (basin.state(), basin.pattern(3))
        let exact = try model.complexStep(from: state, steps: 6, firstStep: 2, applying: d)
        for number in 2..<8 {
            d = try model.tangentStep(at: state, number: number, applying: d)
            state = try model.step(state, number: number)
        }
        #expect(relativeDifference(d.vector, exact.vector) <= 1e-12)
    }

    /// Central differences of two sizes, extrapolated, against the derivative with respect to the depth.
    @Test func complexStepTakesTheDepth() throws {
        let change = basin.grid.depth.enumerated().map { $1 > 1 ? cosine(0.9 * Double($0)) : 0 }
        let (state, none) = (basin.state(), ShallowWaterState(nx: basin.grid.nx, ny: basin.grid.ny))
        let exact = try basin.model(tolerance: 1e-15).complexStep(from: state, steps: 3, firstStep: 1, applying: none, depth: change)
        func end(_ e: Double) throws -> [Double] {
            let depth = zip(basin.grid.depth, change).map { $0 + e * $1 }
            let grid = try ShallowWaterGrid(nx: basin.grid.nx, ny: basin.grid.ny, dx: 9000, dy: 7000, depth: depth, periodicY: true)
            let parameters = try basin.model(tolerance: 1e-15).parameters
            return try ShallowWaterModel(grid: grid, timeStep: ForcedBasin.timeStep, parameters: parameters, forcing: basin.forcing)
                .advance(state, steps: 3, firstStep: 1).state.vector
        }
        func difference(_ e: Double) throws -> [Double] { try zip(end(e), end(-e)).map { ($0 - $1) / (2 * e) } }
        let extrapolated = try zip(difference(0.01), difference(0.02)).map { (4 * $0 - $1) / 3 }
        let error = relativeDifference(extrapolated, exact.vector)
        print("derivative by the depth: \(error), bound 1e-8")
        #expect(error <= 1e-8)
        #expect(maximumNorm(exact.vector) > 1e-3)
    }

    @Test(arguments: [0.5, 0.8]) func adjointIsTheTransposeOfTheTangent(implicitness: Double) throws {
        let model = try basin.model(implicitness: implicitness, tolerance: 1e-15)
        let state = basin.state()
        for seed in 4...7 {
            let d = basin.pattern(seed)
            let tangent = try model.tangentStep(at: state, number: seed, applying: d)
            var w = basin.pattern(seed + 10)
            w.vector = zip(w.vector, tangent.vector).map { $0 + $1 }
            let forward = dot(w, tangent)
            let backward = dot(try model.adjointStep(at: state, number: seed, applying: w), d)
            let difference = abs(forward - backward) / abs(forward)
            print("dot product with all options: \(difference), bound 1e-13")
            #expect(difference <= 1e-13)
        }
    }

    /// The number of the step decides the wind, and the wind's effect depends on the depth: derivatives differ with it.
    @Test func derivativesDependOnTheNumber() throws {
        let model = try basin.model()
        let (state, d) = (basin.state(), basin.pattern(2))
        #expect(try model.tangentStep(at: state, number: 0, applying: d) != model.tangentStep(at: state, number: 9, applying: d))
        #expect(try model.adjointStep(at: state, number: 0, applying: d) != model.adjointStep(at: state, number: 9, applying: d))
    }
}
