import Tensors

/// A U-net (Ronneberger et al. 2015): convolutions on grids that are coarser from level to level, and back up with what each level saw.
///
/// [batch, inputs, y, x] to [batch, outputs, y, x], or lines alike; any extents, odd ones too, and any depth. On each level two convolutions, with
/// a normalisation before the activation where asked for.
public struct UNet: Block {
    /// How a level becomes the next coarser one.
    public enum Pooling: String, CaseIterable, Sendable { case average, maximum }

    /// What happens on the way down, the finest level first; the last is the bottom.
    public let down: [Chain]
    /// What happens on the way up, for every level but the bottom, the finest first.
    public let up: [Chain]
    public let last: Convolution
    public let pooling: Pooling
    public let upsampling: Upsampling
    /// What bilinear refinement sees beyond the edges: on a ring its other end, elsewhere the outermost cells again.
    private let edges: Padding

    /// Reserves `name.down.k` and `name.up.k` for level k, the finest 0, and `name.last`.
    ///
    /// - Parameters:
    ///   - axes: 2 on a plane, 1 along a line.
    ///   - channels: of each level, the finest first; one level is a plain convolutional net.
    ///   - kernel: of the convolutions, odd.
    ///   - groups: of the normalisation, a divisor of all `channels`; none where nil.
    ///   - gain: of the last convolution, 0 for a net that starts by saying nothing.
    public init(
        _ name: String, axes: Int = 2, inputs: Int, outputs: Int, channels: [Int], kernel: Int = 3, padding: Padding = .zero,
        activation: Activation = .rectifier, groups: Int? = nil, pooling: Pooling = .average, upsampling: Upsampling = .bilinear,
        gain: Double = 1, in layout: inout ParameterLayout
    ) {
        precondition(!channels.isEmpty, "the net \(name) has no level")
        func level(_ name: String, _ inputs: Int, _ outputs: Int) -> Chain {
            Chain([inputs, outputs].enumerated().flatMap { k, inputs -> [any Block] in
                let convolution = Convolution(
                    "\(name).\(k)", axes: axes, inputs: inputs, outputs: outputs, kernel: kernel, padding: padding,
                    activation: groups == nil ? activation : .none, in: &layout)
                guard let groups else { return [convolution] }
                return [convolution, GroupNormalisation("\(name).\(k).norm", channels: outputs, groups: groups, in: &layout), activation]
            })
        }
        down = channels.indices.map { level("\(name).down.\($0)", $0 == 0 ? inputs : channels[$0 - 1], channels[$0]) }
        up = channels.indices.dropLast().map { level("\(name).up.\($0)", channels[$0] + channels[$0 + 1], channels[$0]) }
        last = Convolution("\(name).last", axes: axes, inputs: channels[0], outputs: outputs, kernel: 1, gain: gain, in: &layout)
        self.pooling = pooling
        self.upsampling = upsampling
        edges = padding == .circular ? .circular : .replicate
    }

    public func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        var seen = [down[0](x, weights)]
        for level in down.dropFirst() {
            let fine = seen[seen.count - 1]
            seen.append(level(pooling == .average ? fine.averagePooled() : fine.maximumPooled(), weights))
        }
        var y = seen.removeLast()
        for (fine, level) in zip(seen, up).reversed() {
            y = level(fine.concatenated(with: y.upsampled(to: Array(fine.shape.dropFirst(2)), by: upsampling, edges: edges)), weights)
        }
        return last(y, weights)
    }
}
