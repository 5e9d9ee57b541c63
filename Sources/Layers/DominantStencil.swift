import Tensors
import _Differentiation

/// A general non-symmetric stencil, with couplings of both signs, whose rows dominate by construction.
///
/// With m the raw entries, the off-diagonals are m where open, and the diagonal of a wet row is
///
///     floor + (1 + margin) (sum of the off-diagonals' magnitudes) + squareplus(raw diagonal entry).
///
/// A dry cell's row is the identity with right-hand side 0.
///
/// Whatever finite numbers come in:
///
/// 1. The diagonal is positive and exceeds the sum of the off-diagonals' magnitudes by at least `floor` + `margin` times that sum: the
///    matrix is strictly diagonally dominant, regular, and Jacobi's spectral radius is below 1 / (1 + margin). A dry row's margin is 1.
/// 2. The largest row sum of |A^-1| is at most 1 / min(floor, 1) (Varah 1975), so that max|y| <= max|b| / min(floor, 1).
/// 3. No cell couples to a dry one, and y is 0 there.
///
/// Rows keep the size that the network gives them: where they differ by more than 1 / eps, a solver's residual is rounding of the largest,
/// and it reports that it stagnated; `UnitDiagonalStencil` has rows of one size.
/// Nothing is said of the columns: the transposed system is regular, but Jacobi's radius is its only bound.
public struct DominantStencil<Scalar: TensorScalar>: StencilParametrisation {
    public let domain: StencilDomain<Scalar>
    public let margin: Scalar
    public let floor: Scalar

    /// - Parameters:
    ///   - margin: above 0.
    ///   - floor: above 0, the least diagonal; the raw entry adds squareplus of itself, which is 1 where it is 0.
    public init(_ domain: StencilDomain<Scalar>, margin: Double = 0.05, floor: Double = 1e-2) {
        precondition(margin > 0 && floor > 0, "a margin of \(margin) and a floor of \(floor)")
        self.domain = domain
        self.margin = Scalar(margin)
        self.floor = Scalar(floor)
    }

    @differentiable(reverse, wrt: (raw, b))
    public func system(raw: Tensor<Scalar>, b: Tensor<Scalar>) -> StencilSystem<Scalar> {
        domain.check(raw, b)
        let wet = domain.wetRows(b.shape[0])
        let off = domain.magnitudes(raw, diagonal: false)
        var diagonal = domain.diagonal(of: raw)
        dominate(&diagonal.scalars, off.scalars, wet.scalars, margin, floor)
        return StencilSystem(
            stencil: domain.scaled(raw, rows: Tensor(shape: b.shape, repeating: 1), diagonal: diagonal), b: b * wet)
    }

    @derivative(of: system, wrt: (raw, b))
    public func vjpSystem(
        raw: Tensor<Scalar>, b: Tensor<Scalar>
    ) -> (value: StencilSystem<Scalar>, pullback: (StencilSystem<Scalar>) -> (Tensor<Scalar>, Tensor<Scalar>)) {
        (system(raw: raw, b: b), { cotangent in
            let wet = domain.wetRows(b.shape[0])
            let bGradient = cotangent.b.isSymbolicZero ? Tensor.zero : cotangent.b * wet
            if cotangent.stencil.isSymbolicZero { return (.zero, bGradient) }
            let diagonal = domain.diagonal(of: cotangent.stencil) * wet
            let direct = domain.scaled(
                cotangent.stencil, rows: Tensor(shape: b.shape, repeating: 1), diagonal: slopes(raw) * diagonal)
            let nothing = Tensor<Scalar>(shape: b.shape, repeating: 0)
            return (direct + domain.signs(raw, rows: diagonal.scaled(by: 1 + margin), diagonal: nothing), bGradient)
        })
    }

    public func tangent(
        raw: Tensor<Scalar>, b: Tensor<Scalar>, along rawDirection: Tensor<Scalar>, _ bDirection: Tensor<Scalar>
    ) -> StencilSystem<Scalar> {
        let wet = domain.wetRows(b.shape[0])
        var result = StencilSystem<Scalar>.zero
        if !rawDirection.isSymbolicZero {
            let growth = domain.magnitudes(raw, along: rawDirection, diagonal: false).scaled(by: 1 + margin)
            let own = slopes(raw) * domain.diagonal(of: rawDirection)
            result.stencil = domain.scaled(
                rawDirection, rows: Tensor(shape: b.shape, repeating: 1), diagonal: (growth + own) * wet)
        }
        if !bDirection.isSymbolicZero { result.b = bDirection * wet }
        return result
    }

    /// The slopes of squareplus at the raw diagonal.
    private func slopes(_ raw: Tensor<Scalar>) -> Tensor<Scalar> {
        var result = domain.diagonal(of: raw)
        slopesOfSquareplus(&result.scalars)
        return result
    }
}

/// Raw diagonals become those that dominate, in place.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func dominate<Scalar: TensorScalar>(
    _ diagonal: inout [Scalar], _ off: [Scalar], _ wet: [Scalar], _ margin: Scalar, _ floor: Scalar
) {
    diagonal.withUnsafeMutableBufferPointer { diagonal in
        off.withUnsafeBufferPointer { off in
            wet.withUnsafeBufferPointer { wet in
                for k in 0..<diagonal.count {
                    diagonal[k] = wet[k] == 0 ? 1 : floor + ((1 + margin) * off[k] + squareplus(diagonal[k]))
                }
            }
        }
    }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func slopesOfSquareplus<Scalar: TensorScalar>(_ x: inout [Scalar]) {
    x.withUnsafeMutableBufferPointer { x in
        for k in 0..<x.count { x[k] = squareplusSlope(x[k]) }
    }
}
