import StencilSolvers
import Tensors

/// Bounds on the relative errors of one sample's gradient that come from solving to a tolerance, rounding aside.
///
/// With errors dy and dz of the computed y and z, the gradient by b is off by dz, and the one by the coefficients, -z y^T on the stencil's
/// entries, by dz y^T + z dy^T + dz dy^T on them. A row of the stencil has points * fields entries, and so has a column: in the
/// Frobenius norm the first product is at most |dz| Y with Y = min(|y|, sqrt(points * fields) max|y|), the second |dy| Z, the
/// third |dy| |dz|. The norms of dy and dz are bounded by the reports (`SolveReport.solutionError`), from the residuals and the dominance of
/// rows and columns; where either lacks dominance there is no bound. Round a periodic side of one or two cells several directions lead to one
/// cell and entries repeat: there |y|, |z| and |dy| |dz| count sqrt(points) times.
public struct GradientError: Equatable, Sendable {
    /// Of the gradient by the coefficients, in units of its own Frobenius norm; infinite where that is zero and its error may not be.
    public let coefficients: Double
    /// Of the gradient by b, in units of its own Euclidean norm.
    public let b: Double

    func maximum(_ other: GradientError) -> GradientError {
        GradientError(coefficients: max(coefficients, other.coefficients), b: max(b, other.b))
    }

    init(coefficients: Double, b: Double) {
        self.coefficients = coefficients
        self.b = b
    }

    /// - Parameters:
    ///   - y: the solution, [batch, fields, ny, nx].
    ///   - z: the adjoint.
    ///   - gradient: by the coefficients, [batch, points * fields * fields, ny, nx].
    ///   - k: the sample of the batch.
    ///   - rowEntries: points * fields.
    ///   - repeats: directions that may lead to one cell.
    init?<Scalar: TensorScalar>(
        forward: SolveReport, backward: SolveReport, y: Tensor<Scalar>, z: Tensor<Scalar>, gradient: Tensor<Scalar>, sample k: Int,
        rowEntries: Int, repeats: Int
    ) {
        guard let dy = forward.solutionError, let dz = backward.solutionError else { return nil }
        let size = gradient.withSample(k) { euclideanNorm($0) }
        // Norms, and what a row or column can reach of them in units of themselves: products of two small norms could underflow.
        func norms(_ t: Tensor<Scalar>) -> (norm: Double, reach: Double) {
            t.withSample(k) { values in
                let norm = euclideanNorm(values)
                let most = Double(rowEntries).squareRoot() * (Double(largestMagnitude(values)) / norm)
                return (norm, norm == 0 ? 0 : min(Double(repeats).squareRoot(), most))
            }
        }
        let ((yNorm, yReach), (zNorm, zReach)) = (norms(y), norms(z))
        let factor = dz * yReach + dy * zReach + dy * dz * Double(repeats).squareRoot()
        // Of b = 0 or a cotangent of 0 the solution is exact, and so is a gradient of zero.
        let isExactlyZero = yNorm == 0 && dy == 0 || zNorm == 0 && dz == 0
        coefficients = factor == 0 || isExactlyZero ? 0 : size == 0 || !factor.isFinite ? .infinity : factor * (zNorm / size) * yNorm
        b = dz
    }
}
