import Basics
import StencilSolvers
import Tensors

/// Kinds of matrices that a network may say, by the properties that decide how a solver treats them.
public enum StencilKind: String, CaseIterable, Sendable {
    /// I - div(c grad) with c in (0, 4), for one field: symmetric, positive definite, rows sum to 1. Several fields are coupled
    /// within cells and between them, by blocks that keep the symmetry and the dominance.
    case symmetric
    /// Every row diagonally dominant by a factor of its own, couplings of both signs.
    case nonSymmetric
    /// As `symmetric`, with a third of the cells dry: their rows are the identity and no row couples to them.
    case withLand
}

/// A random matrix of a kind, a right-hand side and a guess.
public struct StencilCase: Sendable, CustomStringConvertible {
    public let kind: StencilKind
    public let shape: StencilShape
    public let ny: Int
    public let nx: Int
    public let periodicY: Bool
    public let periodicX: Bool
    public let fields: Int
    /// [points, fields, fields, ny, nx] in the order of `StencilDirection`.
    public let coefficients: [Double]
    public let b: [Double]
    public let guess: [Double]

    public var description: String {
        let round = (periodicY ? " round y" : "") + (periodicX ? " round x" : "")
        return "\(kind) \(shape.points)-point \(ny) x \(nx)" + round + (fields > 1 ? " of \(fields) fields" : "")
    }
    public var stencil: StencilMatrix<Double> { matrix(Double.self) }
    public var dense: DenseMatrix {
        DenseMatrix(shape, ny: ny, nx: nx, periodicY: periodicY, periodicX: periodicX, fields: fields, coefficients: coefficients)
    }

    public func matrix<Scalar: TensorScalar>(_ type: Scalar.Type) -> StencilMatrix<Scalar> {
        StencilMatrix(
            shape, ny: ny, nx: nx, periodicY: periodicY, periodicX: periodicX, fields: fields, coefficients: coefficients.map { Scalar($0) })
    }

    /// - Parameter strength: largest face coefficient of the symmetric kinds; the condition number is about 1 + 8 times it.
    public init(
        _ kind: StencilKind, _ shape: StencilShape = .fivePoint, ny: Int, nx: Int, periodicY: Bool = false, periodicX: Bool = false,
        fields: Int = 1, strength: Double = 4, index: Int = 0
    ) {
        self.kind = kind
        self.shape = shape
        self.ny = ny
        self.nx = nx
        self.periodicY = periodicY
        self.periodicX = periodicX
        self.fields = fields
        var stream = RandomStream(seed: 9, purpose: "test stencil \(kind) \(shape.points) \(ny) \(nx) \(fields)", index: index)
        let cells = ny * nx
        var a = [Double](repeating: 0, count: shape.points * fields * fields * cells)
        func place(_ d: StencilDirection, _ p: Int, _ q: Int, _ k: Int) -> Int { ((d.rawValue * fields + p) * fields + q) * cells + k }
        func neighbour(_ k: Int, _ d: StencilDirection) -> Int? {
            var (j, i) = (k / nx + d.dy, k % nx + d.dx)
            if periodicY { j = (j + ny) % ny }
            if periodicX { i = (i + nx) % nx }
            return (0..<ny).contains(j) && (0..<nx).contains(i) ? j * nx + i : nil
        }
        let isWet = (0..<cells).map { _ in kind != .withLand || stream.uniform() < 0.66 }
        for k in 0..<cells {
            for d in shape.directions where kind == .nonSymmetric || d.rawValue % 2 == 1 || d == .center {
                for p in 0..<fields {
                    for q in 0..<fields where d != .center || p != q {
                        if kind == .nonSymmetric {
                            a[place(d, p, q, k)] = stream.uniform(in: -1...1)
                        } else if d == .center {
                            // Above the diagonal of the block first, then the same below.
                            a[place(d, p, q, k)] = !isWet[k] ? 0 : p < q ? stream.uniform(in: -1...1) : a[place(d, q, p, k)]
                        } else if let n = neighbour(k, d), isWet[k], isWet[n] {
                            let c = p == q ? -stream.uniform(in: 0...strength) : stream.uniform(in: -0.3...0.3) * strength
                            a[place(d, p, q, k)] = c
                            a[place(d.opposite, q, p, n)] = c
                        }
                    }
                }
            }
        }
        for k in 0..<cells {
            for p in 0..<fields {
                var off = 0.0
                for d in shape.directions {
                    for q in 0..<fields where d != .center || p != q { off += abs(a[place(d, p, q, k)]) }
                }
                a[place(.center, p, p, k)] = 1 + off
                guard kind == .nonSymmetric else { continue }
                // A diagonal of either sign is allowed to a matrix that is not symmetric.
                a[place(.center, p, p, k)] = (off * stream.uniform(in: 1.2...3) + 0.1) * (stream.uniform() < 0.3 ? -1 : 1)
            }
        }
        coefficients = a
        b = stream.normals(fields * cells)
        guess = stream.normals(fields * cells)
    }

    /// Every kind on closed grids of every size, with five points.
    public static let fivePoint = StencilKind.allCases.flatMap { kind in
        [(1, 1), (1, 7), (5, 4), (20, 33)].map { StencilCase(kind, ny: $0.0, nx: $0.1) }
    }

    /// Every kind in every shape on grids that are closed or periodic, with sides odd, even and so short that they lead back to themselves.
    public static let all = StencilKind.allCases.flatMap { kind in
        StencilShape.allCases.flatMap { shape in
            [
                (1, 1, false, false, 1), (1, 7, false, false, 1), (5, 4, false, false, 1), (12, 19, false, false, 1), (6, 8, false, true, 1),
                (6, 9, false, true, 1), (9, 5, true, false, 1), (7, 9, true, true, 1), (8, 6, true, true, 1), (1, 2, true, true, 1),
                (3, 3, true, true, 1), (5, 4, false, false, 2), (7, 10, true, true, 3),
            ].map { StencilCase(kind, shape, ny: $0.0, nx: $0.1, periodicY: $0.2, periodicX: $0.3, fields: $0.4) }
        }
    }
}
