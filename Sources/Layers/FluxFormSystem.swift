import Tensors
import _Differentiation

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
public struct FluxFormSystem<Scalar: TensorScalar>: Differentiable, Sendable {
    /// c: [batch, 2, y, x], faces east of cells, then north; not negative, zero on closed faces.
    public private(set) var coefficients: Tensor<Scalar>
    /// F, of the same shape, in the field's unit; zero on closed faces.
    public private(set) var flux: Tensor<Scalar>

    /// c = depth squareplus(conductance) and F = depth velocity, with depth cut off at zero; all [batch, 2, y, x].
    ///
    /// - Parameters:
    ///   - conductance: any numbers.
    ///   - velocity: any numbers.
    ///   - depth: any numbers; what is below zero counts as zero, since a coefficient must not be negative.
    ///   - open: 1 on open faces, 0 on closed ones.
    @differentiable(reverse, wrt: (conductance, velocity, depth))
    public init(conductance: Tensor<Scalar>, velocity: Tensor<Scalar>, depth: Tensor<Scalar>, open: Tensor<Scalar>) {
        let positive = depth.rectified().masked(by: open)
        coefficients = positive * conductance.squareplus()
        flux = positive * velocity
    }

    /// A, [batch, 5, y, x].
    @differentiable(reverse)
    public func stencil() -> Tensor<Scalar> { coefficients.fluxFormStencil() }

    /// x - div F, the explicit forecast of a field [batch, 1, y, x].
    @differentiable(reverse)
    public func rightHandSide(_ field: Tensor<Scalar>) -> Tensor<Scalar> { field - flux.faceDivergence() }

    /// x - div(F - c grad y), for any y: both [batch, 1, y, x].
    @differentiable(reverse)
    public func advanced(_ field: Tensor<Scalar>, response y: Tensor<Scalar>) -> Tensor<Scalar> {
        field - (flux - coefficients * y.faceDifference()).faceDivergence()
    }

    /// x', with y solved for.
    ///
    /// - Parameters:
    ///   - field: x, [batch, 1, y, x].
    ///   - guess: where the solve starts, or `.zero`.
    @differentiable(reverse, wrt: (self, field))
    public func advanced(
        _ field: Tensor<Scalar>, by layer: LinearImplicit, startingFrom guess: Tensor<Scalar> = .zero
    ) -> Tensor<Scalar> {
        advanced(field, response: layer.apply(stencil: stencil(), b: rightHandSide(field), startingFrom: guess))
    }
}

// MARK: Tangent-linear

extension FluxFormSystem {
    /// The derivative of `init` along a direction whose parts may be `.zero`.
    public static func tangent(
        conductance: Tensor<Scalar>, velocity: Tensor<Scalar>, depth: Tensor<Scalar>, open: Tensor<Scalar>,
        along direction: (conductance: Tensor<Scalar>, velocity: Tensor<Scalar>, depth: Tensor<Scalar>)
    ) -> TangentVector {
        // The Jacobian of what acts element by element is diagonal: its transpose, the pullback, is itself.
        let positive = depth.rectified().masked(by: open)
        let change = depth.vjpRectified().pullback(direction.depth)
        let (kappa, pullback) = conductance.vjpSquareplus()
        func product(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> { a.isSymbolicZero || b.isSymbolicZero ? .zero : a * b }
        let opened = change.isSymbolicZero ? change : change.masked(by: open)
        return TangentVector(
            coefficients: product(opened, kappa) + product(positive, pullback(direction.conductance)),
            flux: product(opened, velocity) + product(positive, direction.velocity))
    }

    /// x' and its derivative along a direction of the system and of x, whose parts may be `.zero`.
    public func advancedWithTangent(
        _ field: Tensor<Scalar>, along direction: TangentVector, _ fieldDirection: Tensor<Scalar>, by layer: LinearImplicit,
        startingFrom guess: Tensor<Scalar> = .zero
    ) -> (value: Tensor<Scalar>, tangent: Tensor<Scalar>) {
        func divergence(_ faces: Tensor<Scalar>) -> Tensor<Scalar> { faces.isSymbolicZero ? .zero : faces.faceDivergence() }
        let linearised = layer.linearise(stencil: stencil(), b: rightHandSide(field), startingFrom: guess)
        let y = linearised.solution
        // A' y = -div(c' grad y).
        let through = direction.coefficients.isSymbolicZero ? .zero : direction.coefficients * y.faceDifference()
        let tangent = linearised.tangent(
            stencil: .zero, b: fieldDirection - divergence(direction.flux) + divergence(through))
        let response = tangent.isSymbolicZero ? .zero : coefficients * tangent.faceDifference()
        return (advanced(field, response: y), fieldDirection - divergence(direction.flux - through - response))
    }
}
