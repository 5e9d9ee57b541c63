import Basics
import StencilSolvers
import Tensors

/// Kinds of 5-point matrices that a network may say, by the properties that decide how a solver treats them.
public enum StencilKind: String, CaseIterable, Sendable {
    /// I - div(c grad) with c in (0, 4): symmetric, positive definite, rows sum to 1.
    case symmetric
    /// Every row diagonally dominant by a factor of its own, couplings of both signs.
    case nonSymmetric
    /// As `symmetric`, with a third of the cells dry: their rows are the identity and no row couples to them.
    case withLand
}

/// A random matrix of a kind, a right-hand side and a guess.
public struct StencilCase: Sendable, CustomStringConvertible {
    public let kind: StencilKind
    public let ny: Int
    public let nx: Int
    /// [5, ny, nx]: center, east, west, north, south.
    public let coefficients: [Double]
    public let b: [Double]
    public let guess: [Double]

    public var description: String { "\(kind) \(ny) x \(nx)" }
    public var stencil: FivePointStencil<Double> { FivePointStencil(ny: ny, nx: nx, coefficients: coefficients) }
    public var dense: DenseMatrix { DenseMatrix(ny: ny, nx: nx, coefficients: coefficients) }

    /// - Parameter strength: largest face coefficient of the symmetric kinds; the condition number is about 1 + 8 times it.
    public init(_ kind: StencilKind, ny: Int, nx: Int, strength: Double = 4, index: Int = 0) {
        self.kind = kind
        self.ny = ny
        self.nx = nx
        var stream = RandomStream(seed: 9, purpose: "test stencil \(kind) \(ny) \(nx)", index: index)
        let cells = ny * nx
        var a = [Double](repeating: 0, count: 5 * cells)
        switch kind {
        case .nonSymmetric:
            for k in 0..<cells {
                let off = (0..<4).map { _ in stream.uniform(in: -1...1) }
                for (direction, value) in off.enumerated() { a[(direction + 1) * cells + k] = value }
                a[k] = off.reduce(0) { $0 + abs($1) } * stream.uniform(in: 1.2...3) + 0.1
                // A diagonal of either sign is allowed to a matrix that is not symmetric.
                if stream.uniform() < 0.3 { a[k] = -a[k] }
            }
        case .symmetric, .withLand:
            let isWet = (0..<cells).map { _ in kind == .symmetric || stream.uniform() < 0.66 }
            for k in 0..<cells { a[k] = 1 }
            // East faces, then north faces: planes 1 and 2 couple along x, 3 and 4 along y.
            for (step, forward, backward) in [(1, 1, 2), (nx, 3, 4)] {
                for k in 0..<cells where forward == 1 ? k % nx + 1 < nx : k / nx + 1 < ny {
                    let c = stream.uniform(in: 0...strength)
                    guard isWet[k], isWet[k + step] else { continue }
                    a[k] += c
                    a[k + step] += c
                    a[forward * cells + k] = -c
                    a[backward * cells + k + step] = -c
                }
            }
        }
        coefficients = a
        b = stream.normals(cells)
        guess = stream.normals(cells)
    }

    public static let sizes = [(1, 1), (1, 7), (5, 4), (20, 33)]

    /// Every kind in every size.
    public static let all = StencilKind.allCases.flatMap { kind in sizes.map { StencilCase(kind, ny: $0.0, nx: $0.1) } }
}
