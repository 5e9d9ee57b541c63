/// A linear change of variables x = T theta in which an optimiser works: gradients go the other way, by T transposed.
public protocol ChangeOfVariables: Sendable {
    /// T theta.
    func weights(_ step: [Double]) -> [Double]
    /// T^T g, the gradient with respect to theta.
    func gradient(_ gradient: [Double]) -> [Double]
}

/// x itself.
public struct SameVariables: ChangeOfVariables {
    public init() {}
    public func weights(_ step: [Double]) -> [Double] { step }
    public func gradient(_ gradient: [Double]) -> [Double] { gradient }
}
