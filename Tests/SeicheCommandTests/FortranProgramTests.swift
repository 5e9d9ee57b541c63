import Dynamics
import Testing
import Trajectories

/// The program `run_shallow_water` and the `seiche` command call the same library: their files must agree bit for bit.
@Suite struct FortranProgramTests {
    /// Runs the program in `workplace` with a namelist; a failure to run is a failed expectation.
    private func run(_ namelist: String, in workplace: Workplace) async throws {
        try workplace.write(namelist, to: "settings.nml")
        let outcome = try await workplace.start(["settings.nml"], of: fortranProgram).outcome()
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    private func expectSameStates(_ seiche: Trajectory, _ program: Trajectory, count: Int) throws {
        try #require(seiche.count == count && program.count == count)
        let isSameGrid = program.grid == seiche.grid
        #expect(isSameGrid)
        #expect(program.timeStep == seiche.timeStep && program.header.startTime == seiche.header.startTime)
        for time in 0..<count {
            let (state, other) = (try seiche.state(at: time).vector, try program.state(at: time).vector)
            #expect(zip(state, other).allSatisfy { $0.bitPattern == $1.bitPattern }, "state \(time)")
        }
        #expect(try seiche.state(at: 0) != seiche.state(at: count - 1), "something happens")
    }

    @Test func trajectoriesAreThoseOfSimulate() async throws {
        let workplace = try Workplace()
        let simulated = try await workplace.run("simulate", "tiny.yaml", "--set", "simulations.precision=double")
        #expect(simulated.status == 0, "\(simulated.errors)")
        let file = "data/tiny/test/simulation_0000.nc"
        try await run(
            """
            &grid    file = '\(file)' /
            &initial kind = 'file', file = '\(file)' /
            &model   dt = 300.0 /
            &run     steps = 12 /
            &output  file = 'program.nc', precision = 'double' /
            """, in: workplace)
        let (seiche, program) = (try Trajectory(path: workplace.path(file)), try Trajectory(path: workplace.path("program.nc")))
        try expectSameStates(seiche, program, count: 13)
        var parameters = seiche.header.parameters
        parameters["initial_roughness"] = nil
        #expect(program.header.parameters == parameters)
    }

    /// With rotation, linear drag, wind and an open boundary from the same files, from the bathymetry on.
    @Test func forcedTrajectoriesAreThoseOfSimulate() async throws {
        let workplace = try ForcedSea.workplace()
        let simulated = try await workplace.start(ForcedSea.command).outcome()
        #expect(simulated.status == 0, "\(simulated.errors)")
        let file = ForcedSea.simulations[0]
        let seiche = try Trajectory(path: workplace.path(file))
        let coriolis = try #require(seiche.header.parameters["coriolis"])
        let beta = try #require(seiche.header.parameters["beta"])
        try await run(
            """
            &grid    file = 'sea.nc', minimum_depth = 5 /
            &initial kind = 'file', file = '\(file)' /
            &model   dt = 300.0, linear_drag = 1.0e-5, coriolis = \(coriolis), beta = \(beta) /
            &run     steps = 12 /
            &wind    file = 'wind.nc' /
            &open_boundary file = 'boundary.nc' /
            &output  file = 'program.nc', precision = 'double' /
            """, in: workplace)
        try expectSameStates(seiche, try Trajectory(path: workplace.path("program.nc")), count: 13)
    }

    /// Across a periodic edge seas touch too, and faces open.
    @Test func theNorthSeaIsTheSameGridWithPeriodicEdges() async throws {
        let workplace = try Workplace()
        let bathymetry = packageRoot + "/data/bathymetry/north_sea_etopo5.nc"
        try await run(
            """
            &grid    file = '\(bathymetry)' /
            &model   dt = 300.0, periodic_x = .true., periodic_y = .true. /
            &run     steps = 0 /
            &output  file = 'program.nc' /
            """, in: workplace)
        let program = try Trajectory(path: workplace.path("program.nc"))
        let isSame = program.grid == (try ShallowWaterGrid(bathymetry: bathymetry, minimumDepth: 10, periodicX: true, periodicY: true))
        #expect(isSame)
    }

    @Test(arguments: [10.0, 25.5])
    func theNorthSeaIsTheSameGrid(minimumDepth: Double) async throws {
        let workplace = try Workplace()
        let bathymetry = packageRoot + "/data/bathymetry/north_sea_etopo5.nc"
        try await run(
            """
            &grid    file = '\(bathymetry)', minimum_depth = \(minimumDepth) /
            &initial kind = 'bump', bump_i = 100, bump_j = 60 /
            &model   dt = 300.0 /
            &run     steps = 1 /
            &output  file = 'program.nc' /
            """, in: workplace)
        let program = try Trajectory(path: workplace.path("program.nc"))
        let grid = try ShallowWaterGrid(bathymetry: bathymetry, minimumDepth: minimumDepth)
        #expect((program.grid.dx, program.grid.dy) == (grid.dx, grid.dy))
        // As Bool, so that a failure does not print the whole grid.
        let isSame = (depth: program.grid.depth == grid.depth, all: program.grid == grid)
        #expect(isSame.depth && isSame.all)
        #expect(try program.state(at: 0).zeta.contains(Double(Float(0.1))), "the bump lies in water")
    }
}
