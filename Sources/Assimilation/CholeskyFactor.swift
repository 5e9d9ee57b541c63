import Basics

/// L of a symmetric positive definite matrix A = L L^T, rows one after the other: for the small dense systems of observation space.
public struct CholeskyFactor: Equatable, Sendable {
    public let count: Int
    /// [count, count], zero above the diagonal.
    private var elements: [Double]

    /// - Parameters:
    ///   - matrix: [count, count]; only its lower triangle is read.
    ///   - name: of the matrix, for the error.
    /// - Throws: `SeicheError` (invalidInput) where the matrix is not positive definite.
    public init(_ matrix: [Double], count: Int, named name: String = "the matrix") throws {
        try checkCount(matrix.count, count * count, "elements of \(name)", "its \(count) rows and columns")
        var l = matrix
        try l.withUnsafeMutableBufferPointer { l in
            for row in 0..<count {
                for column in 0...row {
                    var sum = l[row * count + column]
                    for k in 0..<column { sum -= l[row * count + k] * l[column * count + k] }
                    if column < row {
                        l[row * count + column] = sum / l[column * count + column]
                    } else {
                        guard sum > 0, sum.isFinite else {
                            throw SeicheError(
                                .invalidInput, "\(name) is not positive definite: pivot \(row) is \(sum)",
                                why: "it is not a covariance, or so badly conditioned that rounding has made it singular")
                        }
                        l[row * count + row] = sum.squareRoot()
                    }
                }
                for column in row + 1..<max(row + 1, count) { l[row * count + column] = 0 }
            }
        }
        (self.count, elements) = (count, l)
    }

    /// L x.
    public func times(_ x: [Double]) -> [Double] {
        (0..<count).map { row in (0...row).reduce(0) { $0 + elements[row * count + $1] * x[$1] } }
    }

    /// L^T x.
    public func transposedTimes(_ x: [Double]) -> [Double] {
        (0..<count).map { column in (column..<count).reduce(0) { $0 + elements[$1 * count + column] * x[$1] } }
    }

    /// L^-1 b.
    public func forwardSubstituted(_ b: [Double]) -> [Double] {
        var x = b
        for row in 0..<count {
            for k in 0..<row { x[row] -= elements[row * count + k] * x[k] }
            x[row] /= elements[row * count + row]
        }
        return x
    }

    /// A^-1 b.
    public func solve(_ b: [Double]) -> [Double] {
        var x = forwardSubstituted(b)
        for row in (0..<count).reversed() {
            x[row] /= elements[row * count + row]
            for k in 0..<row { x[k] -= elements[row * count + k] * x[row] }
        }
        return x
    }
}
