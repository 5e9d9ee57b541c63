import CLAPACK
import Tensors

/// LAPACK's LU factors of a banded matrix, from which systems with the matrix and with its transpose are solved.
///
/// Matrices are given column by column; everything is checked before LAPACK sees it, so that `info` can only tell of a zero pivot.
final class LapackFactors<Scalar: TensorScalar>: @unchecked Sendable {
    private let below: Int
    private let above: Int
    private let unknowns: Int
    private let leading: Int
    private let factors: UnsafeMutablePointer<Scalar>
    private let pivots: UnsafeMutablePointer<Int32>
    /// Whether a pivot was zero or an element not finite: then nothing may be solved.
    let isSingular: Bool

    /// A matrix with so many diagonals below and above the main one: `fill` writes element (row, column) to
    /// below + above + row - column + column * (2 below + above + 1).
    init(banded unknowns: Int, below: Int, above: Int, fill: (UnsafeMutablePointer<Scalar>) -> Void) {
        self.below = below
        self.above = above
        self.unknowns = unknowns
        leading = 2 * below + above + 1
        let count = unknowns * leading
        factors = .allocate(capacity: count)
        clearScalars(factors, count)
        fill(factors)
        pivots = .allocate(capacity: max(1, unknowns))
        pivots.initialize(repeating: 0, count: max(1, unknowns))
        guard euclideanNorm(UnsafeBufferPointer(start: factors, count: count)).isFinite else {
            isSingular = true
            return
        }
        var (n, kl, ku, lda, info) = (Int32(unknowns), Int32(below), Int32(above), Int32(leading), Int32(0))
        let raw = UnsafeMutableRawPointer(factors)
        if Scalar.self == Double.self {
            dgbtrf_(&n, &n, &kl, &ku, raw.assumingMemoryBound(to: Double.self), &lda, pivots, &info)
        } else {
            sgbtrf_(&n, &n, &kl, &ku, raw.assumingMemoryBound(to: Float.self), &lda, pivots, &info)
        }
        isSingular = info != 0
    }

    /// Bytes of the factors of a banded matrix.
    static func bytes(banded unknowns: Int, below: Int, above: Int) -> Int {
        unknowns * ((2 * below + above + 1) * MemoryLayout<Scalar>.stride + MemoryLayout<Int32>.stride)
    }

    deinit {
        factors.deallocate()
        pivots.deallocate()
    }

    /// Replaces b by the solution of A y = b, or of A^T y = b.
    func solve(_ b: UnsafeMutablePointer<Scalar>, transposed: Bool) {
        var (n, kl, ku, one) = (Int32(unknowns), Int32(below), Int32(above), Int32(1))
        var (lda, ldb, info) = (Int32(leading), Int32(max(1, unknowns)), Int32(0))
        var letter = CChar(UInt8(ascii: transposed ? "T" : "N"))
        let (a, right) = (UnsafeRawPointer(factors), UnsafeMutableRawPointer(b))
        if Scalar.self == Double.self {
            dgbtrs_(
                &letter, &n, &kl, &ku, &one, a.assumingMemoryBound(to: Double.self), &lda, pivots, right.assumingMemoryBound(to: Double.self),
                &ldb, &info, 1)
        } else {
            sgbtrs_(
                &letter, &n, &kl, &ku, &one, a.assumingMemoryBound(to: Float.self), &lda, pivots, right.assumingMemoryBound(to: Float.self),
                &ldb, &info, 1)
        }
    }
}
