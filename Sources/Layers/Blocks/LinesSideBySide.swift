/// A block on lines [batch, channel, x], run with the lines of the batch side by side: several times as fast for short lines, such as the rings of
/// Lorenz '96, of which one fills few vectors of the processor.
///
/// For blocks made of convolutions along lines, of operations element by element and of those by channel. What looks at a sample as a whole
/// (normalisation, pooling and refinement, dense layers) must stay outside: it would take the batch for one sample.
public struct LinesSideBySide<Inner: Block>: Block {
    public let inner: Inner

    /// Lines below which turning them gains nothing.
    private static var fewest: Int { 8 }

    public init(_ inner: Inner) { self.inner = inner }

    public func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        if x.shape[0] < Self.fewest { return inner(x, weights) }
        return inner(x.laidSideBySide(), weights).takenApart()
    }
}
