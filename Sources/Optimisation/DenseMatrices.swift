import CLAPACK

/// Products and eigenvectors of small dense matrices, row by row, by BLAS and LAPACK on one thread: the same bits on any number of cores.
public enum DenseMatrices {
    /// OpenBLAS shares large products among threads of its own, which would stand in the way of ours, and sums in an order that depends on them.
    private static let onOneThread: Void = openblas_set_num_threads(1)

    /// C <- alpha op(A) op(B) + beta C, with op(A) of m x k, op(B) of k x n and C of m x n values.
    static func multiply(
        _ a: [Double], by b: [Double], transposing transposed: (Bool, Bool), _ size: (m: Int, n: Int, k: Int), scaledBy alpha: Double,
        addingTo c: inout [Double], scaledBy beta: Double
    ) {
        precondition(a.count == size.m * size.k && b.count == size.k * size.n && c.count == size.m * size.n, "a product of other shapes")
        _ = onOneThread
        // Row by row is the transpose column by column: C^T = op(B)^T op(A)^T.
        var (m, n, k) = (Int32(size.n), Int32(size.m), Int32(size.k))
        var (ldb, lda, ldc) = (transposed.1 ? k : m, transposed.0 ? n : k, m)
        var (alpha, beta) = (alpha, beta)
        dgemm_(transposed.1 ? "T" : "N", transposed.0 ? "T" : "N", &m, &n, &k, &alpha, b, &ldb, a, &lda, &beta, &c, &ldc, 1, 1)
    }

    /// The eigenvalues of a symmetric matrix, rising, and its eigenvectors of length one as rows; nil where the iteration does not end or the matrix is not
    /// finite.
    ///
    /// - Parameter matrix: [count, count].
    public static func eigenpairs(_ matrix: [Double], _ count: Int) -> (values: [Double], vectors: [Double])? {
        precondition(matrix.count == count * count, "a matrix that is not square")
        guard matrix.allSatisfy(\.isFinite) else { return nil }
        // LAPACK wants a leading dimension of at least one.
        if count == 0 { return ([], []) }
        _ = onOneThread
        var (vectors, values) = (matrix, [Double](repeating: 0, count: count))
        var (n, info) = (Int32(count), Int32(0))
        var work = [Double](repeating: 0, count: 1 + 6 * count + 2 * count * count)
        var integers = [Int32](repeating: 0, count: 3 + 5 * count)
        var (workLength, integerLength) = (Int32(work.count), Int32(integers.count))
        // Columns of LAPACK's are rows of ours.
        dsyevd_("V", "U", &n, &vectors, &n, &values, &work, &workLength, &integers, &integerLength, &info, 1, 1)
        return info == 0 ? (values, vectors) : nil
    }

    static func identity(_ count: Int) -> [Double] {
        var result = [Double](repeating: 0, count: count * count)
        for k in 0..<count { result[k * count + k] = 1 }
        return result
    }
}
