import Tensors

/// `FluxFormSystem` in any `FieldAlgebra`, the same bit for bit: coefficients c and fluxes F on faces that a network says, and the update
///
///     (I - div(c grad)) y = x - div F,
///     x' = x - div(F - c grad y),
///
/// which keeps the sum of x for any y. What holds of it is written there.
public struct FluxFormFields<Field: FieldAlgebra> {
    /// c: [batch, 2, y, x], faces east of cells, then north; not negative, zero on closed faces.
    public let coefficients: Field
    /// F, of the same shape; zero on closed faces.
    public let flux: Field

    /// c = depth squareplus(conductance) and F = depth velocity, with depth cut off at zero; all [batch, 2, y, x], any numbers.
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
