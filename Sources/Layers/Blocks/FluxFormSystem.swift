import Tensors

/// An elliptic update in flux form on a C grid with closed edges, that conserves the field's sum:
///
///     (I - div(c grad)) y = x - div F,
///     x' = x - div(F - c grad y),
///
/// with coefficients c >= 0 and fluxes F on the open faces. With the exact y, x' is y.
///
/// Whatever numbers a network says:
///
/// 1. The matrix A = I - div(c grad) is symmetric positive definite with eigenvalues of at least 1: <v, A v> = <v, v> + <grad v, c grad v>, as
///    -div is the transpose of grad. So the system has one solution, |y| <= |x - div F|, and a residual r leaves an error of at most |r|.
/// 2. The rows of A sum to 1 and its off-diagonals are not positive, an M-matrix: y lies between the least and the largest of x - div F.
/// 3. The sum of x' over any set of cells that no open face leaves, such as a basin, is that of x to rounding, for ANY y: what the tolerance of the
///    solver leaves in y moves between cells through faces, and a face takes from one cell the very number that it gives to the other.
///    Rounding is that of the sums of each cell's fluxes, relative to their size.
/// 4. A closed face carries nothing: a dry cell keeps its value, and land is part of the matrix.
///
/// In floating point 1 and 2 hold as long as the 1 of A survives beside c, up to c of about 1 / eps; 3 and 4 always.
public struct FluxFormSystem<Field: FieldAlgebra> {
    /// c: [batch, 2, y, x], faces east of cells, then north; not negative, zero on closed faces.
    public let coefficients: Field
    /// F, of the same shape, in the field's unit; zero on closed faces.
    public let flux: Field

    /// c = depth squareplus(conductance) and F = depth velocity, with depth cut off at zero, since a coefficient must not be negative; all [batch, 2, y, x], any numbers.
    ///
    /// - Parameter open: 1 on open faces, 0 on closed ones.
    public init(conductance: Field, velocity: Field, depth: Field, open: Tensor<Field.Scalar>) {
        self.init(response: conductance.squareplus(), velocity: velocity, depth: depth, open: open)
    }

    /// c = depth response and F = depth velocity, with depth cut off at zero; all [batch, 2, y, x].
    ///
    /// - Parameters:
    ///   - response: not negative.
    ///   - open: 1 on open faces, 0 on closed ones.
    public init(response: Field, velocity: Field, depth: Field, open: Tensor<Field.Scalar>) {
        let positive = depth.rectified().masked(by: open)
        coefficients = positive * response
        flux = positive * velocity
    }

    /// x - div F, the explicit forecast of a field [batch, 1, y, x].
    public func rightHandSide(_ field: Field) -> Field { field - flux.faceDivergence() }

    /// x - div(F - c grad y), for any y: both [batch, 1, y, x].
    public func advanced(_ field: Field, response y: Field) -> Field {
        field - (flux - coefficients * y.faceDifference()).faceDivergence()
    }

    /// x', with y solved for.
    ///
    /// - Parameters:
    ///   - field: x, [batch, 1, y, x].
    ///   - guess: where the solve starts, or `.zero`.
    public func advanced(_ field: Field, by layer: LinearImplicit, startingFrom guess: Tensor<Field.Scalar> = .zero) -> Field {
        advanced(
            field, response: rightHandSide(field).solvedInFluxForm(coefficients: coefficients, by: layer, startingFrom: guess))
    }
}
