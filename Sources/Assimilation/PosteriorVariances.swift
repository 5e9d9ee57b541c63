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
    /// - Throws: what `product` throws, and `SeicheError` (solver) where its results are not finite.
    init(of size: Int, steps: Int, floor: Double, seed: UInt64, product: ([Double]) throws -> [Double]) throws {
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
        var matrix = [Double](repeating: 0, count: count * count)
        for k in 0..<count {
            matrix[k * count + k] = diagonal[k]
            if k + 1 < count { (matrix[k * count + k + 1], matrix[(k + 1) * count + k]) = (offDiagonal[k], offDiagonal[k]) }
        }
        guard let pairs = DenseMatrices.eigenpairs(matrix, count) else {
            throw SeicheError(
                .solver, "the Lanczos steps gave no eigenvalues", why: "the matrix's products are not finite",
                remedy: "look at the model's and the operators' derivatives where the window is linearised")
        }
        values = pairs.values.reversed()
        vectors = (0..<count).reversed().map { row in
            var vector = [Double](repeating: 0, count: size)
            for k in 0..<count { add(pairs.vectors[row * count + k], basis[k], to: &vector) }
            return vector
        }
    }
}
