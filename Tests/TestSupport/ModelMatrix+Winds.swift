import StencilSolvers
import Tensors

extension ModelMatrix {
    /// Upwind advection along a diagonal wind with diffusion; the Peclet number is that of a cell.
    public static func upwind(_ n: Int, peclet: Double) -> StencilMatrix<Double> { upwind(ny: n, nx: n) { _, _ in (peclet, 0.5 * peclet) } }

    /// The same with any wind, towards the east and the north, in Peclet numbers of a cell; nothing beyond closed edges.
    public static func upwind(
        ny: Int, nx: Int, periodicY: Bool = false, periodicX: Bool = false, _ wind: (_ j: Int, _ i: Int) -> (u: Double, v: Double)
    ) -> StencilMatrix<Double> {
        let plane = ny * nx
        var a = [Double](repeating: 0, count: 5 * plane)
        for k in 0..<plane {
            let (u, v) = wind(k / nx, k % nx)
            (a[plane + k], a[2 * plane + k]) = (-1 - max(-u, 0), -1 - max(u, 0))
            (a[3 * plane + k], a[4 * plane + k]) = (-1 - max(-v, 0), -1 - max(v, 0))
            a[k] = 4 + abs(u) + abs(v)
        }
        return StencilMatrix(ny: ny, nx: nx, periodicY: periodicY, periodicX: periodicX, coefficients: a)
    }

    /// Wind round the middle of a square, of a Peclet number of up to `peclet` along the edges.
    public static func gyre(_ n: Int, peclet: Double) -> StencilMatrix<Double> {
        upwind(ny: n, nx: n) { j, i in
            let (y, x) = (2 * (Double(j) + 0.5) / Double(n) - 1, 2 * (Double(i) + 0.5) / Double(n) - 1)
            return (-peclet * y, peclet * x)
        }
    }
}
