import Basics
import Dynamics
import NetCDF
import TestSupport
import Testing
import Trajectories

@Suite struct Lorenz96TrajectoryTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    private func header(fastPerSector: Int = 3, precision: TrajectoryHeader.Precision = .double) -> Lorenz96Header {
        Lorenz96Header(
            sectors: 5, fastPerSector: fastPerSector, timeStep: 0.005, startTime: 20, precision: precision,
            parameters: ["forcing": 10, "coupling": 1], seed: 42, index: 7, texts: .init(title: "A ring", experiment: "name: ring\n", version: "0.1"))
    }

    @discardableResult
    private func write(_ header: Lorenz96Header, count: Int = 3, deflate: Int = 1) throws -> [Lorenz96State] {
        var stream = RandomStream(seed: 1, purpose: "test ring")
        let states = (0..<count).map { _ in
            Lorenz96State(x: stream.normals(header.sectors), y: stream.normals(header.sectors * header.fastPerSector))
        }
        let writer = try Lorenz96Writer(path: scratch.path("t.nc"), header: header, deflate: deflate)
        for state in states { try writer.append(state) }
        try writer.finish()
        return states
    }

    private func opened() throws -> Lorenz96Trajectory { try Lorenz96Trajectory(path: scratch.path("t.nc")) }

    /// Counts below, at and beyond what is written at once.
    @Test(arguments: [0, 3], [1, 256, 700]) func doubleComesBackBitForBit(fastPerSector: Int, count: Int) throws {
        let header = header(fastPerSector: fastPerSector)
        let states = try write(header, count: count)
        let trajectory = try opened()
        #expect(trajectory.header == header)
        #expect(trajectory.count == count)
        #expect(try trajectory.states() == states)
        #expect(try trajectory.states(count - 1..<count) == [states[count - 1]])
        #expect(try trajectory.states(0..<0).isEmpty)
    }

    @Test func floatComesBackRoundedOnce() throws {
        let states = try write(header(precision: .float))
        #expect(try opened().states().map(\.vector) == states.map { $0.vector.map { Double(Float($0)) } })
    }

    @Test func fieldsLieAsOtherToolsReadThem() throws {
        let states = try write(header())
        let file = try NetCDFFile(reading: scratch.path("t.nc"))
        #expect(try file.variable("X").dimensionNames == ["model_time", "k"])
        #expect(try file.variable("Y").dimensionNames == ["model_time", "k", "j"])
        #expect(try file.variable("Y").read(Double.self, start: [1, 2, 1], count: [1, 1, 1]) == [states[1].y[2 * 3 + 1]])
        #expect(try file.variable("model_time").read(Double.self) == [20, 20.005, 20.01])
        #expect(try file.variable("model_time").attributeIfPresent("units") == nil)
        #expect(try file.attribute("experiment").text == "name: ring\n")
        try write(header(fastPerSector: 0))
        #expect(try NetCDFFile(reading: scratch.path("t.nc")).variableIfPresent("Y") == nil)
    }

    @Test func unfinishedTrajectoryLeavesNothing() throws {
        do {
            let writer = try Lorenz96Writer(path: scratch.path("t.nc"), header: header())
            try writer.append(Lorenz96State(sectors: 5, fastPerSector: 3))
            #expect(!scratch.contents.contains("t.nc"))
        }
        #expect(scratch.contents.isEmpty)
        let writer = try Lorenz96Writer(path: scratch.path("t.nc"), header: header())
        #expect(complaint(.invalidInput, "t.nc", "no state") { try writer.finish() } == nil)
        writer.abandon()
        #expect(scratch.contents.isEmpty)
    }

    @Test func writerRefusesWhatItCannotStore() throws {
        let writer = try Lorenz96Writer(path: scratch.path("t.nc"), header: header())
        #expect(complaint(.invalidInput, "4 sectors of 3", "5 of 3") { try writer.append(Lorenz96State(sectors: 4, fastPerSector: 3)) } == nil)
        var state = Lorenz96State(sectors: 5, fastPerSector: 3)
        for bad in [Double.nan, .infinity, 1e37] {
            state.vector[9] = bad
            #expect(complaint(.model, "element 9 of state 0", "\(bad)", "t.nc") { try writer.append(state) } == nil)
        }
        state.vector[9] = 1
        try writer.append(state)
        try writer.finish()
        #expect(try opened().states() == [state], "a refused state leaves nothing in the file")
        var bad = header()
        bad.timeStep = .nan
        #expect(complaint(.invalidInput, "time step is nan") { _ = try Lorenz96Writer(path: scratch.path("b.nc"), header: bad) } == nil)
        bad = header()
        bad.parameters["seed"] = 1
        #expect(complaint(.invalidInput, "'seed'") { _ = try Lorenz96Writer(path: scratch.path("b.nc"), header: bad) } == nil)
    }

    @Test func statusTellsWhatIsLeftToDo() throws {
        func status(_ change: (inout Lorenz96Header) -> Void = { _ in }, count: Int = 3, deflate: Int = 1) -> TrajectoryStatus {
            var expected = header()
            change(&expected)
            return Lorenz96Trajectory.status(of: scratch.path("t.nc"), expecting: expected, count: count, deflate: deflate)
        }
        #expect(status() == .missing)
        try write(header())
        #expect(status() == .complete)
        #expect(status { $0.texts.experiment = "name: other" } == .complete)
        #expect(status(count: 4) == .differs("it has 3 states, not 4"))
        #expect(status(deflate: 2) == .differs("it is deflated at level 1, not 2"))
        #expect(status { $0.sectors = 6 } == .differs("it has 5 slow variables with 3 fast ones each, not 6 with 3"))
        #expect(status { $0.fastPerSector = 0 } == .differs("it has 5 slow variables with 3 fast ones each, not 5 with 0"))
        #expect(status { $0.timeStep = 0.01 } == .differs("the time step is 0.005, not 0.01"))
        #expect(status { $0.startTime = 0 } == .differs("the start is 20.0, not 0.0"))
        #expect(status { $0.parameters["forcing"] = 8 } == .differs("forcing is 10.0, not 8.0"))
        #expect(status { $0.index = 8 } == .differs("the simulation is number 7, not 8"))
        try scratch.write(scratch.bytes("t.nc").prefix(2000), to: "t.nc")
        guard case .differs(let why) = status() else { return #expect(Bool(false), "a damaged file is not complete") }
        #expect(why.contains("truncated"))
    }

    @Test func readerRefusesWhatIsNoTrajectory() throws {
        try write(header())
        let trajectory = try opened()
        #expect(complaint(.invalidInput, "2 ..< 4", "has 3") { _ = try trajectory.states(2..<4) } == nil)
        let writer = try TrajectoryWriter(path: scratch.path("sea.nc"), header: TrajectoryHeader(grid: smallGrid(), timeStep: 300))
        try writer.append(randomState(writer.header.grid))
        try writer.finish()
        #expect(complaint(.file, "sea.nc", "'model_time'") { _ = try Lorenz96Trajectory(path: scratch.path("sea.nc")) } == nil)
        #expect(complaint(.file, "t.nc", "'time'") { _ = try Trajectory(path: scratch.path("t.nc")) } == nil)
        // As when the writing of a chunk was lost.
        try NetCDFFile.writeAtomically(to: scratch.path("hole.nc")) { file in
            try file.setAttribute("time_step", 0.5)
            try file.defineUnlimitedDimension("model_time")
            try file.defineDimension("k", length: 2)
            try file.defineVariable("model_time", Double.self, dimensions: ["model_time"]).write([0, 0.5], start: [0], count: [2])
            try file.defineVariable("X", Float.self, dimensions: ["model_time", "k"]).write([1, 2], start: [0, 0], count: [1, 2])
        }
        let hole = try Lorenz96Trajectory(path: scratch.path("hole.nc"))
        #expect(try hole.states(0..<1)[0].vector == [1, 2])
        #expect(complaint(.file, "X in", "hole.nc", "state 1, element 0") { _ = try hole.states() } == nil)
    }
}
