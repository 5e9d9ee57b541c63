import Foundation
import Tensors
import TestSupport

extension TensorOperation {
    /// The operation in loops that follow its definition one number at a time, in double precision.
    func definition(_ x: [Tensor<Double>]) -> Tensor<Double> {
        let a = Grid(x[0])
        func number(_ value: Double) -> Tensor<Double> { Tensor(shape: [1], scalars: [value]) }
        func mapped(_ f: (Double) -> Double) -> Tensor<Double> { Tensor(shape: x[0].shape, scalars: x[0].scalars.map(f)) }
        func combined(_ f: (Double, Double) -> Double) -> Tensor<Double> {
            Tensor(shape: x[0].shape, scalars: zip(x[0].scalars, x[1].scalars).map(f))
        }
        switch self {
        case .add: return combined { $0 + $1 }
        case .subtract: return combined { $0 - $1 }
        case .multiply, .masked: return combined { $0 * $1 }
        case .divide: return combined { $0 / $1 }
        case .scaled: return mapped { -1.75 * $0 }
        case .addingPerChannel: return a.made(a.channels, a.ny, a.nx) { a[$0, $1, $2, $3] + x[1].scalars[$1] }
        case .multipliedPerChannel: return a.made(a.channels, a.ny, a.nx) { a[$0, $1, $2, $3] * x[1].scalars[$1] }
        case .inner: return number(zip(x[0].scalars, x[1].scalars).map { $0 * $1 }.reduce(0, +))
        case .sum: return number(x[0].scalars.reduce(0, +))
        case .mean: return number(x[0].scalars.reduce(0, +) / Double(x[0].count))
        case .norm: return number(x[0].scalars.map { $0 * $0 }.reduce(0, +).squareRoot())
        case .meanSquaredError:
            let errors = zip(zip(x[0].scalars, x[1].scalars), x[2].scalars).map { $1 * ($0.0 - $0.1) * ($0.0 - $0.1) }
            return number(errors.reduce(0, +) / x[2].scalars.reduce(0, +))
        case .spatialMeans:
            return a.made(a.channels, 1, 1) { b, c, _, _ in a.mean(b, c...c) { $0 } }.reshaped(to: [a.batch, a.channels])
        case .channels: return a.made(3, a.ny, a.nx) { a[$0, $1 + 1, $2, $3] }
        case .concatenated:
            let second = Grid(x[1])
            return a.made(a.channels + second.channels, a.ny, a.nx) {
                $1 < a.channels ? a[$0, $1, $2, $3] : second[$0, $1 - a.channels, $2, $3]
            }
        case .pairwiseProducts:
            return a.made(a.channels - 2, a.ny, a.nx) {
                $1 < 2 ? a[$0, 2 * $1, $2, $3] * a[$0, 2 * $1 + 1, $2, $3] : a[$0, $1 + 2, $2, $3]
            }
        case .block: return Tensor(shape: [5, 6], scalars: Array(x[0].scalars[4..<34]))
        case .reshaped: return Tensor(shape: Self.flattened(x[0]), scalars: x[0].scalars)
        case .activated(let activation): return mapped { Self.activated($0, activation) }
        case .rectified: return mapped { max($0, 0) }
        case .squareplus: return mapped { ($0 + ($0 * $0 + 4).squareRoot()) / 2 }
        case .averagePooled, .lineAveragePooled: return a.pooled { $0.reduce(0, +) / Double($0.count) }
        case .maximumPooled, .lineMaximumPooled: return a.pooled { $0.max()! }
        case .upsampled(let method, let edges), .lineUpsampled(let method, let edges): return a.upsampled(to: Self.refined(x[0]), method, edges)
        case .convolved(_, let padding, let dilation, let activation):
            return a.convolved(x[1], x[2], padding, 1, dilation) { Self.activated($0, activation) }
        case .convolvedWide(let padding, let activation): return a.convolved(x[1], x[2], padding, 1, 1) { Self.activated($0, activation) }
        case .convolvedLine(_, let padding, let dilation): return a.convolved(x[1], x[2], padding, 1, dilation) { $0 }
        case .strided(_, let padding, let stride, let dilation): return a.convolved(x[1], x[2], padding, stride, dilation) { $0 }
        case .stridedLine(_, let padding, let stride): return a.convolved(x[1], x[2], padding, stride, 1) { $0 }
        case .transposed(_, let padding, let stride, let dilation, let activation):
            return a.spread(x[1], x[2], padding, stride, dilation, to: Self.widened(x[0], stride)) { Self.activated($0, activation) }
        case .transposedLine(_, let padding, let stride):
            return a.spread(x[1], x[2], padding, stride, 1, to: Self.widened(x[0], stride)) { $0 }
        case .dense(let activation):
            let (inputs, outputs) = (x[0].shape[1], x[1].shape[0])
            return Tensor(shape: [x[0].shape[0], outputs], scalars: (0..<x[0].shape[0] * outputs).map { k in
                let products = (0..<inputs).map { x[0].scalars[k / outputs * inputs + $0] * x[1].scalars[k % outputs * inputs + $0] }
                return Self.activated(products.reduce(x[2].scalars[k % outputs], +), activation)
            })
        case .groupNormalised(let groups): return a.normalised(groups, x[1], x[2])
        case .layerNormalised, .featuresNormalised: return a.normalised(1, x[1], x[2])
        }
    }

