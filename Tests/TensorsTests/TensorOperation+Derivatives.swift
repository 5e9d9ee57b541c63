import Tensors
import TestSupport
import _Differentiation

extension TensorOperation {
    /// The operation's value and pullback, as Swift's differentiation finds them.
    func linearised<Scalar: TensorScalar>(_ x: [Tensor<Scalar>]) -> Linearised<Scalar> {
        switch self {
        case .add: return Linearised(at: x[0], x[1]) { $0 + $1 }
        case .subtract: return Linearised(at: x[0], x[1]) { $0 - $1 }
        case .multiply: return Linearised(at: x[0], x[1]) { $0 * $1 }
        case .divide: return Linearised(at: x[0], x[1]) { $0 / $1 }
        case .scaled: return Linearised(at: x[0]) { $0.scaled(by: -1.75) }
        case .masked: return Linearised(at: x[0]) { $0.masked(by: x[1]) }
        case .addingPerChannel: return Linearised(at: x[0], x[1]) { $0.adding(perChannel: $1) }
        case .multipliedPerChannel: return Linearised(at: x[0], x[1]) { $0.multiplied(perChannel: $1) }
        case .inner: return Linearised(at: x[0], number: { $0.inner(x[1]) })
        case .sum: return Linearised(at: x[0], number: { $0.sum() })
        case .mean: return Linearised(at: x[0], number: { $0.mean() })
        case .norm: return Linearised(at: x[0], number: { $0.norm() })
        case .meanSquaredError: return Linearised(at: x[0], number: { $0.meanSquaredError(to: x[1], weight: x[2]) })
        case .spatialMeans: return Linearised(at: x[0]) { $0.spatialMeans() }
        case .channels: return Linearised(at: x[0]) { $0.channels(1..<4) }
        case .concatenated: return Linearised(at: x[0], x[1]) { $0.concatenated(with: $1) }
        case .pairwiseProducts: return Linearised(at: x[0]) { $0.pairwiseProducts(2) }
        case .block: return Linearised(at: x[0]) { $0.block(4..<34, shape: [5, 6]) }
        case .reshaped:
            let shape = Self.flattened(x[0])
            return Linearised(at: x[0]) { $0.reshaped(to: shape) }
        case .activated(let activation): return Linearised(at: x[0]) { $0.activated(by: activation) }
        case .rectified: return Linearised(at: x[0]) { $0.rectified() }
        case .squareplus: return Linearised(at: x[0]) { $0.squareplus() }
        case .averagePooled, .lineAveragePooled: return Linearised(at: x[0]) { $0.averagePooled() }
        case .maximumPooled, .lineMaximumPooled: return Linearised(at: x[0]) { $0.maximumPooled() }
        case .upsampled(let method, let edges), .lineUpsampled(let method, let edges):
            let extents = Self.refined(x[0])
            return Linearised(at: x[0]) { $0.upsampled(to: extents, by: method, edges: edges) }
        case .convolved(_, let padding, let dilation, let activation):
            return Linearised(at: x[0], x[1], x[2]) {
                $0.convolved(with: $1, bias: $2, padding: padding, dilation: dilation, activation: activation)
            }
        case .convolvedWide(let padding, let activation):
            return Linearised(at: x[0], x[1], x[2]) { $0.convolved(with: $1, bias: $2, padding: padding, activation: activation) }
        case .convolvedLine(_, let padding, let dilation):
            return Linearised(at: x[0], x[1], x[2]) { $0.convolved(with: $1, bias: $2, padding: padding, dilation: dilation) }
        case .strided(_, let padding, let stride, let dilation):
            return Linearised(at: x[0], x[1], x[2]) {
                $0.convolved(with: $1, bias: $2, padding: padding, stride: stride, dilation: dilation)
            }
        case .stridedLine(_, let padding, let stride):
            return Linearised(at: x[0], x[1], x[2]) { $0.convolved(with: $1, bias: $2, padding: padding, stride: stride) }
        case .transposed(_, let padding, let stride, let dilation, let activation):
            let extents = Self.widened(x[0], stride)
            return Linearised(at: x[0], x[1], x[2]) {
                $0.transposeConvolved(
                    to: extents, with: $1, bias: $2, padding: padding, stride: stride, dilation: dilation, activation: activation)
            }
        case .transposedLine(_, let padding, let stride):
            let extents = Self.widened(x[0], stride)
            return Linearised(at: x[0], x[1], x[2]) { $0.transposeConvolved(to: extents, with: $1, bias: $2, padding: padding, stride: stride) }
        case .dense(let activation): return Linearised(at: x[0], x[1], x[2]) { $0.dense(with: $1, bias: $2, activation: activation) }
        case .groupNormalised(let groups):
            return Linearised(at: x[0], x[1], x[2]) { $0.groupNormalised(groups: groups, scale: $1, shift: $2) }
        case .layerNormalised, .featuresNormalised: return Linearised(at: x[0], x[1], x[2]) { $0.layerNormalised(scale: $1, shift: $2) }
        }
    }

