import Tensors

/// The matrix of a 5-point stencil on a grid of ny x nx cells with closed edges.
///
/// Row (j, i): (A y) = center y(j, i) + east y(j, i+1) + west y(j, i-1) + north y(j+1, i) + south y(j-1, i),
/// with the coefficients of that row. Coefficients that point out of the grid count as zero.
/// Land is part of the matrix: a dry cell's row is the identity and no row couples to it.
public struct FivePointStencil<Scalar: TensorScalar>: Equatable, Sendable {
    /// The order of the planes in memory.
    public enum Plane: Int, CaseIterable, Sendable { case center, east, west, north, south }

    public let ny: Int
    public let nx: Int
    /// [5, ny, nx] in the order of `Plane`.
    public let coefficients: [Scalar]

    /// - Parameter coefficients: [5, ny, nx] in the order of `Plane`; entries that point out of the grid are set to zero.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public init(ny: Int, nx: Int, coefficients: [Scalar]) {
        precondition(coefficients.count == 5 * ny * nx, "a 5-point stencil on \(ny) x \(nx) cells has \(5 * ny * nx) coefficients")
        var inside = coefficients
        let plane = ny * nx
        for j in 0..<ny {
            inside[Plane.east.rawValue * plane + j * nx + nx - 1] = 0
            inside[Plane.west.rawValue * plane + j * nx] = 0
        }
        for i in 0..<nx {
            inside[Plane.north.rawValue * plane + (ny - 1) * nx + i] = 0
            inside[Plane.south.rawValue * plane + i] = 0
        }
        self.ny = ny
        self.nx = nx
        self.coefficients = inside
    }

    func plane(_ plane: Plane) -> ArraySlice<Scalar> {
        coefficients[plane.rawValue * ny * nx..<(plane.rawValue + 1) * ny * nx]
    }

    /// A y, for y of ny * nx values.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public func apply(_ y: [Scalar]) -> [Scalar] {
        let plane = ny * nx
        precondition(y.count == plane)
        return (0..<plane).map { k in
            let (j, i) = (k / nx, k % nx)
            var sum = coefficients[k] * y[k]
            if i + 1 < nx { sum += coefficients[plane + k] * y[k + 1] }
            if i > 0 { sum += coefficients[2 * plane + k] * y[k - 1] }
            if j + 1 < ny { sum += coefficients[3 * plane + k] * y[k + nx] }
            if j > 0 { sum += coefficients[4 * plane + k] * y[k - nx] }
            return sum
        }
    }

    /// The transposed matrix, itself a 5-point stencil: what a cell says of its neighbour becomes what the neighbour says of it.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public func transposed() -> FivePointStencil {
        let plane = ny * nx
        var result = [Scalar](repeating: 0, count: 5 * plane)
        for k in 0..<plane {
            let (j, i) = (k / nx, k % nx)
            result[k] = coefficients[k]
            if i + 1 < nx { result[plane + k] = coefficients[2 * plane + k + 1] }
            if i > 0 { result[2 * plane + k] = coefficients[plane + k - 1] }
            if j + 1 < ny { result[3 * plane + k] = coefficients[4 * plane + k + nx] }
            if j > 0 { result[4 * plane + k] = coefficients[3 * plane + k - nx] }
        }
        return FivePointStencil(ny: ny, nx: nx, coefficients: result)
    }

    /// Whether A equals its transpose, coefficient by coefficient, exactly.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public func isSymmetric() -> Bool { coefficients == transposed().coefficients }

    /// The largest sum of off-diagonal magnitudes over the diagonal's magnitude of any row:
    /// below 1 the matrix is strictly diagonally dominant, and this bounds the spectral radius of the Jacobi iteration.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public func jacobiBound() -> Double {
        let plane = ny * nx
        return coefficients.withUnsafeBufferPointer { a in
            var worst = 0.0
            for k in 0..<plane {
                let off = abs(a[plane + k]) + abs(a[2 * plane + k]) + abs(a[3 * plane + k]) + abs(a[4 * plane + k])
                worst = max(worst, Double(off / abs(a[k])))
            }
            return worst
        }
    }
}
