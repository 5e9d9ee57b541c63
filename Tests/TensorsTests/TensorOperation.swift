import Tensors
import TestSupport
import Testing
import _Differentiation

/// Every differentiable operation of the room, in one table; the properties of `DifferentiationTests` hold for each.
enum TensorOperation: String, CaseIterable, CustomTestStringConvertible {
    case add, subtract, multiply, scaled, masked, inner, meanSquaredError, channels, concatenated, pairwiseProducts, block, rectified
    case convolved1, convolved3, convolved5

    var testDescription: String { rawValue }

    /// What joins the results of a batch: one result per sample, their sum, or neither.
    enum BatchRule { case stacked, summed, none }

    var batchRule: BatchRule {
        switch self {
        case .inner: .summed
        case .meanSquaredError, .block: .none
        default: .stacked
        }
    }

    /// Shapes of the inputs: first those that the operation is differentiated by, then constants.
    var shapes: [[Int]] {
        let field = [2, 5, 3, 7]
        switch self {
        case .add, .subtract, .multiply, .masked, .inner: return [field, field]
        case .meanSquaredError: return [field, field, field]
        case .scaled, .channels, .pairwiseProducts, .rectified: return [field]
        case .concatenated: return [field, [2, 2, 3, 7]]
        case .block: return [[40]]
        case .convolved1: return [field, [3, 5, 1, 1], [3]]
        case .convolved3: return [field, [3, 5, 3, 3], [3]]
        case .convolved5: return [field, [3, 5, 5, 5], [3]]
        }
    }

    /// Whether an input has a batch, or is shared by all samples.
    func isShared(_ input: Int) -> Bool {
        switch self {
        case .convolved1, .convolved3, .convolved5: input > 0
        default: false
        }
    }

    var inputs: [Tensor<Double>] {
        var inputs = shapes.enumerated().map { sampleTensor($1, index: $0) }
        // The rectifier has no derivative at its kink: values keep away from it.
        if self == .rectified { inputs[0].scalars = inputs[0].scalars.map { $0 < 0 ? $0 - 0.125 : $0 + 0.125 } }
        // Weights of a mean are not negative.
        if self == .meanSquaredError { inputs[2].scalars = inputs[2].scalars.map(abs) }
        return inputs
    }

    func linearised<Scalar: TensorScalar>(_ x: [Tensor<Scalar>]) -> Linearised<Scalar> {
        switch self {
        case .add: return Linearised(at: x[0], x[1]) { $0 + $1 }
        case .subtract: return Linearised(at: x[0], x[1]) { $0 - $1 }
        case .multiply: return Linearised(at: x[0], x[1]) { $0 * $1 }
        case .scaled: return Linearised(at: x[0]) { $0.scaled(by: -1.75) }
        case .masked: return Linearised(at: x[0]) { $0.masked(by: x[1]) }
        case .inner: return Linearised(at: x[0], number: { $0.inner(x[1]) })
        case .meanSquaredError: return Linearised(at: x[0], number: { $0.meanSquaredError(to: x[1], weight: x[2]) })
        case .channels: return Linearised(at: x[0]) { $0.channels(1..<4) }
        case .concatenated: return Linearised(at: x[0], x[1]) { $0.concatenated(with: $1) }
        case .pairwiseProducts: return Linearised(at: x[0]) { $0.pairwiseProducts(2) }
        case .block: return Linearised(at: x[0]) { $0.block(4..<34, shape: [5, 6]) }
        case .rectified: return Linearised(at: x[0]) { $0.rectified() }
        case .convolved1, .convolved3, .convolved5: return Linearised(at: x[0], x[1], x[2]) { $0.convolved(with: $1, bias: $2) }
        }
    }
}