    private static func activated(_ x: Double, _ activation: Activation) -> Double {
        switch activation {
        case .none: x
        case .rectifier: max(x, 0)
        case .gelu: x * erfc(-x / 2.0.squareRoot()) / 2
        case .softplus: log1p(exp(x))
        case .squareplus: (x + (x * x + 4).squareRoot()) / 2
        case .tanh: tanh(x)
        }
    }
}

/// A field [batch, channel, y, x], a line or features, by its four indices.
private struct Grid {
    let batch: Int
    let channels: Int
    let ny: Int
    let nx: Int
    private let tensor: Tensor<Double>

    init(_ tensor: Tensor<Double>) {
        self.tensor = tensor
        let shape = tensor.shape
        (batch, channels) = (shape[0], shape.count > 1 ? shape[1] : 1)
        (ny, nx) = (shape.count == 4 ? shape[2] : 1, shape.count > 2 ? shape[shape.count - 1] : 1)
    }

    subscript(b: Int, c: Int, y: Int, x: Int) -> Double { tensor.scalars[((b * channels + c) * ny + y) * nx + x] }

    func made(_ channels: Int, _ ny: Int, _ nx: Int, _ value: (Int, Int, Int, Int) -> Double) -> Tensor<Double> {
        let extents = tensor.shape.count == 4 ? [ny, nx] : tensor.shape.count == 3 ? [nx] : []
        var scalars: [Double] = []
        for b in 0..<batch { for c in 0..<channels { for y in 0..<ny { for x in 0..<nx { scalars.append(value(b, c, y, x)) } } } }
        return Tensor(shape: [batch, channels] + extents, scalars: scalars)
    }

    func mean(_ b: Int, _ channels: ClosedRange<Int>, _ f: (Double) -> Double) -> Double {
        var sum = 0.0
        for c in channels { for y in 0..<ny { for x in 0..<nx { sum += f(self[b, c, y, x]) } } }
        return sum / Double(channels.count * ny * nx)
    }

    func pooled(_ f: ([Double]) -> Double) -> Tensor<Double> {
        made(channels, (ny + 1) / 2, (nx + 1) / 2) { b, c, y, x in
            f((2 * y..<min(ny, 2 * y + 2)).flatMap { y in (2 * x..<min(nx, 2 * x + 2)).map { self[b, c, y, $0] } })
        }
    }

    /// Linear interpolation between centres of cells, or the cell that a finer one lies in.
    func upsampled(to extents: [Int], _ method: Upsampling, _ edges: Padding) -> Tensor<Double> {
        func hats(_ k: Int, _ n: Int) -> [(Int, Double)] {
            if method == .nearest { return [(k / 2, 1)] }
            let place = (Double(k) + 0.5) / 2 - 0.5
            let left = Int(place.rounded(.down))
            let shares = [(left, 1 - (place - Double(left))), (left + 1, place - Double(left))]
            return shares.compactMap { cell, share in edges.cell(at: cell, of: n).map { ($0, share) } }
        }
        return made(channels, extents.count == 2 ? extents[0] : 1, extents[extents.count - 1]) { b, c, y, x in
            (tensor.shape.count == 4 ? hats(y, ny) : [(0, 1)]).reduce(0.0) { sum, row in sum + hats(x, nx).reduce(0.0) { $0 + row.1 * $1.1 * self[b, c, row.0, $1.0] } }
        }
    }

