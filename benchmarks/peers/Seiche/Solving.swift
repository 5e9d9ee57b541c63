import Basics
import Layers
import StencilSolvers
import Tensors
import _Differentiation

/// How often something is run: so many times at most, or until the time is used up, but at least once; after one run that warms up, and
/// that counts where it took ten times that.
struct Effort {
    let runs: Int
    let seconds: Double
}

private func elapsed(since start: ContinuousClock.Instant) -> Double {
    let duration = ContinuousClock.now - start
    return Double(duration.components.seconds) + 1e-18 * Double(duration.components.attoseconds)
}

/// Calls `body`, which says how long its preparation took, and gives [preparation, all of it] of every run.
func measure(_ effort: Effort, _ body: () throws -> Double) rethrows -> [[Double]] {
    let begin = ContinuousClock.now
    var runs = [[try body(), elapsed(since: begin)]]
    if runs[0][1] < 10 * effort.seconds { runs = [] }
    while runs.isEmpty || runs.count < effort.runs && elapsed(since: begin) < effort.seconds {
        let start = ContinuousClock.now
        let preparation = try body()
        runs.append([preparation, elapsed(since: start)])
    }
    return runs
}

/// What the driver reads, one line a method.
func printResult(_ method: String, iterations: Int, note: String, _ runs: [[Double]]) {
    let list = runs.map { "[\($0[0]), \($0[1])]" }.joined(separator: ", ")
    let plain = note.filter { $0 != "\"" && $0 != "\\" && $0 != "\n" }
    print("{\"method\": \"\(method)\", \"iterations\": \(iterations), \"note\": \"\(plain)\", \"runs\": [\(list)]}")
}

/// Factors and solves every sample, side by side on all cores, and writes the solutions.
func solveSystems(_ file: SystemFile, tolerance: Double, _ effort: Effort, to path: String) throws {
    let solver = AutomaticSolver(tolerance: tolerance)
    // Each sample has a matrix of its own in memory, as in the layer.
    let matrices = (0..<file.batch).map { sample in
        let given = file.matrix(sample)
        return StencilMatrix(ny: given.ny, nx: given.nx, coefficients: given.coefficients)
    }
    var results: [(solution: [Double], report: SolveReport, preparation: Double)] = []
    let runs = try measure(effort) {
        let slots = Slots<(solution: [Double], report: SolveReport, preparation: Double)>(file.batch)
        try concurrentForEach(file.batch) { sample in
            let start = ContinuousClock.now
            let factored = solver.factor(matrices[sample])
            let preparation = elapsed(since: start)
            let (y, report) = factored.solve(file.rightHandSides[sample], startingFrom: nil)
            guard report.solutionError != .infinity else { throw SeicheError(.solver, report.summary) }
            slots.set(sample, (y, report, preparation))
        }
        results = slots.values
        return results.map(\.preparation).reduce(0, +) / Double(file.batch > 1 ? 2 : 1)
    }
    let output = try BinaryFile(writing: path)
    for result in results { try output.write(result.solution) }
    try output.finish()
    let longest = results.max { $0.report.iterations < $1.report.iterations }
    // The methods that were tried, the one that the solution is of last.
    let methods = longest.map { $0.report.attempts.map(\.method) + [$0.report.method] } ?? []
    printResult("Seiche", iterations: longest?.report.iterations ?? 0, note: methods.joined(separator: "; then "), runs)
}

/// The linear implicit layer forward and backward, with the right-hand side in reverse order as the cotangent; writes y, the
/// gradient by b and that by the coefficients.
func differentiateSystems(_ file: SystemFile, tolerance: Double, _ effort: Effort, to path: String) throws {
    let (ny, nx, batch) = (file.ny, file.nx, file.batch)
    let stencil = Tensor<Double>(shape: [batch, 5, ny, nx], scalars: (0..<batch).flatMap { file.matrix($0).coefficients })
    let b = Tensor<Double>(shape: [batch, 1, ny, nx], scalars: file.rightHandSides.flatMap(\.self))
    let cotangent = Tensor<Double>(shape: b.shape, scalars: file.rightHandSides.flatMap { $0.reversed() })
    let guess = Tensor<Double>(shape: b.shape, repeating: 0)
    let layer = LinearImplicit(solver: AutomaticSolver(tolerance: tolerance))
    var (y, gradient) = (b, (stencil, b))
    let runs = try measure(effort) {
        let start = ContinuousClock.now
        let (solution, pullback) = valueWithPullback(at: stencil, b) { layer.apply(stencil: $0, b: $1, startingFrom: guess) }
        let forward = elapsed(since: start)
        (y, gradient) = (solution, pullback(cotangent))
        if let failure = layer.monitor.drain().failure { throw SeicheError(.solver, failure.report.summary) }
        return forward
    }
    _ = valueWithPullback(at: stencil, b) { layer.apply(stencil: $0, b: $1, startingFrom: guess) }
    let record = layer.monitor.drain()
    let output = try BinaryFile(writing: path)
    for field in [y, gradient.1, gradient.0] { try output.write(field.scalars) }
    try output.finish()
    printResult("Seiche", iterations: record.forward.largestIterations, note: "", runs)
}

/// One red-black sweep in both precisions, from the time of many less that of few.
func timeSweeps(_ file: SystemFile) {
    func time<Scalar: TensorScalar>(_ name: String, _ matrix: StencilMatrix<Scalar>, _ b: [Scalar]) {
        func seconds(_ sweeps: Int) -> Double {
            let prepared = Preconditioner.gaussSeidel(sweeps: sweeps).prepare(matrix)
            let runs = measure(Effort(runs: 15, seconds: 2)) {
                _ = prepared.apply(b)
                return 0
            }
            return runs.map { $0[1] }.min() ?? .nan
        }
        printResult("Seiche", iterations: 1, note: name, [[0, (seconds(210) - seconds(10)) / 200]])
    }
    let (matrix, b) = (file.matrix(0), file.rightHandSides[0])
    time("Double", matrix, b)
    time("Float", StencilMatrix(ny: file.ny, nx: file.nx, coefficients: matrix.coefficients.map(Float.init)), b.map(Float.init))
}
