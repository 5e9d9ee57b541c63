import Basics
import Layers
import Optimisation
import Tensors

/// The mean over a batch of weighted squares, L = 1/N sum_k <r_k, W_k r_k>, near some weights: G = 2/N sum_k J_k^T W_k J_k, by products with each sample's
/// tangent-linear and adjoint (Gauss-Newton; Schraudolph 2002).
///
/// A product costs about a tangent and a pullback by the weights of every sample. All fields of the batch's computations are kept.
public struct GaussNewtonBatch<Scalar: TensorScalar>: LocalModel, Sendable {
    /// One sample.
    public struct Part: Sendable {
        let linearisation: Linearisation<Scalar>
        /// Value minus target.
        let residual: Tensor<Scalar>
        /// W, diagonal, of the value's shape.
        let weight: Tensor<Scalar>

        /// - Parameters:
        ///   - target: of the value's shape.
        ///   - weight: W's diagonal, of the same shape, not negative.
        public init(_ linearisation: Linearisation<Scalar>, target: Tensor<Scalar>, weight: Tensor<Scalar>) {
            self.linearisation = linearisation
            residual = linearisation.value - target
            self.weight = weight
        }
    }

    public let value: Double
    public let gradient: [Double]
    public let diagonal: [Double]
    private let parts: [Part]
    private let variables: any ChangeOfVariables
    private let count: Int

    /// - Parameters:
    ///   - parameterCount: of the model.
    ///   - variables: in which gradient, diagonal and products are.
    ///   - seed: of the probes for the diagonal.
    ///   - part: sample k; called side by side.
    public init(
        samples: Int, parameterCount: Int, variables: any ChangeOfVariables, seed: UInt64, _ part: @Sendable (_ k: Int) throws -> Part
    ) throws {
        let made = Slots<Part>(samples)
        try concurrentForEach(samples) { made.set($0, try part($0)) }
        let parts = made.values
        self.parts = parts
        self.variables = variables
        count = parameterCount
        let share = 1 / Double(samples)
        let sum = try BatchGradient(sumOf: samples, parameterCount: parameterCount) { k in
            let weighted = parts[k].residual * parts[k].weight
            return (weighted.dot(parts[k].residual), parts[k].linearisation.pullback(weighted.scaled(by: 2), by: .parameters).parameters)
        }
        value = share * sum.loss
        gradient = variables.gradient(sum.gradient.map { share * $0 })
        diagonal = try Self.diagonal(parts, parameterCount: parameterCount, variables: variables, seed: seed)
    }

    /// G v.
    public func curvature(along direction: [Double]) throws -> [Double] {
        let step = Tensor(shape: [count], scalars: variables.weights(direction)).converted(to: Scalar.self)
        let sum = try BatchGradient(sumOf: parts.count, parameterCount: count) { k -> (loss: Double, gradient: Tensor<Scalar>) in
            let image = parts[k].linearisation.tangent(parameters: step)
            if image.isSymbolicZero { return (0, .zero) }
            return (0, parts[k].linearisation.pullback(image * parts[k].weight, by: .parameters).parameters)
        }
        let share = 2 / Double(parts.count)
        return variables.gradient(sum.gradient.map { share * $0 })
    }

    /// An estimate without bias of G's diagonal: the squares of J_k^T W_k^(1/2) e_k with random signs e_k (Hutchinson 1990; Bekas et al. 2007), one probe a sample.
    private static func diagonal(
        _ parts: [Part], parameterCount: Int, variables: any ChangeOfVariables, seed: UInt64
    ) throws -> [Double] {
        let squares = Slots<[Double]>(parts.count)
        try concurrentForEach(parts.count) { k in
            var stream = RandomStream(seed: seed, purpose: "Gauss-Newton diagonal", index: k)
            let part = parts[k]
            let probe = Tensor(shape: part.weight.shape, scalars: part.weight.scalars.map { weight in
                stream.next() & 1 == 0 ? weight.squareRoot() : -weight.squareRoot()
            })
            let image = part.linearisation.pullback(probe, by: .parameters).parameters
            var sums = [Double](repeating: 0, count: parameterCount)
            if !image.isSymbolicZero { image.add(to: &sums) }
            squares.set(k, variables.gradient(sums).map { $0 * $0 })
        }
        var total = [Double](repeating: 0, count: parameterCount)
        for square in squares.values { add(2 / Double(parts.count), square, to: &total) }
        return total
    }
}
