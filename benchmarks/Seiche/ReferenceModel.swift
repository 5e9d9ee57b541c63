import Basics
import Dynamics
import ReferenceModels

// Speed of the Fortran shallow-water model on the talk's basin, and how it depends on the size of the grid.

/// Steps of one call, so that what a call costs once (work arrays, checks) does not count as part of a step.
private let stepsPerCall = 20

func benchmarkReferenceModel() throws {
    print("Fortran model, the talk's 100 x 100 basin, tolerance 1e-12, one core")
    for timeStep in [300.0, 600, 900, 1500] {
        let (model, state) = try basin(timeStep: timeStep)
        let statistics = try model.advance(state, steps: stepsPerCall).statistics
        let time = try seconds { _ = try model.advance(state, steps: stepsPerCall) } / Double(stepsPerCall)
        show("  dt = \(Int(timeStep)) s, \(statistics.totalIterations / stepsPerCall) iterations a step", 1000 * time, "ms a step")
    }
    try benchmarkDerivatives()
    try benchmarkFullSet()
    try benchmarkSizes()
}

/// What derivatives cost, in steps: what emulators save is not this time but the writing of these programs.
private func benchmarkDerivatives() throws {
    let (model, state) = try basin(timeStep: 300)
    let step = try seconds { _ = try model.step(state) }
    show("  one call of one step", 1000 * step, "ms")
    show("  tangent-linear / step", try seconds { _ = try model.tangentStep(at: state, applying: state) } / step, "")
    show("  adjoint / step", try seconds { _ = try model.adjointStep(at: state, applying: state) } / step, "")
}

/// The integration of the published training set at dt = 300 s: 200 simulations of 300 steps.
private func benchmarkFullSet() throws {
    let starts = try (0..<200).map { try IdealisedBasin().simulation($0, seed: 1) }
    let time = try seconds(1) {
        try concurrentForEach(starts.count) { index in
            let model = try ShallowWaterModel(grid: starts[index].grid, timeStep: 300)
            _ = try model.advance(starts[index].initialState, steps: 300)
        }
    }
    show("  200 simulations of 300 steps of 300 s, integration alone, all cores", time, "s")
}

/// Steps per second against the number of cells, and the share of the memory's bandwidth that they take.
private func benchmarkSizes() throws {
    let bandwidth = triadBandwidth()
    show("memory bandwidth, triad of 3 x 128 MB, one core", bandwidth / 1e9, "GB/s")
    print("Fortran model, square basins, dt = 300 s, tolerance 1e-12, one core")
    for size in [100, 200, 500, 1000, 2000] {
        let (model, state) = try basin(timeStep: 300, size: size)
        let steps = max(1, 1_000_000 / (size * size))
        let iterations = Double(try model.advance(state, steps: steps).statistics.totalIterations) / Double(steps)
        // Two lengths of run, so that the cost of a call itself falls out.
        let short = try seconds(3) { _ = try model.advance(state, steps: steps) }
        let long = try seconds(3) { _ = try model.advance(state, steps: 3 * steps) }
        let time = (long - short) / Double(2 * steps)
        let cells = Double(size * size)
        show("  \(size)^2, \(Int(iterations.rounded())) iterations a step", 1 / time, "steps/s")
        show("    cells and steps a second", 1e-6 * cells / time, "million")
        show("    bytes that the step moves / what the memory could move in that time", cells * bytesPerCell(iterations) / time / bandwidth, "")
    }
}

/// Bytes a cell that the loops of one step read and write when nothing stays in cache, counted from the source: some 90
/// fields outside the conjugate gradients, and 21 half fields (red or black cells) in each iteration, each of 8 bytes; a
/// field that is only written counts twice, since its lines are read first. A share above 1 means that caches hold part of it.
private func bytesPerCell(_ iterations: Double) -> Double { 8 * (90 + 10.5 * iterations) }

/// Bytes a second of a(i) = b(i) + s*c(i) on arrays that fit no cache, the best of ten; STREAM's triad, counted as STREAM does.
func triadBandwidth() -> Double {
    let count = 16_000_000
    let arrays = (0..<3).map { _ in UnsafeMutablePointer<Double>.allocate(capacity: count) }
    defer { arrays.forEach { $0.deallocate() } }
    for array in arrays { array.initialize(repeating: 1, count: count) }
    let (a, b, c) = (arrays[0], arrays[1], arrays[2])
    let clock = ContinuousClock()
    let best = (0..<10).map { pass in
        clock.measure {
            let s = Double(pass)
            for i in 0..<count { a[i] = b[i] + s * c[i] }
        }.inSeconds
    }.min()!
    return 24 * Double(count) / best
}

private func basin(timeStep: Double, size: Int = 100) throws -> (model: ShallowWaterModel, state: ShallowWaterState) {
    let start = try IdealisedBasin(nx: size, ny: size).simulation(0, seed: 1)
    let model = try ShallowWaterModel(grid: start.grid, timeStep: timeStep)
    return (model, try model.advance(start.initialState, steps: 10).state)
}
