import Basics
import Dynamics
import Optimisation

// Error variances of the analysed initial state: the diagonal of P_a = B^(1/2) A^-1 B^(T/2), A the Hessian in the control variable (Fisher and
// Courtier 1995); exact where model and operators are linear, so far as A is.
extension LinearisedWindow {
    /// By forming and factoring A: for small problems, as it takes one product for each control and their number squared in memory.
    ///
    /// Throws what model, operators and covariances throw.
    public func exactPosteriorVariances() throws -> [Double] {
        let (size, covariance) = (cost.controlSize, cost.covariance)
        var hessian: [Double] = []
        hessian.reserveCapacity(size * size)
        for k in 0..<size {
            var unit = [Double](repeating: 0, count: size)
            unit[k] = 1
            hessian += try product(unit)
        }
        let factor = try CholeskyFactor(hessian, count: size, named: "the Hessian of the cost")
        let rest = [Double](repeating: 0, count: size - covariance.controlSize)
        return try (0..<covariance.stateSize).map { k in
            var unit = [Double](repeating: 0, count: covariance.stateSize)
            unit[k] = 1
            let half = factor.forwardSubstituted(try covariance.rootTransposed(times: unit) + rest)
            return inner(half, half)
        }
    }

    /// From `count` Lanczos steps, one product each: never too small, but for rounding, and exact with as many steps as A has different eigenvalues.
    ///
    /// A's smallest eigenvalue is one unless observations see everything. Ritz values alone would make variances too small in the directions that
    /// were looked at; with one prescribed as the smallest, as in Gauss-Radau quadrature, they bound A from below (Golub and Meurant 1994).
    ///
    /// Throws what model, operators and covariances throw.
    public func posteriorVariances(lanczosSteps count: Int, seed: UInt64 = 1) throws -> [Double] {
        let covariance = cost.covariance
        let leading = try LanczosEigenpairs(of: cost.controlSize, steps: count, floor: 1, seed: seed) { try product($0) }
        var variances = covariance.variances
        for (value, vector) in zip(leading.values, leading.vectors) {
            let image = try covariance.root(times: Array(vector[..<covariance.controlSize]))
            for k in variances.indices { variances[k] -= (1 - 1 / value) * image[k] * image[k] }
        }
        return variances
    }
}

/// Ritz pairs of a symmetric matrix A that is known by its products (Lanczos 1950), the basis made orthogonal again in every step, of the
/// tridiagonal matrix of Gauss-Radau quadrature with the node a <= A:
///
///     T' = (T_k  b e_k; b e_k^T  a + b^2 / d),   d the last pivot of T_k - a.
///
/// V T' V^T + a (1 - V V^T) - a = (A - a) V_k (V_k^T (A - a) V_k)^-1 V_k^T (A - a) is Nystrom's approximation, which is never above A - a.
///
/// - G. H. Golub, G. Meurant (1994): Matrices, moments and quadrature. In: Numerical Analysis 1993, Longman, 105-156.
struct LanczosEigenpairs {
    /// The largest first.
    let values: [Double]
    /// Of length one.
    let vectors: [[Double]]

    /// - Parameters:
    ///   - size: of the matrix.
    ///   - steps: at most; fewer where the vectors span all that the start leads to.
    ///   - floor: a, not above any eigenvalue.
    init(of size: Int, steps: Int, floor: Double, seed: UInt64, product: ([Double]) throws -> [Double]) rethrows {
        var stream = RandomStream(seed: seed, purpose: "Lanczos start")
        var basis: [[Double]] = []
        var (diagonal, offDiagonal): ([Double], [Double]) = ([], [])
        var next = stream.normals(size)
        var length = norm(next)
        var scale = 0.0
        // Of T_k - a, by elimination from the top.
        var pivot = 0.0
        while basis.count < min(steps, size), length > 1e-12 * scale, length > 0 {
            if !basis.isEmpty { offDiagonal.append(length) }
            basis.append(next.map { $0 / length })
            let newest = basis[basis.count - 1]
            next = try product(newest)
            diagonal.append(inner(newest, next))
            pivot = diagonal[basis.count - 1] - floor - (offDiagonal.last.map { $0 * $0 / pivot } ?? 0)
            scale = max(scale, norm(next))
            // Twice is enough (Parlett 1998, section 6.9).
            for _ in 0..<2 { for vector in basis { add(-inner(vector, next), vector, to: &next) } }
            length = norm(next)
        }
        // Where the pivot is lost in rounding, A - a is known already.
        if !basis.isEmpty, basis.count < size, length > 1e-12 * scale, pivot > 1e-12 * scale {
            offDiagonal.append(length)
            basis.append(next.map { $0 / length })
            diagonal.append(floor + length * length / pivot)
        }
        let count = basis.count
        var matrix = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
        for k in 0..<count {
            matrix[k][k] = diagonal[k]
            if k + 1 < count { (matrix[k][k + 1], matrix[k + 1][k]) = (offDiagonal[k], offDiagonal[k]) }
        }
        let (eigenvalues, rotations) = Self.jacobi(matrix)
        let order = eigenvalues.indices.sorted { eigenvalues[$0] > eigenvalues[$1] }
        values = order.map { eigenvalues[$0] }
        vectors = order.map { column in
            var vector = [Double](repeating: 0, count: size)
            for k in 0..<count { add(rotations[k][column], basis[k], to: &vector) }
            return vector
        }
    }

    /// Eigenvalues and eigenvectors (in columns) of a small symmetric matrix by cyclic rotations (Golub and Van Loan 2013, algorithm 8.5.3).
    private static func jacobi(_ matrix: [[Double]]) -> (values: [Double], vectors: [[Double]]) {
        let n = matrix.count
        var a = matrix
        var v = (0..<n).map { row in (0..<n).map { $0 == row ? 1.0 : 0 } }
        let size = a.reduce(0) { $0 + inner($1, $1) }
        // Converges quadratically: some ten sweeps do.
        for _ in 0..<60 {
            let rest = (0..<n).reduce(0) { sum, row in sum + (0..<row).reduce(0) { $0 + a[row][$1] * a[row][$1] } }
            if rest <= 1e-32 * size { break }
            for p in 0..<n {
                for q in p + 1..<max(p + 1, n) where a[p][q] != 0 {
                    let tau = (a[q][q] - a[p][p]) / (2 * a[p][q])
                    let t = (tau >= 0 ? 1 : -1) / (abs(tau) + (1 + tau * tau).squareRoot())
                    let c = 1 / (1 + t * t).squareRoot()
                    let s = t * c
                    for k in 0..<n { (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]) }
                    for k in 0..<n { (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]) }
                    for k in 0..<n { (v[k][p], v[k][q]) = (c * v[k][p] - s * v[k][q], s * v[k][p] + c * v[k][q]) }
                }
            }
        }
        return ((0..<n).map { a[$0][$0] }, v)
    }
}
