import Basics
import Dynamics

/// The closed basin of the reference experiments: rough bed, dry outer ring, a square bump of water at a random place.
///
/// The depth is 15 m plus a Gaussian random field with covariance 5 m2 * exp(-r^2 / 100), r in cells. The bump is
/// uniform, 0.05 ... 0.15 m high, over a square of 5 ... 10 cells a side; it counts only where wet.
/// Everything follows from the seed and the simulation's index, whatever is drawn before or beside it.
public struct IdealisedBasin: Equatable, Sendable {
    public var nx: Int
    public var ny: Int
    /// Grid spacing in both directions, in m.
    public var spacing: Double
    /// Mean depth in m, and variance of the depth in m2.
    public var meanDepth: Double
    public var depthVariance: Double
    /// Length of the depth's covariance exp(-r^2 / L^2), in cells.
    public var depthLength: Double
    /// Height of the bump in m.
    public var bumpHeight: ClosedRange<Double>
    /// Side of the bump in cells.
    public var bumpSide: ClosedRange<Int>

    public init(
        nx: Int = 100, ny: Int = 100, spacing: Double = 1e4, meanDepth: Double = 15, depthVariance: Double = 5,
        depthLength: Double = 10, bumpHeight: ClosedRange<Double> = 0.05...0.15, bumpSide: ClosedRange<Int> = 5...10
    ) {
        self.nx = nx
        self.ny = ny
        self.spacing = spacing
        self.meanDepth = meanDepth
        self.depthVariance = depthVariance
        self.depthLength = depthLength
        self.bumpHeight = bumpHeight
        self.bumpSide = bumpSide
    }

    /// Grid and initial state of simulation `index`.
    ///
    /// Throws `SeicheError` (invalidInput) when the basin has no room for its ring and its bump.
    public func simulation(_ index: Int, seed: UInt64) throws -> (grid: ShallowWaterGrid, initialState: ShallowWaterState) {
        let grid = try grid(index, seed: seed)
        var state = ShallowWaterState(nx: nx, ny: ny)
        state.zeta = try bump(index, seed: seed, on: grid)
        return (grid, state)
    }

    private func grid(_ index: Int, seed: UInt64) throws -> ShallowWaterGrid {
        let inner = min(nx, ny) - 2
        guard inner >= 1, bumpSide.lowerBound >= 1, bumpSide.upperBound <= inner else {
            throw SeicheError(
                .invalidInput,
                "a basin of \(nx) x \(ny) cells has no room for a dry ring and a bump of \(bumpSide.lowerBound) ... \(bumpSide.upperBound) cells",
                remedy: "use a bump of 1 ... \(max(inner, 1)) cells or a larger basin")
        }
        var stream = RandomStream(seed: seed, purpose: "basin depth", index: index)
        var depth = try GaussianRandomField(
            nx: nx, ny: ny, variance: depthVariance, lengthX: depthLength, lengthY: depthLength
        ).sample(using: &stream).map { meanDepth + $0 }
        for j in 0..<ny {
            for i in 0..<nx where i == 0 || j == 0 || i == nx - 1 || j == ny - 1 { depth[j * nx + i] = 0 }
        }
        return try ShallowWaterGrid(nx: nx, ny: ny, dx: spacing, dy: spacing, depth: depth)
    }

    private func bump(_ index: Int, seed: UInt64, on grid: ShallowWaterGrid) throws -> [Double] {
        var stream = RandomStream(seed: seed, purpose: "basin bump", index: index)
        let side = Int.random(in: bumpSide, using: &stream)
        let height = stream.uniform(in: bumpHeight)
        let x = Int.random(in: 0...(nx - side), using: &stream)
        let y = Int.random(in: 0...(ny - side), using: &stream)
        return try InitialElevation.bump(on: grid, x: x..<(x + side), y: y..<(y + side), height: height)
    }
}
