/// A function near a point, by its value, its gradient and the products of a positive semidefinite matrix G that stands for its second derivative: of a sum of
/// squares the Gauss-Newton matrix, twice J^T J.
public protocol LocalModel {
    var value: Double { get }
    var gradient: [Double] { get }
    /// G's diagonal, or an estimate of it; not negative.
    var diagonal: [Double] { get }
    /// G times a vector.
    func curvature(along direction: [Double]) throws -> [Double]
}

/// The method of Levenberg (1944) and Marquardt (1963) with inner conjugate gradients, for sums of squares whose Jacobian is known by its products.
///
/// A step solves (G + damping D) step = -gradient with D the diagonal of G, kept away from zero. The damping falls where the function
/// falls as the quadratic model says, and grows where it does not; a step that would raise the function is not taken (Nocedal and Wright 2006, sections 4.1 and 10.3).
public struct LevenbergMarquardt: Equatable, Sendable {
    public struct Settings: Equatable, Sendable {
        /// Of the first step, relative to D.
        public var initialDamping: Double
        public var leastDamping: Double
        /// Least of D's elements, as a share of their mean. A factor of a product whose other factor is still near zero shows no curvature: measured by its own
        /// alone it would take steps without bound, from which the product never recovers.
        public var leastScale: Double
        public var solver: ConjugateGradients

        public init(
            initialDamping: Double = 3, leastDamping: Double = 1e-10, leastScale: Double = 0.1,
            solver: ConjugateGradients = ConjugateGradients(tolerance: 1e-4, maximumIterations: 200, leastGain: 5e-4)
        ) {
            self.initialDamping = initialDamping
            self.leastDamping = leastDamping
            self.leastScale = leastScale
            self.solver = solver
        }
    }

    /// What a step did.
    public struct Report: Equatable, Sendable {
        /// Of the function, before and after the step that was tried; after may be infinite.
        public var before: Double
        public var after: Double
        /// How much the function fell as a share of what the quadratic model promised.
        public var ratio: Double
        /// Whether the step was taken.
        public var isTaken: Bool
        /// Of the step that was tried.
        public var damping: Double
        public var innerIterations: Int
        public var innerResidual: Double
    }

    public var settings: Settings
    /// Of the next step.
    public private(set) var damping: Double
    /// Steps tried.
    public private(set) var updates: Int

    public init(_ settings: Settings = Settings()) {
        self.settings = settings
        damping = settings.initialDamping
        updates = 0
    }

    /// As saved in a checkpoint.
    public init(_ settings: Settings, damping: Double, updates: Int) {
        self.settings = settings
        self.damping = damping
        self.updates = updates
    }

    /// The step from where `model` is taken; zeros where the one that was tried would have raised the function.
    ///
    /// - Parameter value: the function at a step from there; what is not finite counts as a failure of the step.
    public mutating func step(
        from model: some LocalModel, value: (_ step: [Double]) throws -> Double
    ) throws -> (step: [Double], report: Report) {
        updates += 1
        let used = damping
        let scale = scale(model.diagonal)
        let solution = try settings.solver.solve(
            model.gradient.map { -$0 },
            preconditioner: { residual in residual.indices.map { residual[$0] / ((1 + used) * scale[$0]) } },
            product: { direction in
                var image = try model.curvature(along: direction)
                for k in image.indices { image[k] += used * scale[k] * direction[k] }
                return image
            })
        // The model without its damping: <g, s> + <s, G s>/2 = q(s) - damping <s, D s>/2.
        let promised = -(solution.quadratic - 0.5 * used * solution.x.indices.reduce(0) { $0 + scale[$1] * solution.x[$1] * solution.x[$1] })
        let after = try value(solution.x)
        let ratio = promised > 0 && after.isFinite ? (model.value - after) / promised : -.infinity
        let isTaken = ratio > 1e-3
        if ratio > 0.75 {
            damping = max(settings.leastDamping, used / 3)
        } else if !after.isFinite || ratio < -1 {
            damping = used * 16
        } else if ratio < 0.25 {
            damping = used * 4
        }
        return (
            isTaken ? solution.x : [Double](repeating: 0, count: solution.x.count),
            Report(
                before: model.value, after: after, ratio: ratio, isTaken: isTaken, damping: used, innerIterations: solution.iterations,
                innerResidual: solution.relativeResidual)
        )
    }

    /// D.
    private func scale(_ diagonal: [Double]) -> [Double] {
        let mean = diagonal.reduce(0, +) / Double(max(1, diagonal.count))
        let floor = max(settings.leastScale * mean, .leastNormalMagnitude)
        return diagonal.map { max($0, floor) }
    }
}
