import Basics

/// A stationary Gaussian random field on a grid, with covariance variance * exp(-(x^2 / Lx^2 + y^2 / Ly^2)).
///
/// White noise is convolved with exp(-2 x^2 / Lx^2) along x and alike along y: the autocorrelation of that kernel is
/// exp(-x^2 / Lx^2). The noise reaches past the grid by the kernel's width, so that points at the edge are
/// like any other. The kernel is normalised as it is sampled, so that the variance is exact for every length;
/// the correlations are exact to 1e-6 when a length is 1.5 cells or more.
public struct GaussianRandomField: Equatable, Sendable {
    /// Number of points along x and y.
    public let nx: Int
    public let ny: Int
    /// Variance of every point, in the squared units of the field.
    public let variance: Double
    /// Lengths Lx and Ly of the covariance, in cells.
    public let lengthX: Double
    public let lengthY: Double

    /// Throws `SeicheError` (invalidInput) when a count or a length is not positive or the variance negative.
    public init(nx: Int, ny: Int, variance: Double, lengthX: Double, lengthY: Double) throws {
        guard nx > 0, ny > 0 else {
            throw SeicheError(.invalidInput, "a random field needs points, but nx = \(nx) and ny = \(ny)")
        }
        guard variance >= 0, variance.isFinite else {
            throw SeicheError(.invalidInput, "the variance of the random field is \(variance)", remedy: "give 0 or more")
        }
        guard lengthX > 0, lengthY > 0, lengthX.isFinite, lengthY.isFinite else {
            throw SeicheError(
                .invalidInput, "the correlation lengths of the random field are \(lengthX) and \(lengthY) cells",
                remedy: "give positive lengths")
        }
        // The noise is smoothed on a domain that is wider by some lengths on every side.
        guard lengthX <= 20 * Double(nx), lengthY <= 20 * Double(ny) else {
            throw SeicheError(
                .invalidInput, "the correlation lengths of the random field are \(lengthX) and \(lengthY) cells, on \(nx) x \(ny) cells",
                why: "a field that is correlated over many times the domain is constant there", remedy: "give lengths shorter than the domain")
        }
        self.nx = nx
        self.ny = ny
        self.variance = variance
        self.lengthX = lengthX
        self.lengthY = lengthY
    }

    /// One realisation, [y, x], nx * ny values.
    public func sample(using stream: inout RandomStream) -> [Double] {
        let kernelX = Self.kernel(length: lengthX)
        let kernelY = Self.kernel(length: lengthY)
        let paddedX = nx + kernelX.count - 1
        let paddedY = ny + kernelY.count - 1
        let noise = stream.normals(paddedX * paddedY)

        var alongX = [Double](repeating: 0, count: nx * paddedY)
        for row in 0..<paddedY {
            for (offset, weight) in kernelX.enumerated() {
                for i in 0..<nx { alongX[row * nx + i] += weight * noise[row * paddedX + i + offset] }
            }
        }
        var field = [Double](repeating: 0, count: nx * ny)
        let deviation = variance.squareRoot()
        for j in 0..<ny {
            for (offset, weight) in kernelY.enumerated() {
                for i in 0..<nx { field[j * nx + i] += deviation * weight * alongX[(j + offset) * nx + i] }
            }
        }
        return field
    }

    /// exp(-2 x^2 / L^2) at whole x, out to where it is 1e-8 of its peak, with unit sum of squares.
    private static func kernel(length: Double) -> [Double] {
        let reach = Int((3.04 * length).rounded(.up))
        let values = (-reach...reach).map { exponential(-2 * Double($0 * $0) / (length * length)) }
        let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return values.map { $0 / norm }
    }
}