    func convolved(
        _ weights: Tensor<Double>, _ bias: Tensor<Double>, _ padding: Padding, _ stride: Int, _ dilation: Int, _ f: (Double) -> Double
    ) -> Tensor<Double> {
        let shape = weights.shape
        let (kernelY, kernelX) = (shape.count == 4 ? shape[2] : 1, shape[shape.count - 1])
        return made(shape[0], (ny + stride - 1) / stride, (nx + stride - 1) / stride) { b, o, y, x in
            var sum = bias.scalars[o]
            for c in 0..<channels {
                for ky in 0..<kernelY {
                    for kx in 0..<kernelX {
                        guard let row = padding.cell(at: stride * y + dilation * (ky - (kernelY - 1) / 2), of: ny),
                            let column = padding.cell(at: stride * x + dilation * (kx - (kernelX - 1) / 2), of: nx)
                        else { continue }
                        sum += weights.scalars[((o * channels + c) * kernelY + ky) * kernelX + kx] * self[b, c, row, column]
                    }
                }
            }
            return f(sum)
        }
    }

    /// Every cell spread with the weights [inputs, outputs, ky, kx] around the fine cell that it stands for.
    func spread(
        _ weights: Tensor<Double>, _ bias: Tensor<Double>, _ padding: Padding, _ stride: Int, _ dilation: Int, to extents: [Int],
        _ f: (Double) -> Double
    ) -> Tensor<Double> {
        let shape = weights.shape
        let (kernelY, kernelX) = (shape.count == 4 ? shape[2] : 1, shape[shape.count - 1])
        let (fineNy, fineNx, outputs) = (extents.count == 2 ? extents[0] : 1, extents[extents.count - 1], shape[1])
        var sums = (0..<batch * outputs * fineNy * fineNx).map { bias.scalars[$0 / (fineNy * fineNx) % outputs] }
        for b in 0..<batch { for c in 0..<channels { for y in 0..<ny { for x in 0..<nx { for o in 0..<outputs {
            for ky in 0..<kernelY {
                for kx in 0..<kernelX {
                    guard let row = padding.cell(at: stride * y + dilation * (ky - (kernelY - 1) / 2), of: fineNy),
                        let column = padding.cell(at: stride * x + dilation * (kx - (kernelX - 1) / 2), of: fineNx)
                    else { continue }
                    let weight = weights.scalars[((c * outputs + o) * kernelY + ky) * kernelX + kx]
                    sums[((b * outputs + o) * fineNy + row) * fineNx + column] += weight * self[b, c, y, x]
                }
            }
        } } } } }
        return Tensor(shape: [batch, outputs] + extents, scalars: sums.map(f))
    }

    func normalised(_ groups: Int, _ scale: Tensor<Double>, _ shift: Tensor<Double>) -> Tensor<Double> {
        let size = channels / groups
        return made(channels, ny, nx) { b, c, y, x in
            let group = c / size * size...(c / size + 1) * size - 1
            let mean = mean(b, group) { $0 }
            let variance = self.mean(b, group) { ($0 - mean) * ($0 - mean) }
            return (self[b, c, y, x] - mean) / (variance + 1e-5).squareRoot() * scale.scalars[c] + shift.scalars[c]
        }
    }
}

extension Padding {
    /// The cell of `extent` that the place k of a line shows; nil where that is a zero outside.
    func cell(at k: Int, of extent: Int) -> Int? {
        if (0..<extent).contains(k) { return k }
        switch self {
        case .zero: return nil
        case .circular: return ((k % extent) + extent) % extent
        case .replicate: return k < 0 ? 0 : extent - 1
        }
    }
}
