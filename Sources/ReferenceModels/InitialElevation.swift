import Basics
import Dynamics

/// Surface elevations to start a simulation from, in m, [y, x], zero in dry cells.
public enum InitialElevation {
    /// `height` (m) in the wet cells of a rectangle, zero elsewhere.
    ///
    /// Throws `SeicheError` (invalidInput) when the rectangle leaves the grid or the height is not finite.
    public static func bump(
        on grid: ShallowWaterGrid, x: Range<Int>, y: Range<Int>, height: Double
    ) throws -> [Double] {
        guard x.lowerBound >= 0, x.upperBound <= grid.nx, y.lowerBound >= 0, y.upperBound <= grid.ny, height.isFinite else {
            throw SeicheError(
                .invalidInput, "a bump of \(height) m over x = \(x), y = \(y) does not fit a grid of \(grid.nx) x \(grid.ny) cells")
        }
        let wet = grid.wet
        var zeta = [Double](repeating: 0, count: grid.cellCount)
        for j in y {
            for i in x where wet[j * grid.nx + i] { zeta[j * grid.nx + i] = height }
        }
        return zeta
    }

    /// A smooth random elevation: Gaussian, covariance exp(-r^2 / L^2), its mean over wet cells removed and
    /// scaled to the given root mean square over wet cells.
    ///
    /// - Parameters:
    ///   - rootMeanSquare: over wet cells, in m.
    ///   - correlationLength: L in m.
    ///   - stream: where the randomness comes from.
    ///
    /// Throws `SeicheError` (invalidInput) for a negative root mean square, a length that is not positive, or a grid
    /// with fewer than two wet cells.
    public static func random(
        on grid: ShallowWaterGrid, rootMeanSquare: Double, correlationLength: Double, using stream: inout RandomStream
    ) throws -> [Double] {
        guard rootMeanSquare >= 0, rootMeanSquare.isFinite else {
            throw SeicheError(
                .invalidInput, "the root mean square of the elevation is \(rootMeanSquare) m", remedy: "give 0 or more")
        }
        let wet = grid.wet
        let wetCount = Double(wet.count { $0 })
        guard wetCount >= 2 else {
            throw SeicheError(
                .invalidInput, "the grid has a single wet cell", why: "an elevation without its mean is zero there")
        }
        let field = try GaussianRandomField(
            nx: grid.nx, ny: grid.ny, variance: 1, lengthX: correlationLength / grid.dx, lengthY: correlationLength / grid.dy
        ).sample(using: &stream)
        let mean = zip(field, wet).reduce(0.0) { $1.1 ? $0 + $1.0 : $0 } / wetCount
        var zeta = zip(field, wet).map { $1 ? $0 - mean : 0 }
        let measured = (zeta.reduce(0) { $0 + $1 * $1 } / wetCount).squareRoot()
        if measured > 0 { zeta = zeta.map { $0 * rootMeanSquare / measured } }
        return zeta
    }
}
