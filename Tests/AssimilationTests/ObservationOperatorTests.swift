import Assimilation
import Basics
import Dynamics
import TestSupport
import Testing

struct ObservationOperatorTests {
    /// An island, a bay and a wet edge.
    static let depths: [Double] = [
        10, 10, 10, 10, 10, 10,
        10, 0, 0, 10, 10, 0,
        10, 0, 10, 10, 0, 0,
        10, 10, 10, 0, 10, 10,
        10, 10, 10, 10, 10, 10,
    ]

    static func grid(periodic: Bool = false) throws -> ShallowWaterGrid {
        try ShallowWaterGrid(nx: 6, ny: 5, dx: 100, dy: 50, depth: depths, periodicX: periodic, periodicY: periodic)
    }

    /// Of every kind, with a state's size that fits.
    static func operators() throws -> [any ObservationOperator] {
        let grid = try grid()
        let points = [
            ObservedPoint(.zeta, x: 133, y: 31), ObservedPoint(.zeta, x: 250, y: 121), ObservedPoint(.u, x: 333, y: 70),
            ObservedPoint(.v, x: 333, y: 70), ObservedPoint(.u, x: 5, y: 249), ObservedPoint(.v, x: 599, y: 1),
        ]
        let pairs = [ShallowWaterField.u, .v].flatMap { [ObservedPoint($0, x: 333, y: 70), ObservedPoint($0, x: 380, y: 20)] }
        return [
            try WeightedComponents(stateSize: 9, components: [4, 0, 4]),
            try WeightedComponents(ring: 9, positions: [0, 0.3, 8.75, -1.5, 40.2]),
            try WeightedComponents(grid, points: points),
            try WeightedComponents(Self.grid(periodic: true), points: points),
            SpeedOperator(count: 4),
            try ObservationChain(WeightedComponents(grid, points: pairs), SpeedOperator(count: 2)),
        ]
    }

    @Test func everyAdjointIsTheTransposeOfItsTangent() throws {
        for observationOperator in try Self.operators() {
            let error = try observationOperator.adjointError(at: normals(observationOperator.stateSize, seed: 1))
            #expect(error < 1e-15, "\(observationOperator)")
        }
    }

    /// The remainder of the first-order expansion falls with the square of the step.
    @Test func everyTangentIsTheDerivative() throws {
        for observationOperator in try Self.operators() {
            let (state, direction) = (normals(observationOperator.stateSize, seed: 1), normals(observationOperator.stateSize, seed: 2))
            let (here, tangent) = (try observationOperator.apply(state), try observationOperator.tangent(at: state, applying: direction))
            let remainders = try [1e-2, 1e-3].map { step in
                let there = try observationOperator.apply(zip(state, direction).map { $0 + step * $1 })
                return there.indices.reduce(0) { max($0, abs(there[$1] - here[$1] - step * tangent[$1])) }
            }
            #expect(remainders[1] < 1e-13 || (80...125).contains(remainders[0] / remainders[1]), "\(remainders)")
        }
    }

