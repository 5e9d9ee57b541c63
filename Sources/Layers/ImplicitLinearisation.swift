import Basics
import StencilSolvers
import Tensors

/// The linear implicit layer at one place: the solution y = A^-1 b, and its derivatives of first and second order there.
///
/// A is linear in its coefficients, so that with primes for derivatives along a direction (A', b'):
///
///     A y' = b' - A' y                     tangent
///     A^T z = w                            pullback of a cotangent w: z by b, -z y^T on the stencil by the coefficients
///     A^T z' = w' - A'^T z                 derivative of that pullback: z' by b, -(z' y^T + z y'^T) by the coefficients
///
/// Every solve reuses the factorisation of A, or its transpose's, and reports to the layer's monitor.
public struct ImplicitLinearisation<Scalar: TensorScalar>: Sendable {
    /// Derivatives of a scalar by the coefficients and by b, in their shapes.
    public struct Gradient: Equatable, Sendable {
        public var stencil: Tensor<Scalar>
        /// The adjoint z.
        public var b: Tensor<Scalar>
    }

    /// y, [batch, fields, y, x].
    public let solution: Tensor<Scalar>
    /// Of the solves for y, one a sample.
    public let reports: [SolveReport]

    private let layer: LinearImplicit
    private let layout: StencilLayout
    private let systems: [FactoredSystem<Scalar>]

    /// Unknowns below which waking another core takes longer than a solve.
    private static var fewestUnknowns: Int { 256 }

    init(of layer: LinearImplicit, stencil: Tensor<Scalar>, b: Tensor<Scalar>, guess: Tensor<Scalar>, layout: StencilLayout) {
        layout.check(stencil: stencil, b: b)
        precondition(guess.isSymbolicZero || guess.shape == b.shape, "right-hand side \(b.shape) and guess \(guess.shape) do not fit")
        let batch = b.shape[0]
        precondition(
            layer.samples == nil || layer.samples?.count == batch, "\(layer.samples?.count ?? 0) sample numbers for a batch of \(batch)")
        let made = Self.forEachSample(batch, unknowns: b.count / max(batch, 1)) { k in
            let system = FactoredSystem(layout.matrix(stencil, sample: k), layer.solver)
            return (system, Self.solve(system, .forward, k, b, guess, layer))
        }
        self.layer = layer
        self.layout = layout
        systems = made.map(\.0)
        reports = made.map(\.1.report)
        solution = Tensor(shape: b.shape, scalars: made.flatMap(\.1.solution))
        layer.monitor.add(reports.indices.map { .init(direction: .forward, sample: layer.number($0), report: made[$0].1.report) })
    }

    /// A^-1 (b' - A' y): the derivative of y along a direction of coefficients and b.
    ///
    /// - Parameters:
    ///   - stencil: A', or `.zero`.
    ///   - b: b', or `.zero`.
    ///   - guess: where the solve starts, or `.zero`.
    public func tangent(stencil: Tensor<Scalar>, b: Tensor<Scalar>, startingFrom guess: Tensor<Scalar> = .zero) -> Tensor<Scalar> {
        let right = b - product(stencil, solution, transposed: false)
        if right.isSymbolicZero { return .zero }
        let (y, reports) = solve(.forward, right, guess)
        layer.monitor.add(reports.indices.map { .init(direction: .forward, sample: layer.number($0), report: reports[$0]) })
        return y
    }

    /// The gradient of <w, y>: z = A^-T w by b, -z y^T by the coefficients.
    ///
    /// - Parameters:
    ///   - cotangent: w, of y's shape.
    ///   - guess: where the solve starts, or `.zero` for the layer's warm start.
    public func pullback(_ cotangent: Tensor<Scalar>, startingFrom guess: Tensor<Scalar> = .zero) -> Gradient {
        let (z, backward) = solve(.backward, cotangent, guess, keeping: true)
        let gradient = Gradient(stencil: layout.negatedProducts(z, solution), b: z)
        let (ny, nx) = (solution.shape[2], solution.shape[3])
        let repeats = layout.periodicY && ny < 3 || layout.periodicX && nx < 3 ? layout.shape.points : 1
        layer.monitor.add(backward.indices.map { k in
            let error = GradientError(
                forward: reports[k], backward: backward[k], y: solution, z: z, gradient: gradient.stencil, sample: k,
                rowEntries: layout.shape.points * layout.fields, repeats: repeats)
            return .init(direction: .backward, sample: layer.number(k), report: backward[k], gradientError: error)
        })
        return gradient
    }

