import Tensors
import TestSupport
import Testing
import _Differentiation

/// Every differentiable operation of the room, in one table; the properties of `DifferentiationTests` hold for each.
enum TensorOperation: Hashable, CustomTestStringConvertible {
    case add, subtract, multiply, divide, scaled, masked, addingPerChannel, multipliedPerChannel
    case inner, sum, mean, norm, meanSquaredError, spatialMeans
    case channels, concatenated, pairwiseProducts, block, reshaped
    case activated(Activation), rectified, squareplus
    case averagePooled, maximumPooled, upsampled(Upsampling, Padding), lineAveragePooled, lineMaximumPooled, lineUpsampled(Upsampling, Padding)
    case convolved(kernel: Int, padding: Padding, dilation: Int, activation: Activation)
    /// 3x3 of many channels and long rows, which are filtered.
    case convolvedWide(Padding, Activation)
    case convolvedLine(kernel: Int, padding: Padding, dilation: Int)
    case strided(kernel: Int, padding: Padding, stride: Int, dilation: Int), stridedLine(kernel: Int, padding: Padding, stride: Int)
    case transposed(kernel: Int, padding: Padding, stride: Int, dilation: Int, activation: Activation)
    case transposedLine(kernel: Int, padding: Padding, stride: Int)
    case dense(Activation)
    case groupNormalised(groups: Int), layerNormalised, featuresNormalised

    static let all: [TensorOperation] =
        [
            .add, .subtract, .multiply, .divide, .scaled, .masked, .addingPerChannel, .multipliedPerChannel, .inner, .sum, .mean, .norm,
            .meanSquaredError, .spatialMeans, .channels, .concatenated, .pairwiseProducts, .block, .reshaped, .rectified, .squareplus, .averagePooled,
            .maximumPooled, .lineAveragePooled, .lineMaximumPooled, .groupNormalised(groups: 3), .groupNormalised(groups: 6), .layerNormalised,
            .featuresNormalised,
        ] + Activation.allCases.map { .activated($0) } + [(Upsampling.nearest, Padding.replicate), (.bilinear, .replicate), (.bilinear, .circular), (.bilinear, .zero)].flatMap {
            [.upsampled($0, $1), .lineUpsampled($0, $1)]
        }
        + Padding.allCases.flatMap { padding in
            [(1, 1), (3, 1), (3, 2), (5, 1), (5, 3)].map { .convolved(kernel: $0, padding: padding, dilation: $1, activation: .none) }
                + [(1, 1), (3, 1), (5, 2)].map { .convolvedLine(kernel: $0, padding: padding, dilation: $1) }
                + [.convolvedWide(padding, .none)] + Self.strides(padding)
        } + Activation.allCases.flatMap { [
                .convolved(kernel: 3, padding: .zero, dilation: 1, activation: $0), .convolvedWide(.zero, $0), .dense($0),
                .transposed(kernel: 3, padding: .circular, stride: 2, dilation: 1, activation: $0),
            ]
        }

    /// Strided convolutions and transposed ones. Kernels wider and narrower than the stride, even ones, taps that meet only some of the cells.
    private static func strides(_ padding: Padding) -> [TensorOperation] {
        [(1, 2, 1), (2, 2, 1), (3, 2, 1), (4, 2, 1), (5, 2, 2), (3, 3, 2), (5, 3, 1)].flatMap { kernel, stride, dilation -> [TensorOperation] in
            [
                .strided(kernel: kernel, padding: padding, stride: stride, dilation: dilation),
                .transposed(kernel: kernel, padding: padding, stride: stride, dilation: dilation, activation: .none),
            ]
        } + [
            .transposed(kernel: 3, padding: padding, stride: 1, dilation: 1, activation: .none), .stridedLine(kernel: 4, padding: padding, stride: 2),
            .transposedLine(kernel: 4, padding: padding, stride: 2),
        ]
    }

    var testDescription: String { "\(self)" }

    /// What joins the results of a batch: one result per sample, their sum, or neither.
    enum BatchRule { case stacked, summed, none }

    var batchRule: BatchRule {
        switch self {
        case .inner, .sum: .summed
        case .meanSquaredError, .block, .mean, .norm: .none
        default: .stacked
        }
    }

    /// Whether the result is a number.
    var isNumber: Bool { [.inner, .sum, .mean, .norm, .meanSquaredError].contains(self) }

