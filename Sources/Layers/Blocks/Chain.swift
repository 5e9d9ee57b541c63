/// Blocks one after the other, each on what the last one gives. An empty chain is the identity.
public struct Chain: Block {
    public let blocks: [any Block]

    public init(_ blocks: any Block...) { self.blocks = blocks }

    public init(_ blocks: [any Block]) { self.blocks = blocks }

    public func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        blocks.reduce(x) { field, block in block(field, weights) }
    }
}