    /// How `pullback`'s gradient changes along a direction.
    ///
    /// - Parameters:
    ///   - gradient: what `pullback` gave for the cotangent w.
    ///   - cotangent: w', the change of the cotangent, or `.zero`. For a loss L(y) it is L''(y) y'.
    ///   - stencil: A', or `.zero`.
    ///   - tangent: y', what `tangent` gave for the direction (A', b'), or `.zero`.
    public func derivative(
        of gradient: Gradient, cotangent: Tensor<Scalar>, stencil: Tensor<Scalar>, tangent: Tensor<Scalar>
    ) -> Gradient {
        let z = gradient.b
        let right = cotangent - product(stencil, z, transposed: true)
        if right.isSymbolicZero {
            return Gradient(stencil: tangent.isSymbolicZero ? .zero : layout.negatedProducts(z, tangent), b: .zero)
        }
        let (change, reports) = solve(.backward, right, .zero)
        layer.monitor.add(reports.indices.map { .init(direction: .backward, sample: layer.number($0), report: reports[$0]) })
        return Gradient(
            stencil: layout.negatedProducts(change, solution, and: tangent.isSymbolicZero ? nil : (z, tangent)), b: change)
    }

    /// The Hessian of (A, b) -> L(A^-1 b) times a direction (A', b'): two solves beside the gradient's.
    ///
    /// - Parameters:
    ///   - stencil: A', or `.zero`.
    ///   - b: b', or `.zero`.
    ///   - gradient: of L, what `pullback` gave for w = L'(y).
    ///   - curvature: y' to L''(y) y', for y' of y's shape.
    public func hessianVectorProduct(
        stencil: Tensor<Scalar>, b: Tensor<Scalar>, gradient: Gradient, curvature: (Tensor<Scalar>) -> Tensor<Scalar>
    ) -> Gradient {
        let y = tangent(stencil: stencil, b: b)
        return derivative(of: gradient, cotangent: y.isSymbolicZero ? .zero : curvature(y), stencil: stencil, tangent: y)
    }

    // MARK: Samples

    /// A' v or A'^T v, for coefficients A' of the layer's stencil.
    private func product(_ coefficients: Tensor<Scalar>, _ v: Tensor<Scalar>, transposed: Bool) -> Tensor<Scalar> {
        if coefficients.isSymbolicZero { return .zero }
        layout.check(stencil: coefficients, b: v)
        let values = (0..<v.shape[0]).map { k in
            let matrix = layout.matrix(coefficients, sample: k)
            return (transposed ? matrix.transposed() : matrix).apply(v.sample(k))
        }
        return Tensor(shape: v.shape, scalars: values.flatMap(\.self))
    }

    private func solve(
        _ direction: SolveMonitor.Direction, _ b: Tensor<Scalar>, _ guess: Tensor<Scalar>, keeping: Bool = false
    ) -> (solution: Tensor<Scalar>, reports: [SolveReport]) {
        precondition(
            b.shape == solution.shape && (guess.isSymbolicZero || guess.shape == b.shape),
            "right-hand side \(b.shape) and guess \(guess.shape) do not fit a solution \(solution.shape)")
        let (systems, layer) = (systems, layer)
        let solved = Self.forEachSample(systems.count, unknowns: b.count / max(systems.count, 1)) { k in
            Self.solve(systems[k], direction, k, b, guess, layer, keeping: keeping)
        }
        return (Tensor(shape: b.shape, scalars: solved.flatMap(\.solution)), solved.map(\.report))
    }

    /// Sample k's solve. The layer's warm start serves the solution and the adjoint; tangents have directions of their own.
    private static func solve(
        _ system: FactoredSystem<Scalar>, _ direction: SolveMonitor.Direction, _ k: Int, _ b: Tensor<Scalar>, _ guess: Tensor<Scalar>,
        _ layer: LinearImplicit, keeping: Bool = true
    ) -> (solution: [Scalar], report: SolveReport) {
        let store = keeping ? layer.warmStart : nil
        let number = layer.number(k)
        let solved = system.solve(
            direction, b.sample(k), guess: guess.isSymbolicZero ? nil : guess.sample(k), last: store?.last(number, direction))
        if solved.report.isConverged { store?.keep(solved.solution, number, direction) }
        return solved
    }

    /// Results of work on every sample, in order; side by side where it pays.
    private static func forEachSample<Result: Sendable>(_ batch: Int, unknowns: Int, _ work: @Sendable (Int) -> Result) -> [Result] {
        if batch < 2 || unknowns < fewestUnknowns { return (0..<batch).map(work) }
        let results = Slots<Result>(batch)
        // A number of threads that cannot be read is refused where errors can be thrown; here it means one after the other.
        guard (try? concurrentForEach(batch, { results.set($0, work($0)) })) != nil else { return (0..<batch).map(work) }
        return results.values
    }
}

extension LinearImplicit {
    /// The number of the batch's sample k.
    func number(_ k: Int) -> Int { samples?[k] ?? k }
}

extension SolveMonitor.Entry {
    init(direction: SolveMonitor.Direction, sample: Int, report: SolveReport) {
        self.init(direction: direction, sample: sample, report: report, gradientError: nil)
    }
}
