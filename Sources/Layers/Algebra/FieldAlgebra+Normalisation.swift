import Tensors

extension FieldAlgebra {
    /// In every sample each of `groups` equal groups of channels gets mean 0 and variance 1 over its channels and cells; then every channel is
    /// multiplied by `scale` and `shift` [channels] is added (Wu and He 2018). With one group it is layer normalisation (Ba et al. 2016).
    public func groupNormalised(groups: Int, scale: Self, shift: Self, epsilon: Double = 1e-5) -> Self {
        Self.applied(
            FieldOperation(
                value: { $0[0].groupNormalised(groups: groups, scale: $0[1], shift: $0[2], epsilon: epsilon) },
                linearised: { x in
                    let at = x[0].linearisedNormalisation(groups: groups, scale: x[1], shift: x[2], epsilon: epsilon)
                    return LinearisedOperation(
                        value: at.value, tangent: { at.tangent(input: $0[0], scale: $0[1], shift: $0[2]) },
                        adjoint: { w, _ in
                            let (input, scale, shift) = at.cotangents(w)
                            return [input, scale, shift]
                        })
                }), to: [self, scale, shift])
    }

    /// Every channel plus its element of `shift` [channels].
    public func adding(perChannel shift: Self) -> Self {
        Self.applied(
            FieldOperation(value: { $0[0].adding(perChannel: $0[1]) }, linearised: { x in
                let (value, pullback) = x[0].vjpAdding(perChannel: x[1])
                let transposed = TensorPullback(pullback)
                let shape = x[0].shape
                return LinearisedOperation(
                    value: value,
                    tangent: { d in
                        d[1].isSymbolicZero ? d[0] : (d[0].isSymbolicZero ? Tensor(shape: shape, repeating: 0) : d[0]).adding(perChannel: d[1])
                    },
                    adjoint: { w, _ in
                        let (field, shift) = transposed.apply(w)
                        return [field, shift]
                    })
            }), to: [self, shift])
    }

    /// Every channel times its element of `scale` [channels].
    public func multiplied(perChannel scale: Self) -> Self {
        Self.applied(
            FieldOperation(value: { $0[0].multiplied(perChannel: $0[1]) }, linearised: { x in
                let (value, pullback) = x[0].vjpMultiplied(perChannel: x[1])
                let transposed = TensorPullback(pullback)
                return LinearisedOperation(
                    value: value, tangent: { x[0].multipliedTangent(perChannel: x[1], along: $0[0], perChannel: $0[1]) },
                    adjoint: { w, _ in
                        let (field, scale) = transposed.apply(w)
                        return [field, scale]
                    })
            }), to: [self, scale])
    }
}
