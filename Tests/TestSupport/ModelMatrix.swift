import Basics
import StencilSolvers
import Tensors

/// Matrices that solvers are known by: shift - div(c grad) on n x n cells, five points.
public enum ModelMatrix {
    /// - Parameters:
    ///   - shift: what is added to the diagonal of wet cells.
    ///   - isClamped: whether the field is zero beyond the edges (Dirichlet); otherwise no flux leaves the grid.
    ///   - isWet: dry cells get rows of the identity, and no flux.
    ///   - c: of a cell; a face has the harmonic mean of its two.
    public static func flux(
        _ n: Int, shift: Double = 1, isClamped: Bool = false, isWet: (Int, Int) -> Bool = { _, _ in true }, c: (Int, Int) -> Double
    ) -> StencilMatrix<Double> {
        var a = [Double](repeating: 0, count: 5 * n * n)
        for j in 0..<n {
            for i in 0..<n {
                let k = j * n + i
                guard isWet(j, i) else {
                    a[k] = 1
                    continue
                }
                a[k] = shift
                for (d, direction) in StencilShape.fivePoint.directions.enumerated().dropFirst() {
                    let (jn, iN) = (j + direction.dy, i + direction.dx)
                    guard (0..<n).contains(jn), (0..<n).contains(iN) else {
                        if isClamped { a[k] += c(j, i) }
                        continue
                    }
                    guard isWet(jn, iN) else { continue }
                    let face = 2 * c(j, i) * c(jn, iN) / (c(j, i) + c(jn, iN))
                    a[k] += face
                    a[d * n * n + k] = -face
                }
            }
        }
        return StencilMatrix(ny: n, nx: n, coefficients: a)
    }

    public static func poisson(_ n: Int) -> StencilMatrix<Double> { flux(n, shift: 0, isClamped: true) { _, _ in 1 } }

    /// 1 - c lap round both directions, stiff.
    public static func ring(_ n: Int) -> StencilMatrix<Double> {
        let planes = [401.0] + [Double](repeating: -100, count: 4)
        return StencilMatrix(
            ny: n, nx: n, periodicY: true, periodicX: true, coefficients: planes.flatMap { [Double](repeating: $0, count: n * n) })
    }

    /// A square in the middle, off the coarse grids' lines, with a coefficient a thousand times that around it.
    public static func jump(_ n: Int) -> StencilMatrix<Double> {
        flux(n, shift: 0, isClamped: true) { j, i in (n / 3..<2 * n / 3).contains(j) && (n / 3..<2 * n / 3).contains(i) ? 1000 : 1 }
    }

    /// A basin with nine discs of land that keep their distance, stiff.
    public static func islands(_ n: Int) -> StencilMatrix<Double> {
        var stream = RandomStream(seed: 3, purpose: "islands", index: n)
        let discs = (0..<9).map { k in
            let (y, x) = (Double(k / 3) / 3 + 1.0 / 6, Double(k % 3) / 3 + 1.0 / 6)
            return (
                (y + stream.uniform(in: -0.04...0.04)) * Double(n), (x + stream.uniform(in: -0.04...0.04)) * Double(n),
                stream.uniform(in: 0.03...0.08) * Double(n)
            )
        }
        return flux(n, isWet: { j, i in
            discs.allSatisfy { (Double(j) - $0.0) * (Double(j) - $0.0) + (Double(i) - $0.1) * (Double(i) - $0.1) > $0.2 * $0.2 }
        }) { _, _ in 100 }
    }

    /// A fifth of the cells dry, each by itself.
    public static func randomLand(_ n: Int, c: Double = 100) -> StencilMatrix<Double> {
        var stream = RandomStream(seed: 4, purpose: "random land", index: n)
        let wet = (0..<n * n).map { _ in stream.uniform() >= 0.2 }
        return flux(n, isWet: { wet[$0 * n + $1] }) { _, _ in c }
    }

    /// As a network may learn it: couplings of both signs, not symmetric, every row dominant by 1.05.
    public static func learned(_ n: Int) -> StencilMatrix<Double> {
        var stream = RandomStream(seed: 5, purpose: "learned", index: n)
        let plane = n * n
        var a = [Double](repeating: 0, count: 5 * plane)
        for k in 0..<plane {
            for d in 1..<5 { a[d * plane + k] = stream.uniform(in: -1...0.5) }
            a[k] = 1.05 * (1..<5).reduce(0) { $0 + abs(a[$1 * plane + k]) }
        }
        return StencilMatrix(ny: n, nx: n, coefficients: a)
    }

    /// Rows of sizes from 1 to 100, each dominant by 2.5: no column is, as a rule.
    public static func dominantByRows(_ n: Int) -> StencilMatrix<Double> {
        var stream = RandomStream(seed: 7, purpose: "dominant by rows", index: n)
        let sizes = (0..<n * n).map { _ in power(100, stream.uniform()) }
        return StencilMatrix(ny: n, nx: n, coefficients: sizes + (1..<5).flatMap { _ in sizes.map { -0.1 * $0 } })
    }

    public static func rightHandSide(_ n: Int) -> [Double] {
        var stream = RandomStream(seed: 6, purpose: "right-hand side", index: n)
        return stream.normals(n * n)
    }
}
