import Basics
import Dynamics
import NetCDF
import TestSupport
import Testing
import Trajectories

@Suite struct TrajectoryTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    private func header(precision: TrajectoryHeader.Precision = .float) throws -> TrajectoryHeader {
        TrajectoryHeader(
            grid: try smallGrid(), timeStep: 300, startTime: 7200, precision: precision, parameters: sampleParameters, seed: 42, index: 7,
            texts: .init(title: "A test", source: "random numbers", history: "made", references: "none", comment: "-", experiment: "name: a\n", command: "seiche", version: "0.1"))
    }

    private func geographicGrid() throws -> ShallowWaterGrid {
        let plain = try smallGrid()
        return try ShallowWaterGrid(
            nx: 4, ny: 3, dx: 1000, dy: 2000, depth: plain.depth, coordinates: .geographic(longitude: [1, 1.5, 2, 2.5], latitude: [50, 50.25, 50.5]))
    }

    @Test func doubleComesBackBitForBit() throws {
        let header = try header(precision: .double)
        let states = try writeSample(to: scratch.path("t.nc"), header: header)
        let trajectory = try Trajectory(path: scratch.path("t.nc"))
        #expect(trajectory.count == 3)
        #expect(trajectory.header == header)
        #expect(try trajectory.states() == states)
        #expect(try trajectory.state(at: 1) == states[1])
        #expect(try trajectory.doubles(1..<3) == states[1].vector + states[2].vector)
    }

    @Test func floatComesBackRoundedOnce() throws {
        let header = try header()
        let states = try writeSample(to: scratch.path("t.nc"), header: header)
        let trajectory = try Trajectory(path: scratch.path("t.nc"))
        #expect(trajectory.header == header, "the grid is exact even in a float file")
        #expect(try trajectory.floats() == states.flatMap { $0.vector.map(Float.init) })
        #expect(try trajectory.state(at: 2).vector == states[2].vector.map { Double(Float($0)) })
        #expect(try trajectory.floats(1..<1).isEmpty)
    }

    @Test func geographicGridComesBack() throws {
        let header = TrajectoryHeader(grid: try geographicGrid(), timeStep: 60)
        try writeSample(to: scratch.path("t.nc"), header: header)
        #expect(try Trajectory(path: scratch.path("t.nc")).header == header)
    }

    @Test func wallsAreImposed() throws {
        let header = try header(precision: .double)
        let grid = header.grid
        var state = randomState(grid)
        let clean = state
        state.vector = zip(state.vector, grid.wet + grid.openEast + grid.openNorth).map { $1 ? $0 : .nan }
        let writer = try TrajectoryWriter(path: scratch.path("t.nc"), header: header)
        try writer.append(state)
        try writer.finish()
        #expect(try Trajectory(path: scratch.path("t.nc")).state(at: 0) == clean)
        let file = try NetCDFFile(reading: scratch.path("t.nc"))
        #expect(try file.variable("zeta").read(Double.self)[3] == Double.netCDF.defaultFill, "missing on a dry cell")
        #expect(try file.variable("u").read(Double.self)[2] == 0, "zero, not missing, on a closed face")
        #expect(try file.variable("u").fillValue() == nil)
    }

    @Test func axesFacesAndStaticFieldsAreWhereTheGridHasThem() throws {
        try writeSample(to: scratch.path("p.nc"), header: try header())
        let file = try NetCDFFile(reading: scratch.path("p.nc"))
        #expect(try file.variable("x").read(Double.self) == [500, 1500, 2500, 3500])
        #expect(try file.variable("x_face").read(Double.self) == [1000, 2000, 3000, 4000])
        #expect(try file.variable("y_face").read(Double.self) == [2000, 4000, 6000])
        #expect(try file.variable("y_bnds").read(Double.self) == [0, 2000, 2000, 4000, 4000, 6000])
        #expect(try file.variable("time").read(Double.self) == [7200, 7500, 7800])
        #expect(try file.variable("mask").read(Int8.self) == [1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1])
        #expect(try file.variable("cell_area").read(Double.self).allSatisfy { $0 == 2e6 })
        #expect(try file.variable("u").dimensionNames == ["time", "y", "x_face"])
        #expect(try file.variable("v").dimensionNames == ["time", "y_face", "x"])
        #expect(try file.attribute("gravity").number == 9.81)
        #expect(try file.attribute("Conventions").text == "CF-1.11")
        try writeSample(to: scratch.path("g.nc"), header: TrajectoryHeader(grid: geographicGrid(), timeStep: 60))
        let geographic = try NetCDFFile(reading: scratch.path("g.nc"))
        #expect(try geographic.variable("lon_face").read(Double.self) == [1.25, 1.75, 2.25, 2.75])
        #expect(try geographic.variable("u").dimensionNames == ["time", "lat", "lon_face"])
    }

    @Test func centreVelocitiesAreMeansOfTheTwoFaces() throws {
        let states = try writeSample(to: scratch.path("t.nc"), header: try header(precision: .double), count: 1, options: .init(centreVelocities: true))
        let file = try NetCDFFile(reading: scratch.path("t.nc"))
        let u = try file.variable("u_center").read(Double.self)
        let v = try file.variable("v_center").read(Double.self)
        #expect(u[0] == states[0].u[0] / 2 && u[1] == (states[0].u[0] + states[0].u[1]) / 2)
        #expect(v[0] == states[0].v[0] / 2 && v[4] == (states[0].v[0] + states[0].v[4]) / 2)
        #expect(u[3] == Double.netCDF.defaultFill && v[5] == Double.netCDF.defaultFill)
        #expect(try Trajectory(path: scratch.path("t.nc")).state(at: 0) == states[0])
    }

    @Test func sameSimulationGivesTheSameBytes() throws {
        for name in ["1.nc", "2.nc"] { try writeSample(to: scratch.path(name), header: try header()) }
        #expect(scratch.bytes("1.nc") == scratch.bytes("2.nc"))
        #expect(scratch.bytes("1.nc").count > 1000)
    }

    @Test func unfinishedTrajectoryLeavesNothing() throws {
        do {
            let writer = try TrajectoryWriter(path: scratch.path("t.nc"), header: try header())
            try writer.append(randomState(writer.header.grid))
            #expect(!scratch.contents.contains("t.nc"))
        }
        #expect(scratch.contents.isEmpty)
        let writer = try TrajectoryWriter(path: scratch.path("t.nc"), header: try header())
        #expect(complaint(.invalidInput, "t.nc", "no state") { try writer.finish() } == nil)
        writer.abandon()
        #expect(scratch.contents.isEmpty)
    }

    @Test func writerRefusesWhatItCannotStore() throws {
        let header = try header()
        let writer = try TrajectoryWriter(path: scratch.path("t.nc"), header: header)
        #expect(complaint(.invalidInput, "2 x 2", "4 x 3") { try writer.append(ShallowWaterState(nx: 2, ny: 2)) } == nil)
        var state = randomState(header.grid)
        state.vector[12 + 4 + 2] = .infinity
        #expect(complaint(.model, "u is inf", "(2, 1)", "state 0", "t.nc") { try writer.append(state) } == nil)
        state.vector[12 + 4 + 2] = 1e300
        #expect(complaint(.model, "u is 1e+300") { try writer.append(state) } == nil, "too large for float")
        try writer.append(randomState(header.grid))
        #expect(complaint(.model, "state 1") { try writer.append(state) } == nil)
        try writer.finish()
        #expect(try Trajectory(path: scratch.path("t.nc")).count == 1, "a refused state leaves no half record")
        var bad = header
        bad.timeStep = 0
        #expect(complaint(.invalidInput, "time step is 0.0") { _ = try TrajectoryWriter(path: scratch.path("b.nc"), header: bad) } == nil)
        for name in ["dx", "seed", "title", "two words"] {
            bad = header
            bad.parameters[name] = 1
            #expect(complaint(.invalidInput, "'\(name)'") { _ = try TrajectoryWriter(path: scratch.path("b.nc"), header: bad) } == nil)
        }
        bad = header
        bad.seed = .max
        #expect(complaint(.invalidInput, "seed") { _ = try TrajectoryWriter(path: scratch.path("b.nc"), header: bad) } == nil)
    }

    @Test func statusTellsWhatIsLeftToDo() throws {
        let header = try header()
        let path = scratch.path("t.nc")
        func status(_ change: (inout TrajectoryHeader) -> Void = { _ in }, count: Int = 3) -> TrajectoryStatus {
            var expected = header
            change(&expected)
            return Trajectory.status(of: path, expecting: expected, count: count)
        }
        #expect(status() == .missing)
        try writeSample(to: path, header: header)
        #expect(status() == .complete)
        #expect(status { $0.texts.history = "another day" } == .complete)
        #expect(status(count: 4) == .differs("it has 3 states, not 4"))
        #expect(status { $0.timeStep = 600 } == .differs("the time step is 300.0 s, not 600.0 s"))
        #expect(status { $0.startTime = 0 } == .differs("the start is 7200.0 s, not 0.0 s"))
        #expect(status { $0.precision = .double } == .differs("the precision is float, not double"))
        #expect(status { $0.parameters["drag"] = 2e-3 } == .differs("drag is 0.001, not 0.002"))
        #expect(status { $0.parameters["wind"] = 1 } == .differs("wind is absent, not 1.0"))
        #expect(status { $0.seed = 43 } == .differs("the seed is 42, not 43"))
        #expect(status { $0.index = nil } == .differs("the simulation is number 7, not absent"))
        func stored(_ options: TrajectoryWriter.Options) -> TrajectoryStatus { Trajectory.status(of: path, expecting: header, count: 3, options: options) }
        #expect(stored(.init()) == .complete)
        #expect(stored(.init(deflate: 0)) == .differs("it is deflated at level 1, not 0"))
        #expect(stored(.init(centreVelocities: true)) == .differs("it has no velocities at cell centres"))
        let other = try smallGrid(depthOffset: 1e-12)
        #expect(status { $0.grid = other } == .differs("the grid differs"))
        try scratch.write(scratch.bytes("t.nc").prefix(2000), to: "t.nc")
        guard case .differs(let why) = status() else { return #expect(Bool(false), "a damaged file is not complete") }
        #expect(why.contains("truncated"))
    }
}
