import Basics
import Synchronization
import Tensors

/// A loss over a batch and its gradient by the parameters: what a step of training needs.
///
/// Samples do not see each other, so a batch is taken in parts, side by side: while a part is differentiated its fields stay in the cache of its
/// core, and only the parts that are being worked on are in memory. The cut follows from shapes alone and parts are added in their order, so no bit
/// depends on the number of threads.
public struct BatchGradient: Equatable, Sendable {
    public private(set) var loss: Double
    /// In the order of the `ParameterLayout`.
    public private(set) var gradient: [Double]

    /// The sum over parts of their losses and gradients, for each by `Linearisation.gradient`.
    ///
    /// - Parameters:
    ///   - parts: how many there are.
    ///   - parameterCount: of the model.
    ///   - part: loss of part k and its gradient by the parameters, which may be `.zero`; called side by side.
    public init<Scalar: TensorScalar>(
        sumOf parts: Int, parameterCount: Int, _ part: @Sendable (_ k: Int) throws -> (loss: Double, gradient: Tensor<Scalar>)
    ) throws {
        loss = 0
        gradient = [Double](repeating: 0, count: parameterCount)
        let sum = Mutex(OrderedSum<Scalar>(loss: loss, gradient: gradient))
        if parts < ThreadCount.free {
            // Too few for all cores: each takes them all.
            for k in 0..<parts {
                let value = try part(k)
                sum.withLock { $0.add(k, value) }
            }
        } else {
            try concurrentForEach(parts) { k in
                let value = try part(k)
                sum.withLock { $0.add(k, value) }
            }
        }
        (loss, gradient) = sum.withLock { ($0.loss, $0.gradient) }
    }

    /// Loss and gradient times `factor`, to make a mean of a sum.
    public mutating func scale(by factor: Double) {
        loss *= factor
        for k in gradient.indices { gradient[k] *= factor }
    }

    /// In how many parts a batch is taken: one for each sample, but of small fields, as rings of Lorenz '96, a power of two with at least 512
    /// cells each, since what surrounds the arithmetic takes its time too.
    public static func parts(of shape: [Int]) -> Int {
        let batch = shape.first ?? 1
        let worthwhile = shape.isEmpty ? 1 : batch * shape.dropFirst(2).reduce(1, *) / 512
        return max(1, batch <= worthwhile ? batch : 1 << (max(1, worthwhile).bitWidth - 1 - max(1, worthwhile).leadingZeroBitCount))
    }
}

/// A sum whose terms come in any order and are added in theirs: those that came too early wait, as few as there are threads.
private struct OrderedSum<Scalar: TensorScalar>: Sendable {
    var loss: Double
    var gradient: [Double]
    private var next = 0
    private var early: [Int: (loss: Double, gradient: Tensor<Scalar>)] = [:]

    init(loss: Double, gradient: [Double]) {
        self.loss = loss
        self.gradient = gradient
    }

    mutating func add(_ k: Int, _ term: (loss: Double, gradient: Tensor<Scalar>)) {
        early[k] = term
        while let term = early.removeValue(forKey: next) {
            loss += term.loss
            if !term.gradient.isSymbolicZero { term.gradient.add(to: &gradient) }
            next += 1
        }
    }
}

extension Block {
    /// A loss over a batch and its gradient by the parameters.
    ///
    /// - Parameters:
    ///   - parameters: all weights of the model, one vector in the order of its `ParameterLayout`.
    ///   - x: the inputs, the batch first.
    ///   - loss: gets the block's value for some samples of the batch and which they are; gives their share of the loss and its derivative by the
    ///     value. Called side by side.
    /// - Throws: where the number of threads cannot be read.
    public func batchGradient<Scalar: TensorScalar>(
        _ parameters: Tensor<Scalar>, at x: Tensor<Scalar>,
        loss: @Sendable (_ value: Tensor<Scalar>, _ samples: Range<Int>) -> (loss: Double, cotangent: Tensor<Scalar>)
    ) throws -> BatchGradient {
        let (batch, parts) = (x.shape.first ?? 1, BatchGradient.parts(of: x.shape))
        return try BatchGradient(sumOf: parts, parameterCount: parameters.count) { k in
            let samples = batch * k / parts..<batch * (k + 1) / parts
            var share = 0.0
            let gradient = Linearisation.gradient(parameters: parameters, input: x.samples(samples), by: .parameters, of: { self($0, $1) }) { value in
                let (loss, cotangent) = loss(value, samples)
                share = loss
                return cotangent
            }
            return (share, gradient.parameters)
        }
    }
}
