import CLAPACK
import Tensors

/// LAPACK's LU factors of a full or banded matrix, from which systems with the matrix and with its transpose are solved.
///
/// Matrices are given column by column; everything is checked before LAPACK sees it, so that `info` can only tell of a zero pivot.
final class LapackFactors<Scalar: TensorScalar>: @unchecked Sendable {
    private enum Form { case full, banded(below: Int, above: Int) }

    private let form: Form
    private let unknowns: Int
    private let leading: Int
    private let factors: UnsafeMutablePointer<Scalar>
    private let pivots: UnsafeMutablePointer<Int32>
    /// Whether a pivot was zero: then nothing may be solved.
    let isSingular: Bool

    /// A full matrix: `fill` writes element (row, column) to row + column * unknowns.
    init(full unknowns: Int, fill: (UnsafeMutablePointer<Scalar>) -> Void) {
        form = .full
        self.unknowns = unknowns
        leading = max(1, unknowns)
        (factors, pivots, isSingular) = Self.factor(form, unknowns, leading, fill)
    }

    /// A matrix with so many diagonals below and above the main one: `fill` writes element (row, column) to
    /// below + above + row - column + column * (2 below + above + 1).
    init(banded unknowns: Int, below: Int, above: Int, fill: (UnsafeMutablePointer<Scalar>) -> Void) {
        form = .banded(below: below, above: above)
        self.unknowns = unknowns
        leading = 2 * below + above + 1
        (factors, pivots, isSingular) = Self.factor(form, unknowns, leading, fill)
    }

    /// Bytes of the factors of a banded matrix.
    static func bytes(banded unknowns: Int, below: Int, above: Int) -> Int {
        unknowns * ((2 * below + above + 1) * MemoryLayout<Scalar>.stride + MemoryLayout<Int32>.stride)
    }

    deinit {
        factors.deallocate()
        pivots.deallocate()
    }

    private static func factor(
        _ form: Form, _ unknowns: Int, _ leading: Int, _ fill: (UnsafeMutablePointer<Scalar>) -> Void
    ) -> (UnsafeMutablePointer<Scalar>, UnsafeMutablePointer<Int32>, Bool) {
        let factors = UnsafeMutablePointer<Scalar>.allocate(capacity: unknowns * leading)
        UnsafeMutableRawPointer(factors).initializeMemory(
            as: UInt8.self, repeating: 0, count: unknowns * leading * MemoryLayout<Scalar>.stride)
        fill(factors)
        let pivots = UnsafeMutablePointer<Int32>.allocate(capacity: max(1, unknowns))
        pivots.initialize(repeating: 0, count: max(1, unknowns))
        var (n, lda, info) = (Int32(unknowns), Int32(leading), Int32(0))
        let raw = UnsafeMutableRawPointer(factors)
        let isDouble = Scalar.self == Double.self
        switch form {
        case .full:
            if isDouble {
                dgetrf_(&n, &n, raw.assumingMemoryBound(to: Double.self), &lda, pivots, &info)
            } else {
                sgetrf_(&n, &n, raw.assumingMemoryBound(to: Float.self), &lda, pivots, &info)
            }
        case .banded(let below, let above):
            var (kl, ku) = (Int32(below), Int32(above))
            if isDouble {
                dgbtrf_(&n, &n, &kl, &ku, raw.assumingMemoryBound(to: Double.self), &lda, pivots, &info)
            } else {
                sgbtrf_(&n, &n, &kl, &ku, raw.assumingMemoryBound(to: Float.self), &lda, pivots, &info)
            }
        }
        return (factors, pivots, info != 0)
    }

    /// Replaces b by the solution of A y = b, or of A^T y = b.
    func solve(_ b: UnsafeMutablePointer<Scalar>, transposed: Bool) {
        var (n, one, lda, ldb, info) = (Int32(unknowns), Int32(1), Int32(leading), Int32(max(1, unknowns)), Int32(0))
        var letter = CChar(UInt8(ascii: transposed ? "T" : "N"))
        let (a, right) = (UnsafeRawPointer(factors), UnsafeMutableRawPointer(b))
        let isDouble = Scalar.self == Double.self
        switch form {
        case .full:
            if isDouble {
                dgetrs_(
                    &letter, &n, &one, a.assumingMemoryBound(to: Double.self), &lda, pivots, right.assumingMemoryBound(to: Double.self),
                    &ldb, &info, 1)
            } else {
                sgetrs_(
                    &letter, &n, &one, a.assumingMemoryBound(to: Float.self), &lda, pivots, right.assumingMemoryBound(to: Float.self),
                    &ldb, &info, 1)
            }
        case .banded(let below, let above):
            var (kl, ku) = (Int32(below), Int32(above))
            if isDouble {
                dgbtrs_(
                    &letter, &n, &kl, &ku, &one, a.assumingMemoryBound(to: Double.self), &lda, pivots,
                    right.assumingMemoryBound(to: Double.self), &ldb, &info, 1)
            } else {
                sgbtrs_(
                    &letter, &n, &kl, &ku, &one, a.assumingMemoryBound(to: Float.self), &lda, pivots,
                    right.assumingMemoryBound(to: Float.self), &ldb, &info, 1)
            }
        }
    }
}
