import StencilSolvers
import Tensors
import _Differentiation

/// The linear implicit layer: y = A^-1 b, differentiated by the implicit function theorem.
///
/// With a cotangent w of y: A^T z = w gives the cotangent z of b, and -z(k) y(neighbour of k) that of each coefficient of row k.
/// Nothing of the iteration is differentiated or stored, and no matrix larger than the stencil is ever formed. `linearise` gives tangents and
/// second derivatives too. Samples of a batch are solved side by side; the result is the same bit for bit on any number of cores.
public struct LinearImplicit: Sendable {
    public let solver: any StencilSolver
    public let monitor: SolveMonitor
    /// Where solves start whose caller gives no guess; nil for zero.
    public let warmStart: WarmStart?
    /// The numbers of the batch's samples in `warmStart` and in the monitor's entries; nil for their places in the batch.
    public let samples: [Int]?

    public init(
        solver: any StencilSolver, monitor: SolveMonitor = SolveMonitor(), warmStart: WarmStart? = nil, samples: [Int]? = nil
    ) {
        self.solver = solver
        self.monitor = monitor
        self.warmStart = warmStart
        self.samples = samples
    }

    /// The same layer, which starts from the last solutions of these samples and keeps the next ones.
    ///
    /// - Parameter samples: a number for each sample of the batch; the same number means the same sample in every call.
    public func remembering(_ warmStart: WarmStart, samples: [Int]) -> LinearImplicit {
        LinearImplicit(solver: solver, monitor: monitor, warmStart: warmStart, samples: samples)
    }

    /// - Parameters:
    ///   - stencil: [batch, points * fields * fields, y, x] as `layout` says; entries that point out of a closed grid count as zero.
    ///   - b: [batch, fields, y, x].
    ///   - guess: where the iteration starts, of b's shape, or `.zero`; the result depends on it only within the tolerance.
    ///   - layout: the neighbours of a cell; five points on a closed grid by default.
    /// - Returns: y, of b's shape. Whether each solve converged is in `monitor`.
    @differentiable(reverse, wrt: (stencil, b))
    public func apply<Scalar: TensorScalar>(
        stencil: Tensor<Scalar>, b: Tensor<Scalar>, startingFrom guess: Tensor<Scalar> = .zero, layout: StencilLayout = StencilLayout()
    ) -> Tensor<Scalar> {
        linearise(stencil: stencil, b: b, startingFrom: guess, layout: layout).solution
    }

    @derivative(of: apply, wrt: (stencil, b))
    public func vjpApply<Scalar: TensorScalar>(
        stencil: Tensor<Scalar>, b: Tensor<Scalar>, startingFrom guess: Tensor<Scalar>, layout: StencilLayout
    ) -> (value: Tensor<Scalar>, pullback: (Tensor<Scalar>) -> (Tensor<Scalar>, Tensor<Scalar>)) {
        let linearised = linearise(stencil: stencil, b: b, startingFrom: guess, layout: layout)
        return (linearised.solution, { cotangent in
            if cotangent.isSymbolicZero { return (.zero, .zero) }
            let gradient = linearised.pullback(cotangent)
            return (gradient.stencil, gradient.b)
        })
    }

    /// Solves, and keeps what the derivatives at this place need: every one of them reuses the factorisation.
    ///
    /// The parameters are those of `apply`.
    public func linearise<Scalar: TensorScalar>(
        stencil: Tensor<Scalar>, b: Tensor<Scalar>, startingFrom guess: Tensor<Scalar> = .zero, layout: StencilLayout = StencilLayout()
    ) -> ImplicitLinearisation<Scalar> {
        ImplicitLinearisation(of: self, stencil: stencil, b: b, guess: guess, layout: layout)
    }
}
