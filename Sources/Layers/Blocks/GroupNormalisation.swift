import Tensors

/// Group normalisation (Wu and He 2018): in every sample each of `groups` equal groups of channels gets mean 0 and variance 1 over its channels and
/// cells; then every channel has a scale and a shift of its own. With one group it is layer normalisation (Ba et al. 2016).
public struct GroupNormalisation: Block, Equatable {
    public let scale: ParameterLayout.Block
    public let shift: ParameterLayout.Block
    public let groups: Int

    /// Reserves `name.scale`, ones at the start, and `name.shift`, zeros, both [channels].
    ///
    /// - Parameter groups: a divisor of `channels`.
    public init(_ name: String, channels: Int, groups: Int = 1, in layout: inout ParameterLayout) {
        precondition(groups > 0 && channels % groups == 0, "\(channels) channels do not fall into \(groups) equal groups")
        scale = layout.reserve(name + ".scale", shape: [channels], initialiser: .constant(1))
        shift = layout.reserve(name + ".shift", shape: [channels], initialiser: .zero)
        self.groups = groups
    }

    public func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        x.groupNormalised(groups: groups, scale: weights[scale], shift: weights[shift])
    }
}

/// An activation as a block of its own, as in a chain after a normalisation.
extension Activation: Block {
    public func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field { x.activated(by: self) }
}
