import Basics
import Dynamics
import Foundation
import ReferenceModels
import Trajectories

/// Our writing of one simulation beside nccopy's of the same fields with the same deflate level, shuffle and chunks, turn by turn.
///
/// Ours starts from states in memory and ends on the disk; nccopy reads an undeflated file that the system holds in memory, and need not
/// wait for the disk.
func benchmarkWriting(pairs: Int = 7) throws {
    let places = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/nccopy" }
    guard let nccopy = places.first(where: FileManager.default.isExecutableFile(atPath:)) else {
        return print("writing: skipped, there is no nccopy on PATH (Debian: apt-get install netcdf-bin)")
    }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("seiche-bench-\(UUID().uuidString)").path
    try Files.createFolder(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let basin = try IdealisedBasin().simulation(0, seed: 1)
    let model = try ShallowWaterModel(grid: basin.grid, timeStep: 300)
    var states = [basin.initialState]
    for _ in 0..<300 { states.append(try model.step(states[states.count - 1])) }
    func write(_ name: String, deflate: Int) throws {
        let writer = try TrajectoryWriter(
            path: "\(folder)/\(name)", header: TrajectoryHeader(grid: basin.grid, timeStep: 300), options: .init(deflate: deflate))
        try writer.append(contentsOf: states)
        try writer.finish()
    }
    func copy() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: nccopy)
        process.arguments = ["-d", "1", "-s", "\(folder)/plain.nc", "\(folder)/copy.nc"]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw SeicheError(.file, "nccopy ended with status \(process.terminationStatus)") }
    }
    try write("plain.nc", deflate: 0)
    let clock = ContinuousClock()
    let times = try (0...pairs).map { _ in
        (ours: try clock.measure { try write("ours.nc", deflate: 1) }.inSeconds, theirs: try clock.measure(copy).inSeconds)
    }.dropFirst()
    func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
    let megabytes = Double(states.count * 3 * basin.grid.cellCount * 4) * 1e-6
    func size(_ name: String) throws -> Double { Double(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")).count) * 1e-6 }
    print("writing \(states.count) states of 100 x 100 cells, \(megabytes) MB of Float, deflate 1 with shuffle, median of \(pairs)")
    show("  ours, \((try size("ours.nc") * 10).rounded() / 10) MB on the disk", megabytes / median(times.map(\.ours)), "MB/s")
    show("  nccopy, \((try size("copy.nc") * 10).rounded() / 10) MB", megabytes / median(times.map(\.theirs)), "MB/s")
    show("  ours / nccopy, median of the ratios", median(times.map { $0.theirs / $0.ours }), "")
}
