/// A block that solves linear systems, without the solver: weights belong to a model, the solver and the land to its use.
///
/// Whoever knows both calls it with them, or makes a `Block` of it by `solving(by:wet:)`.
public protocol ImplicitBlock: Sendable {
    /// - Parameters:
    ///   - x: [batch, channel, y, x].
    ///   - weights: of the model that the block is part of.
    ///   - solver: how to solve, and where each solve is reported.
    ///   - wet: [y, x]; every cell where nil. Solutions are 0 where dry.
    func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>, by solver: LinearImplicit, wet: [Bool]?) -> Field
}

extension ImplicitBlock {
    /// The block with a solver and a land mask of its own, as part of others.
    public func solving(by solver: LinearImplicit, wet: [Bool]? = nil) -> Solving<Self> { Solving(inner: self, solver: solver, wet: wet) }
}

/// An implicit block with the solver that it uses.
public struct Solving<Inner: ImplicitBlock>: Block {
    public let inner: Inner
    public let solver: LinearImplicit
    /// [y, x]; every cell where nil.
    public let wet: [Bool]?

    public func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        inner(x, weights, by: solver, wet: wet)
    }
}
