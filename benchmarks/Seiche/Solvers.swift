import Basics
import Layers
import StencilSolvers
import Tensors

// Speed of whole solves of I - c lap on square grids without flux through the edges, and of the sweep beside memory. Other libraries'
// are in `make bench-peers`, measured in the same run.

func benchmarkSolvers() throws {
    print("solves of I - c lap, random right-hand side, Double, relative residual 1e-10")
    for (size, c) in [100, 256, 512, 1024].flatMap({ size in [0.033, 0.83, 100].map { (size, $0) } }) {
        let matrix = laplacian(size, c, Double.self)
        let b = randomValues(size)
        let preparation = seconds(size > 500 ? 5 : 15) { _ = AutomaticSolver(tolerance: 1e-10).factor(matrix) }
        let factored = AutomaticSolver(tolerance: 1e-10).factor(matrix)
        let report = factored.solve(b, startingFrom: nil).report
        let time = seconds(size > 500 ? 5 : 15) { _ = factored.solve(b, startingFrom: nil) }
        show("  \(size)^2, c = \(c): \(report.method), \(report.iterations) iterations, \(report.status)", 1000 * time, "ms")
        show("    the preparation", 1000 * preparation, "ms")
    }
    benchmarkScaling()
    benchmarkSweep()
}

/// Whether the cost of a multigrid solve grows as the number of cells.
private func benchmarkScaling() {
    print("multigrid solve with c = 100 to 1e-10")
    for size in [128, 256, 512, 1024, 2048] {
        let factored = Multigrid(tolerance: 1e-10).factor(laplacian(size, 100, Double.self))
        let b = randomValues(size)
        let report = factored.solve(b, startingFrom: nil).report
        let time = seconds(3) { _ = factored.solve(b, startingFrom: nil) }
        show("  \(size)^2, \(report.iterations) cycles", 1e9 * time / Double(size * size), "ns a cell")
    }
}

/// Bytes that red-black sweeps of a symmetric matrix move at least (two couplings, the inverse diagonal and b read, y read and written), each
/// sweep by itself, over what the triad moves in the time of one; on one core, as the triad. Sweeps that walk together move fewer.
private func benchmarkSweep() {
    let bandwidth = triadBandwidth()
    show("memory bandwidth, triad of 3 x 128 MB, one core", bandwidth / 1e9, "GB/s")
    ThreadCount.$isShared.withValue(true) {
        for size in [100, 1024, 2048, 4096] {
            let matrix = laplacian(size, 100, Double.self)
            let b = randomValues(size)
            func alone(_ sweeps: Int) -> Double {
                let prepared = Preconditioner.gaussSeidel(sweeps: sweeps).prepare(matrix)
                return seconds(5) { _ = prepared.apply(b) }
            }
            func together(_ sweeps: Int) -> Double {
                let factored = GaussSeidel(tolerance: 1e-300, maximumSweeps: sweeps).factor(matrix)
                return seconds(5) { _ = factored.solve(b, startingFrom: nil) }
            }
            let least = 8 * 6.0 * Double(size * size) / bandwidth
            for (name, time) in [("alone", (alone(25) - alone(5)) / 20), ("six together and a residual, each", (together(30) - together(6)) / 24)] {
                show("  red-black sweep, \(size)^2, \(name)", 1e6 * time, "us")
                show("    bytes of a sweep alone / what the triad moves in that time", least / time, "")
            }
        }
    }
}

private func laplacian<Scalar: TensorScalar>(_ n: Int, _ c: Scalar, _ type: Scalar.Type) -> StencilMatrix<Scalar> {
    StencilMatrix(ny: n, nx: n, coefficients: Tensor<Scalar>(shape: [1, 2, n, n], repeating: c).fluxFormStencil().scalars)
}

private func randomValues(_ n: Int) -> [Double] {
    var stream = RandomStream(seed: 1, purpose: "solver benchmark")
    return stream.normals(n * n)
}
