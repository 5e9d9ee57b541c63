import Dynamics
import Foundation
import NetCDF
import ReferenceModels
import Testing

/// Agreement with trajectories of the scheme's published Python port. The port is single precision, and its solver
/// stops at a mean square of 1e-16, hence the bounds.
struct PublishedPortTests {
    /// Steps from the initial bump in the file, and the largest relative difference after starting from the first of them.
    static let leads = [(step: 11, bound: 2e-6), (15, 2e-6), (20, 2e-6), (70, 5e-6)]

    @Test(arguments: leads) func agreesWithThePort(step: Int, bound: Double) throws {
        let file = try NetCDFFile(reading: #require(
            Bundle.module.path(forResource: "logemann_dt300", ofType: "nc", inDirectory: "Fixtures")))
        defer { try? file.close() }
        let steps = try file.variable("step").read(Int32.self).map(Int.init)
        let (ny, nx) = (100, 100)

        func field(_ name: String, at step: Int) throws -> [Double] {
            let record = try #require(steps.firstIndex(of: step))
            return try file.variable(name).read(Float.self, start: [0, record, 0, 0], count: [1, 1, ny, nx]).map(Double.init)
        }
        let depth = try file.variable("depth").read(Float.self).map(Double.init)
        let grid = try ShallowWaterGrid(nx: nx, ny: ny, dx: 1e4, dy: 1e4, depth: depth)
        let model = try ShallowWaterModel(grid: grid, timeStep: 300)
        let start = ShallowWaterState(
            nx: nx, ny: ny, zeta: try field("zeta", at: 10), u: try field("u", at: 10), v: try field("v", at: 10))
        let reached = try model.advance(start, steps: step - 10).state

        for (name, ours) in [("zeta", reached.zeta), ("u", reached.u), ("v", reached.v)] {
            let theirs = try field(name, at: step)
            let difference = maximumDifference(ours, theirs) / maximumNorm(theirs)
            print("port: \(name) after \(step - 10) steps differs by \(difference), bound \(bound)")
            #expect(difference <= bound, "\(name) after \(step - 10) steps")
        }
    }
}
