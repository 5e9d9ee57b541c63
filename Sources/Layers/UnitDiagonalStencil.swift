import Tensors
import _Differentiation

/// The talk's parametrisation, with its margin enforced: unit diagonal, off-diagonals scaled for dominance, right-hand side b as it is.
///
/// With m the raw entries of a row and s = max(sum of |m| over the open ones, the centre included, `floor`), the off-diagonals are
/// m / (margin s) and the diagonal is 1. A dry cell's row is the identity with right-hand side 0.
///
/// Whatever finite numbers come in:
///
/// 1. The off-diagonals of a row sum to at most 1 / margin in magnitude, because s is at least the sum of |m| over them. So with
///    margin > 1 the matrix is strictly diagonally dominant by the factor `margin`, regular, and Jacobi's spectral radius is at most 1 / margin.
/// 2. The largest row sum of |A^-1| is at most margin / (margin - 1) (Varah 1975: the inverse of the smallest diagonal less the off-diagonals,
///    1 - 1 / margin), so that max|y| <= max|b| margin / (margin - 1).
/// 3. No cell couples to a dry one, and y is 0 there.
///
/// The talk divides the off-diagonals by s alone, so that a centre of zero leaves no dominance; and it has no floor, so that a row of zeros is
/// 0 / 0. It divides b by 1.05 s, which says nothing that another b could not, and makes the error of s one of y: nets train to errors half as
/// large again with it (docs/emulators.md, "How nets start"). The floor is part of the function, not a guard: below it the row's scale is constant,
/// and so is its derivative.
public struct UnitDiagonalStencil<Scalar: TensorScalar>: StencilParametrisation {
    public let domain: StencilDomain<Scalar>
    public let margin: Scalar
    public let floor: Scalar

    /// - Parameters:
    ///   - margin: above 1; the talk's right-hand side has 1.05.
    ///   - floor: above 0; far below the entries that a trained network says.
    public init(_ domain: StencilDomain<Scalar>, margin: Double = 1.05, floor: Double = 1e-6) {
        precondition(margin > 1 && floor > 0, "a margin of \(margin) and a floor of \(floor)")
        self.domain = domain
        self.margin = Scalar(margin)
        self.floor = Scalar(floor)
    }

    @differentiable(reverse, wrt: (raw, b))
    public func system(raw: Tensor<Scalar>, b: Tensor<Scalar>) -> StencilSystem<Scalar> { made(raw, b).system }

    @derivative(of: system, wrt: (raw, b))
    public func vjpSystem(
        raw: Tensor<Scalar>, b: Tensor<Scalar>
    ) -> (value: StencilSystem<Scalar>, pullback: (StencilSystem<Scalar>) -> (Tensor<Scalar>, Tensor<Scalar>)) {
        let (system, rows) = made(raw, b)
        return (system, { cotangent in
            let ofB = cotangent.b.isSymbolicZero ? Tensor<Scalar>.zero : cotangent.b * domain.wetRows(b.shape[0])
            guard !cotangent.stencil.isSymbolicZero else { return (.zero, ofB) }
            // Every off-diagonal is divided by s: through it the gradient of a row is -(its inner product with the row itself) / s.
            let slope = Tensor<Scalar>.zero - domain.products(cotangent.stencil, system.stencil) * rows.slope
            let throughScale = domain.signs(raw, rows: slope, diagonal: nil)
            let direct = domain.scaled(cotangent.stencil, rows: rows.factor, diagonal: Tensor(shape: b.shape, repeating: 0))
            return (throughScale + direct, ofB)
        })
    }

    public func tangent(
        raw: Tensor<Scalar>, b: Tensor<Scalar>, along rawDirection: Tensor<Scalar>, _ bDirection: Tensor<Scalar>
    ) -> StencilSystem<Scalar> {
        let (system, rows) = made(raw, b)
        var result = StencilSystem<Scalar>.zero
        if !rawDirection.isSymbolicZero {
            let nothing = Tensor<Scalar>(shape: b.shape, repeating: 0)
            let growth = domain.magnitudes(raw, along: rawDirection, diagonal: true) * rows.slope
            result.stencil = domain.scaled(rawDirection, rows: rows.factor, diagonal: nothing)
                - domain.scaled(system.stencil, rows: growth, diagonal: nothing)
        }
        if !bDirection.isSymbolicZero { result.b = bDirection * domain.wetRows(b.shape[0]) }
        return result
    }

    /// For each row: 1 / (margin s), 0 where dry; and the derivative of log s by the sum of magnitudes.
    private typealias Rows = (factor: Tensor<Scalar>, slope: Tensor<Scalar>)

    private func made(_ raw: Tensor<Scalar>, _ b: Tensor<Scalar>) -> (system: StencilSystem<Scalar>, rows: Rows) {
        domain.check(raw, b)
        let sums = domain.magnitudes(raw, diagonal: true)
        let wet = domain.wetRows(b.shape[0])
        var rows: Rows = (sums, sums)
        rowScales(&rows.factor.scalars, &rows.slope.scalars, wet.scalars, margin, floor)
        let stencil = domain.scaled(raw, rows: rows.factor, diagonal: Tensor(shape: b.shape, repeating: 1))
        return (StencilSystem(stencil: stencil, b: b * wet), rows)
    }
}

/// Sums of magnitudes become factors and slopes, in place.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func rowScales<Scalar: TensorScalar>(
    _ factor: inout [Scalar], _ slope: inout [Scalar], _ wet: [Scalar], _ margin: Scalar, _ floor: Scalar
) {
    factor.withUnsafeMutableBufferPointer { factor in
        slope.withUnsafeMutableBufferPointer { slope in
            wet.withUnsafeBufferPointer { wet in
                for k in 0..<factor.count {
                    let sum = factor[k]
                    let scale = max(sum, floor)
                    factor[k] = wet[k] / (margin * scale)
                    slope[k] = sum > floor ? 1 / scale : 0
                }
            }
        }
    }
}
