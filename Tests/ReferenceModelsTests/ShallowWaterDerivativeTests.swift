import Basics
import Dynamics
import ReferenceModels
import TestSupport
import Testing

/// The derivatives of a step as they reach Swift; `fortran/tests/test_derivatives.f90` tests them more closely.
struct ShallowWaterDerivativeTests {
    let grid: ShallowWaterGrid
    let state: ShallowWaterState

    /// A rough basin with an island, dx and dy apart, steep waves and currents in both directions; no velocity is small, as
    /// u|u| has no second derivative at 0.
    init() throws {
        let (nx, ny) = (24, 19)
        var depth = [Double](repeating: 0, count: nx * ny)
        for j in 1..<ny - 1 {
            for i in 1..<nx - 1 where !((6...8).contains(i) && (5...9).contains(j)) {
                depth[j * nx + i] = 15 + 5 * cosine(1.7 * Double(i) + 0.3 * Double(i * j))
            }
        }
        grid = try ShallowWaterGrid(nx: nx, ny: ny, dx: 10_000, dy: 7_000, depth: depth)
        var state = Self.pattern(1, on: grid)
        for k in nx * ny..<3 * nx * ny where state.vector[k] != 0 {
            state.vector[k] += state.vector[k] > 0 ? 0.3 : -0.3
        }
        self.state = state
    }

    /// A vector without pattern and of size 1, zero in dry cells and on closed faces.
    static func pattern(_ seed: Int, on grid: ShallowWaterGrid) -> ShallowWaterState {
        var state = ShallowWaterState(nx: grid.nx, ny: grid.ny)
        let inside = grid.wet + grid.openEast + grid.openNorth
        var stream = RandomStream(seed: 8, purpose: "test", index: seed)
        state.vector = inside.map { inside in
            let value = 2 * stream.uniform() - 1
            return inside ? value : 0
        }
        return state
    }

    func model(implicitness: Double = 0.5, isLinear: Bool = false, tolerance: Double = 1e-15) throws -> ShallowWaterModel {
        try ShallowWaterModel(
            grid: grid, timeStep: 900,
            parameters: .init(
                implicitness: implicitness, drag: 0.03, lateralFriction: 5000, tolerance: tolerance, isLinear: isLinear))
    }

    @Test(arguments: [0.5, 0.8], [false, true]) func adjointIsTheTransposeOfTheTangent(implicitness: Double, isLinear: Bool) throws {
        let model = try model(implicitness: implicitness, isLinear: isLinear)
        for seed in 2...5 {
            let d = Self.pattern(seed, on: grid)
            let tangent = try model.tangentStep(at: state, applying: d)
            // Vectors without any relation have products that cancel, which would measure that.
            var w = Self.pattern(seed + 10, on: grid)
            w.vector = zip(w.vector, tangent.vector).map { $0 + $1 }
            let forward = dot(w.vector, tangent.vector)
            let backward = dot(try model.adjointStep(at: state, applying: w).vector, d.vector)
            let difference = abs(forward - backward) / abs(forward)
            print("dot product: relative difference \(difference), bound 1e-13")
            #expect(difference <= 1e-13)
        }
    }

    /// Central differences of size e approach the tangent-linear as e^2 until rounding / e takes over; the remainder of a
    /// Taylor series shrinks as e^2. In linear mode the step is quadratic and the differences are exact.
    @Test(arguments: [0.5, 0.8], [false, true]) func tangentAgreesWithDifferences(implicitness: Double, isLinear: Bool) throws {
        let model = try model(implicitness: implicitness, isLinear: isLinear)
        let d = Self.pattern(6, on: grid)
        let (reached, tangent) = (try model.step(state).vector, try model.tangentStep(at: state, applying: d).vector)
        func moved(_ e: Double) throws -> [Double] {
            var other = state
            other.vector = zip(state.vector, d.vector).map { $0 + e * $1 }
            return try model.step(other).vector
        }
        var (errors, remainders): ([Double], [Double]) = ([], [])
        for e in [1e-2, 1e-3, 1e-4, 1e-5] {
            let (plus, minus) = (try moved(e), try moved(-e))
            let difference = zip(plus, minus).map { ($0 - $1) / (2 * e) }
            errors.append(norm(zip(difference, tangent).map { $0 - $1 }) / norm(tangent))
            remainders.append(norm(plus.indices.map { plus[$0] - reached[$0] - e * tangent[$0] }))
        }
        print("differences: \(errors), bound 1e-10; Taylor remainders \(remainders)")
        #expect(try #require(errors.min()) <= 1e-10)
        if !isLinear { #expect(errors[1] / errors[0] <= 0.011) }
        #expect(abs(remainders[1] / remainders[0] - 0.01) <= 1e-3)
        #expect(abs(remainders[2] / remainders[1] - 0.01) <= 1e-3)
    }

    @Test func linearModelIsItsOwnTangent() throws {
        let model = try ShallowWaterModel(grid: grid, timeStep: 900, parameters: ShallowWaterModelTests.linear)
        let d = Self.pattern(7, on: grid)
        let (tangent, stepped) = (try model.tangentStep(at: state, applying: d).vector, try model.step(d).vector)
        #expect(maximumDifference(tangent, stepped) <= 1e-15 * maximumNorm(stepped))
    }

    /// The volume of the next state has the gradient 1 in wet cells and 0 with respect to velocities.
    @Test func adjointOfTheVolume() throws {
        var ones = ShallowWaterState(nx: grid.nx, ny: grid.ny)
        ones.zeta = grid.wet.map { $0 ? 1 : 0 }
        #expect(try model().adjointStep(at: state, applying: ones) == ones)
    }

    @Test func zeroStaysZero() throws {
        let zero = ShallowWaterState(nx: grid.nx, ny: grid.ny)
        #expect(try model().tangentStep(at: state, applying: zero) == zero)
        #expect(try model().adjointStep(at: state, applying: zero) == zero)
    }

    @Test func whatCannotBeUsedIsRefused() throws {
        let (model, small) = (try model(), ShallowWaterState(nx: 3, ny: 2))
        var holed = Self.pattern(8, on: grid)
        holed.vector[3 * 24 + 5] = .nan
        #expect(complaint(.invalidInput, "state has 3 x 2", "24 x 19") { _ = try model.tangentStep(at: small, applying: state) } == nil)
        #expect(complaint(.invalidInput, "perturbation has 3 x 2") { _ = try model.tangentStep(at: state, applying: small) } == nil)
        #expect(complaint(.invalidInput, "cotangent has 3 x 2") { _ = try model.adjointStep(at: state, applying: small) } == nil)
        #expect(complaint(.invalidInput, "elevation at (x, y) = (5, 3)") { _ = try model.adjointStep(at: holed, applying: state) } == nil)
        #expect(complaint(.invalidInput, "a value at (x, y) = (5, 3) of the given perturbation", "try:") {
            _ = try model.tangentStep(at: state, applying: holed)
        } == nil)
        #expect(complaint(.invalidInput, "a value at (x, y) = (5, 3) of the given") {
            _ = try model.adjointStep(at: state, applying: holed)
        } == nil)
    }

    private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    private func norm(_ a: [Double]) -> Double { dot(a, a).squareRoot() }
}