    @Test func bilinearFieldsAreReproducedAtMovingPoints() throws {
        let grid = try ShallowWaterGrid(nx: 8, ny: 7, dx: 100, dy: 50, depth: [Double](repeating: 10, count: 56))
        func field(_ x: Double, _ y: Double) -> Double { 1 + 2e-3 * x - 3e-3 * y + 1e-5 * x * y }
        var state = ShallowWaterState(nx: 8, ny: 7)
        var (zeta, u, v) = (state.zeta, state.u, state.v)
        for j in 0..<7 {
            for i in 0..<8 {
                let (x, y) = (100 * (Double(i) + 0.5), 50 * (Double(j) + 0.5))
                zeta[j * 8 + i] = field(x, y)
                u[j * 8 + i] = field(x + 50, y)
                v[j * 8 + i] = field(x, y + 25)
            }
        }
        (state.zeta, state.u, state.v) = (zeta, u, v)
        // Faces on the eastern and northern edge are closed, and so is what lies beyond the western and southern one.
        let places = [(120.0, 90.0), (333, 222), (690, 260), (151, 77)]
        for observed in ShallowWaterField.allCases {
            let values = try WeightedComponents(grid, points: places.map { ObservedPoint(observed, x: $0.0, y: $0.1) }).apply(state.vector)
            for (value, place) in zip(values, places) { #expect(abs(value - field(place.0, place.1)) < 1e-13, "\(observed) \(place)") }
        }
    }

    @Test func landHasNoWeight() throws {
        let grid = try Self.grid()
        let points = stride(from: 10.0, to: 600, by: 37).flatMap { x in
            stride(from: 5.0, to: 250, by: 21).map { ObservedPoint(.zeta, x: x, y: $0) }
        }.filter { point in (try? WeightedComponents(grid, points: [point])) != nil }
        #expect(points.count > 150)
        // Wet cells alike, land far from it: an observation sees the one only.
        let (huge, zero) = ([Double](repeating: 1e9, count: 30), [Double](repeating: 0, count: 30))
        let state = ShallowWaterState(nx: 6, ny: 5, zeta: grid.wet.map { $0 ? 1 : 1e9 }, u: huge, v: huge)
        for value in try WeightedComponents(grid, points: points).apply(state.vector) { #expect(abs(value - 1) < 1e-15) }
        // Between an open face and a wall, currents fall linearly to zero.
        let current = ShallowWaterState(nx: 6, ny: 5, zeta: zero, u: grid.openEast.map { $0 ? 1 : 0 }, v: zero)
        let besideWalls = try WeightedComponents(grid, points: [ObservedPoint(.u, x: 25, y: 25), ObservedPoint(.u, x: 570, y: 25)])
        #expect(try distance(besideWalls.apply(current.vector), [0.25, 0.3]) < 1e-14)
    }

    @Test func periodicGridsAndRingsLeadRound() throws {
        let grid = try Self.grid(periodic: true)
        let state = normals(90, seed: 3)
        for field in ShallowWaterField.allCases {
            let there = try WeightedComponents(grid, points: [ObservedPoint(field, x: 590, y: 240)]).apply(state)
            for (x, y) in [(-10.0, 240.0), (1190, -10), (590, 490)] {
                #expect(try distance(WeightedComponents(grid, points: [ObservedPoint(field, x: x, y: y)]).apply(state), there) < 1e-12)
            }
        }
        let ring = try WeightedComponents(ring: 5, positions: [4.25, -0.75, 9.25]).apply([1, 2, 3, 4, 5])
        #expect(ring == [4, 4, 4])
    }

    @Test func whatCannotBeObservedIsRefused() throws {
        let grid = try Self.grid()
        #expect(complaint(.invalidInput, "observation 1", "outside the grid") {
            _ = try WeightedComponents(grid, points: [ObservedPoint(.zeta, x: 50, y: 25), ObservedPoint(.zeta, x: 601, y: 25)])
        } == nil)
        #expect(complaint(.invalidInput, "outside") { _ = try WeightedComponents(grid, points: [ObservedPoint(.u, x: .nan, y: 25)]) } == nil)
        let island = try ShallowWaterGrid(nx: 3, ny: 1, dx: 1, dy: 1, depth: [0, 0, 5])
        #expect(complaint(.invalidInput, "only land") { _ = try WeightedComponents(island, points: [ObservedPoint(.zeta, x: 0.9, y: 0.5)]) } == nil)
        #expect(complaint(.invalidInput, "component 3", "3 values") { _ = try WeightedComponents(stateSize: 3, components: [3]) } == nil)
        let three = try WeightedComponents(stateSize: 3, components: [0])
        #expect(complaint(.invalidInput, "2 observed values") { _ = try ObservationBatch(step: 0, three, values: [1, 2], variances: [1]) } == nil)
        #expect(complaint(.invalidInput, "error variance 0 is 0") { _ = try ObservationBatch(step: 4, three, values: [1], variances: [0]) } == nil)
        #expect(complaint(.invalidInput, "4 values of a state") { _ = try three.apply([1, 2, 3, 4]) } == nil)
        let batch = try ObservationBatch(step: 4, three, values: [1], variances: [1])
        #expect(complaint(.invalidInput, "step 4", "0 to 3") { _ = try ObservationWindow(steps: 3, batches: [batch]) } == nil)
    }

    @Test func filesGiveBackWhatWasWritten() throws {
        let scratch = try Scratch()
        let records = (0..<20).map { (k: Int) -> ObservationRecord in
            let t = Double(k)
            return ObservationRecord(step: k / 3, variable: k % 2 == 0 ? "zeta" : "u", x: 300 + t, y: 20 + 0.1 * t, value: t / 7, variance: 0.01 + t)
        }
        let file = ObservationFile(coordinates: .projected, timeStep: 300, startTime: 86_400, records: records)
        try file.write(to: scratch.path("observations.nc"), title: "test")
        let read = try ObservationFile(path: scratch.path("observations.nc"))
        #expect(read == file)
        let batches = try read.batches(Self.grid())
        #expect(batches.map(\.step) == [0, 1, 2, 3, 4, 5, 6])
        #expect(batches.flatMap { $0.values } == records.map { $0.value })
        #expect(batches.flatMap { $0.variances } == records.map { $0.variance })
        let ring = ObservationFile(coordinates: .ring, timeStep: 0.05, records: records)
        try ring.write(to: scratch.path("ring.nc"), title: "test")
        #expect(try ObservationFile(path: scratch.path("ring.nc")).batches(ring: 40).count == 7)
        #expect(complaint(.invalidInput, "'X'", "zeta, u, v") {
            var other = file
            other.records[3].variable = "X"
            _ = try other.batches(Self.grid())
        } == nil)
    }
}