    /// The degree of the operation as a polynomial where it is one of at most 2: then a difference has no truncation error.
    var isQuadratic: Bool {
        switch self {
        case .divide, .norm, .activated, .rectified, .squareplus, .maximumPooled, .lineMaximumPooled, .groupNormalised, .layerNormalised,
            .featuresNormalised:
            false
        case .convolved(_, _, _, let activation), .convolvedWide(_, let activation), .dense(let activation), .transposed(_, _, _, _, let activation):
            activation == .none
        default: true
        }
    }

    /// Shapes of the inputs: first those that the operation is differentiated by, then constants.
    ///
    /// - Parameter large: of sizes that are shared by several threads.
    func shapes(large: Bool) -> [[Int]] {
        let field = large ? [2, 6, 300, 310] : [2, 6, 5, 7]
        let line = [field[0], field[1], field[2] * field[3]]
        switch self {
        case .add, .subtract, .multiply, .divide, .masked, .inner: return [field, field]
        case .meanSquaredError: return [field, field, field]
        case .addingPerChannel, .multipliedPerChannel: return [field, [6]]
        case .concatenated: return [field, [2, 2] + field[2...]]
        case .block: return [[40]]
        case .convolved(let kernel, _, _, _): return [field, [3, 6, kernel, kernel], [3]]
        case .convolvedWide: return [large ? [2, 12, 150, 155] : [2, 12, 7, 35], [16, 12, 3, 3], [16]]
        case .strided(let kernel, _, _, _): return [field, [3, 6, kernel, kernel], [3]]
        case .transposed(let kernel, _, _, _, _): return [field, [6, 3, kernel, kernel], [3]]
        case .convolvedLine(let kernel, _, _), .stridedLine(let kernel, _, _): return [line, [3, 6, kernel], [3]]
        case .transposedLine(let kernel, _, _): return [line, [6, 3, kernel], [3]]
        case .dense: return large ? [[16, 2100], [700, 2100], [700]] : [[2, 37], [11, 37], [11]]
        case .groupNormalised, .layerNormalised: return [field, [6], [6]]
        case .featuresNormalised: return large ? [[2000, 300], [300], [300]] : [[2, 6], [6], [6]]
        case .lineAveragePooled, .lineMaximumPooled, .lineUpsampled: return [line]
        default: return [field]
        }
    }

    /// Whether an input has a batch, or is shared by all samples.
    func isShared(_ input: Int) -> Bool {
        switch self {
        case .convolved, .convolvedWide, .convolvedLine, .strided, .stridedLine, .transposed, .transposedLine, .dense, .groupNormalised,
            .layerNormalised, .featuresNormalised, .addingPerChannel, .multipliedPerChannel:
            input > 0
        default: false
        }
    }

    func inputs(large: Bool = false) -> [Tensor<Double>] {
        var inputs = shapes(large: large).enumerated().map { sampleTensor($1, index: $0) }
        // The rectifier has no derivative at its kink: values keep away from it.
        if self == .rectified || self == .activated(.rectifier) { inputs[0].scalars = inputs[0].scalars.map { $0 < 0 ? $0 - 0.125 : $0 + 0.125 } }
        if self == .divide { inputs[1].scalars = inputs[1].scalars.map { $0 < 0 ? $0 - 1 : $0 + 1 } }
        // Sums of many terms of the order of one, as those of few terms are.
        if case .convolvedWide = self { inputs[1] = inputs[1].scaled(by: 0.03125) }
        // Weights of a mean are not negative.
        if self == .meanSquaredError { inputs[2].scalars = inputs[2].scalars.map(abs) }
        return inputs
    }

    /// How many of the inputs the operation is differentiated by.
    var variables: Int {
        switch self {
        case .masked, .inner, .meanSquaredError: 1
        default: shapes(large: false).count
        }
    }

    /// The finer extents of an upsampling: one axis even, one odd.
    static func refined<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> [Int] { x.shape[2...].enumerated().map { $0 == 0 ? 2 * $1 - 1 : 2 * $1 } }

    /// The extents of a transposed convolution: along one axis the least that the field is every stride-th cell of, along the other the most.
    static func widened<Scalar: TensorScalar>(_ x: Tensor<Scalar>, _ stride: Int) -> [Int] {
        x.shape[2...].enumerated().map { $0 == 0 ? stride * ($1 - 1) + 1 : stride * $1 }
    }

    /// A shape of as many elements.
    static func flattened<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> [Int] { [x.shape[0], x.count / x.shape[0]] }
}
