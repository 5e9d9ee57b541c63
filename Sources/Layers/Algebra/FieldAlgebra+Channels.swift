import Tensors

extension FieldAlgebra {
    /// Channels `range` of a field [batch, channel, y, x].
    public func channels(_ range: Range<Int>) -> Self {
        // Where a net's output is taken to pieces, each piece's cotangent goes to its place.
        Self.applied(
            FieldOperation(value: { $0[0].channels(range) }, linearised: { x in
                let shape = x[0].shape
                return LinearisedOperation(
                    value: x[0].channels(range), tangent: { $0[0].channels(range) },
                    addAdjoint: { w, sum in
                        if sum.isSymbolicZero { sum = Tensor(shape: shape, repeating: 0) }
                        sum.add(w, toChannels: range)
                    })
            }), to: [self])
    }

    /// The channels of `self` followed by those of `other`; same batch, y and x.
    public func concatenated(with other: Self) -> Self {
        Self.applied(
            FieldOperation(value: { $0[0].concatenated(with: $0[1]) }, linearised: { x in
                let (a, b) = (x[0].shape, x[1].shape)
                return LinearisedOperation(
                    value: x[0].concatenated(with: x[1]),
                    tangent: { d in
                        (d[0].isSymbolicZero ? Tensor(shape: a, repeating: 0) : d[0])
                            .concatenated(with: d[1].isSymbolicZero ? Tensor(shape: b, repeating: 0) : d[1])
                    },
                    adjoint: { w, wanted in
                        [wanted[0] ? w.channels(0..<a[1]) : .zero, wanted[1] ? w.channels(a[1]..<a[1] + b[1]) : .zero]
                    })
            }), to: [self, other])
    }

    /// Bilinear layer: channel 2p times channel 2p+1 for p < `pairs`, then the remaining channels unchanged.
    ///
    /// [batch, channels, y, x] becomes [batch, channels - pairs, y, x].
    @_specialize(where Self == RecordedField<Float>)
    @_specialize(where Self == RecordedField<Double>)
    public func pairwiseProducts(_ pairs: Int) -> Self {
        Self.applied(
            FieldOperation(value: { $0[0].pairwiseProducts(pairs) }, linearised: { x in
                let x = x[0]
                let (value, pullback) = x.vjpPairwiseProducts(pairs)
                let adjoint = TensorPullback(pullback)
                return LinearisedOperation(
                    value: value, tangent: { x.pairwiseProductsTangent(pairs, along: $0[0]) }, adjoint: { w, _ in [adjoint.apply(w)] })
            }), to: [self])
    }
}