    /// The tangent-linear at `x` along `d`, one direction for every variable. Operations that are linear are their own.
    func tangent<Scalar: TensorScalar>(_ x: [Tensor<Scalar>], _ d: [Tensor<Scalar>]) -> Tensor<Scalar> {
        func number(_ value: Scalar) -> Tensor<Scalar> { Tensor(shape: [1], scalars: [value]) }
        switch self {
        case .add: return d[0] + d[1]
        case .subtract: return d[0] - d[1]
        case .multiply: return x[0].multiplyTangent(x[1], along: d[0], d[1])
        case .divide: return x[0].divideTangent(x[1], along: d[0], d[1])
        case .addingPerChannel: return x[0].addingTangent(along: d[0], perChannel: d[1])
        case .multipliedPerChannel: return x[0].multipliedTangent(perChannel: x[1], along: d[0], perChannel: d[1])
        case .norm: return number(x[0].normTangent(along: d[0]))
        case .meanSquaredError: return number(x[0].meanSquaredErrorTangent(to: x[1], weight: x[2], along: d[0]))
        case .concatenated: return x[0].concatenatedTangent(with: x[1], along: d[0], d[1])
        case .pairwiseProducts: return x[0].pairwiseProductsTangent(2, along: d[0])
        case .activated(let activation): return x[0].activatedTangent(by: activation, along: d[0])
        case .rectified: return x[0].activatedTangent(by: .rectifier, along: d[0])
        case .squareplus: return x[0].activatedTangent(by: .squareplus, along: d[0])
        case .maximumPooled, .lineMaximumPooled: return x[0].maximumPooledTangent(along: d[0])
        case .convolved(_, let padding, let dilation, let activation):
            return x[0].convolvedTangent(
                with: x[1], bias: x[2], padding: padding, dilation: dilation, activation: activation, along: d[0], weights: d[1], bias: d[2])
        case .convolvedWide(let padding, let activation):
            return x[0].convolvedTangent(
                with: x[1], bias: x[2], padding: padding, activation: activation, along: d[0], weights: d[1], bias: d[2])
        case .convolvedLine(_, let padding, let dilation):
            return x[0].convolvedTangent(
                with: x[1], bias: x[2], padding: padding, dilation: dilation, along: d[0], weights: d[1], bias: d[2])
        case .strided(_, let padding, let stride, let dilation):
            return x[0].convolvedTangent(
                with: x[1], bias: x[2], padding: padding, stride: stride, dilation: dilation, along: d[0], weights: d[1], bias: d[2])
        case .stridedLine(_, let padding, let stride):
            return x[0].convolvedTangent(with: x[1], bias: x[2], padding: padding, stride: stride, along: d[0], weights: d[1], bias: d[2])
        case .transposed(_, let padding, let stride, let dilation, let activation):
            return x[0].transposeConvolvedTangent(
                to: Self.widened(x[0], stride), with: x[1], bias: x[2], padding: padding, stride: stride, dilation: dilation,
                activation: activation, along: d[0], weights: d[1], bias: d[2])
        case .transposedLine(_, let padding, let stride):
            return x[0].transposeConvolvedTangent(
                to: Self.widened(x[0], stride), with: x[1], bias: x[2], padding: padding, stride: stride, along: d[0], weights: d[1], bias: d[2])
        case .dense(let activation):
            return x[0].denseTangent(with: x[1], bias: x[2], activation: activation, along: d[0], weights: d[1], bias: d[2])
        case .groupNormalised(let groups):
            return x[0].groupNormalisedTangent(groups: groups, scale: x[1], shift: x[2], along: d[0], scale: d[1], shift: d[2])
        case .layerNormalised, .featuresNormalised:
            return x[0].groupNormalisedTangent(groups: 1, scale: x[1], shift: x[2], along: d[0], scale: d[1], shift: d[2])
        default: return linearised([d[0]] + x.dropFirst()).value
        }
    }
}
