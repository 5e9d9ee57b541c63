import StencilSolvers
import Tensors
import _Differentiation

// The linear implicit layer between fields. What each of these keeps is an `ImplicitLinearisation`: tangents and pullbacks reuse its factorisation.

extension FieldAlgebra {
    /// A^-1 b, with b `self` [batch, fields, y, x] and the coefficients of A a stencil tensor.
    ///
    /// - Parameters:
    ///   - stencil: [batch, points * fields * fields, y, x] as `layout` says.
    ///   - layer: how to solve, and where each solve is reported.
    ///   - guess: where the iteration starts, or `.zero`; the result depends on it only within the tolerance.
    public func solved(
        stencil: Self, by layer: LinearImplicit, startingFrom guess: Tensor<Scalar> = .zero, layout: StencilLayout = StencilLayout()
    ) -> Self {
        Self.applied(
            FieldOperation(
                value: { layer.apply(stencil: $0[0], b: $0[1], startingFrom: guess, layout: layout) },
                linearised: { x in
                    let solve = layer.linearise(stencil: x[0], b: x[1], startingFrom: guess, layout: layout)
                    return LinearisedOperation(
                        value: solve.solution, tangent: { solve.tangent(stencil: $0[0], b: $0[1]) },
                        adjoint: { w, _ in
                            let gradient = solve.pullback(w)
                            return [gradient.stencil, gradient.b]
                        })
                }), to: [stencil, self])
    }

    /// A^-1 b, with A and b what a parametrisation makes of numbers that a network says freely: `raw` [batch, points * fields * fields, y, x] and
    /// `self` [batch, fields, y, x].
    ///
    /// - Parameters:
    ///   - layer: how to solve, and where each solve is reported.
    ///   - guess: where the iteration starts, or `.zero`.
    public func solved(
        raw: Self, _ parametrisation: some StencilParametrisation<Scalar>, by layer: LinearImplicit, startingFrom guess: Tensor<Scalar> = .zero
    ) -> Self {
        let layout = parametrisation.domain.layout
        return Self.applied(
            FieldOperation(
                value: { layer.apply(parametrisation.system(raw: $0[0], b: $0[1]), startingFrom: guess, layout: layout) },
                linearised: { x in
                    let (system, pullback) = valueWithPullback(at: x[0], x[1]) { parametrisation.system(raw: $0, b: $1) }
                    let transposed = SystemPullback(apply: pullback)
                    let solve = layer.linearise(stencil: system.stencil, b: system.b, startingFrom: guess, layout: layout)
                    return LinearisedOperation(
                        value: solve.solution,
                        tangent: {
                            let change = parametrisation.tangent(raw: x[0], b: x[1], along: $0[0], $0[1])
                            return solve.tangent(stencil: change.stencil, b: change.b)
                        },
                        adjoint: { w, _ in
                            let gradient = solve.pullback(w)
                            let (raw, b) = transposed.apply(StencilSystem(stencil: gradient.stencil, b: gradient.b))
                            return [raw, b]
                        })
                }), to: [raw, self])
    }

    /// (I - div(c grad))^-1 b, with b `self` [batch, 1, y, x] and `coefficients` c >= 0 on faces, [batch, 2, y, x]: see `fluxFormStencil`.
    ///
    /// - Parameters:
    ///   - layer: how to solve, and where each solve is reported.
    ///   - guess: where the iteration starts, or `.zero`.
    public func solvedInFluxForm(coefficients: Self, by layer: LinearImplicit, startingFrom guess: Tensor<Scalar> = .zero) -> Self {
        Self.applied(
            FieldOperation(
                value: { layer.apply(stencil: $0[0].fluxFormStencil(), b: $0[1], startingFrom: guess) },
                linearised: { x in
                    let (stencil, pullback) = x[0].vjpFluxFormStencil()
                    let transposed = TensorPullback(pullback)
                    let solve = layer.linearise(stencil: stencil, b: x[1], startingFrom: guess)
                    return LinearisedOperation(
                        value: solve.solution,
                        // A' y = -div(c' grad y): never the difference of two stencils, which would round a small c' away beside the 1 of A.
                        tangent: { d in
                            let through = d[0].orZero { ($0 * solve.solution.faceDifference()).faceDivergence() }
                            return solve.tangent(stencil: .zero, b: d[1] + through)
                        },
                        adjoint: { w, wanted in
                            let gradient = solve.pullback(w)
                            return [wanted[0] ? transposed.apply(gradient.stencil) : .zero, gradient.b]
                        })
                }), to: [coefficients, self])
    }
}

/// The pullback of a parametrisation, between threads; it captures tensors and numbers, as `TensorPullback` says.
private struct SystemPullback<Scalar: TensorScalar>: @unchecked Sendable {
    let apply: (StencilSystem<Scalar>) -> (Tensor<Scalar>, Tensor<Scalar>)
}
