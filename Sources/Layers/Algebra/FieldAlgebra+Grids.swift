import Tensors

// Between grids of two resolutions, and between grids and features.

extension FieldAlgebra {
    /// Means over windows of 2 x 2 cells, cut off at odd edges: y, x to (y + 1) / 2, (x + 1) / 2.
    public func averagePooled() -> Self { linear({ $0.averagePooled() }, { $0.vjpAveragePooled() }) }

    /// Largest cells of windows of 2 x 2, cut off at odd edges: y, x to (y + 1) / 2, (x + 1) / 2.
    public func maximumPooled() -> Self {
        Self.applied(
            FieldOperation(value: { $0[0].maximumPooled() }, linearised: { x in
                let at = x[0].linearisedMaximum()
                return LinearisedOperation(value: at.value, tangent: { at.tangent($0[0]) }, adjoint: { w, _ in [at.cotangent(w)] })
            }), to: [self])
    }

    /// A field of `extents` [y, x], or a line of `extents` [x], from one half as fine: the reverse of pooling.
    ///
    /// - Parameters:
    ///   - extents: of each axis twice that of the field, or one less.
    ///   - edges: what the bilinear method sees beyond the edges: on a ring the other end.
    public func upsampled(to extents: [Int], by method: Upsampling, edges: Padding = .replicate) -> Self {
        linear({ $0.upsampled(to: extents, by: method, edges: edges) }, { $0.vjpUpsampled(to: extents, by: method, edges: edges) })
    }

    /// The same values under another shape of as many elements.
    public func reshaped(to shape: [Int]) -> Self { linear({ $0.reshaped(to: shape) }, { $0.vjpReshaped(to: shape) }) }

    /// Means over the cells of every channel: [batch, channel, y, x] to [batch, channel].
    public func spatialMeans() -> Self { linear({ $0.spatialMeans() }, { $0.vjpSpatialMeans() }) }

    /// Dense layer: features [batch, inputs] times the transpose of `weights` [outputs, inputs], plus `bias` [outputs], activated.
    public func dense(with weights: Self, bias: Self, activation: Activation = .none) -> Self {
        layer(
            weights, bias, value: { $0.dense(with: $1, bias: $2, activation: activation) },
            linearised: { $0.linearisedDense(with: $1, bias: $2, activation: activation) })
    }
}
