/// H: what is observed of a state at one time, as a vector of observed values; with its derivatives.
///
/// States are flat vectors in the order and the units of `DynamicalState.vector`. All three throw `SeicheError`: invalidInput for a vector of another
/// length, and what the operator itself refuses.
public protocol ObservationOperator: Sendable {
    /// Values of a state.
    var stateSize: Int { get }
    /// Values that are observed.
    var count: Int { get }

    /// H(x), `count` values.
    func apply(_ state: [Double]) throws -> [Double]

    /// H'(x) perturbation, `count` values.
    func tangent(at state: [Double], applying perturbation: [Double]) throws -> [Double]

    /// H'(x)^T cotangent, `stateSize` values: the gradient of <cotangent, H(x)>.
    func adjoint(at state: [Double], applying cotangent: [Double]) throws -> [Double]
}

/// One operator after another: second(first(x)), as interpolation to a point followed by what an instrument makes of the values there.
public struct ObservationChain: ObservationOperator {
    public let first: any ObservationOperator
    public let second: any ObservationOperator

    /// Throws `SeicheError` (invalidInput) where the second does not take what the first gives.
    public init(_ first: any ObservationOperator, _ second: any ObservationOperator) throws {
        try checkCount(second.stateSize, first.count, "values that the second operator of a chain takes", "the values that the first gives")
        (self.first, self.second) = (first, second)
    }

    public var stateSize: Int { first.stateSize }
    public var count: Int { second.count }

    public func apply(_ state: [Double]) throws -> [Double] { try second.apply(first.apply(state)) }

    public func tangent(at state: [Double], applying perturbation: [Double]) throws -> [Double] {
        try second.tangent(at: first.apply(state), applying: first.tangent(at: state, applying: perturbation))
    }

    public func adjoint(at state: [Double], applying cotangent: [Double]) throws -> [Double] {
        try first.adjoint(at: state, applying: second.adjoint(at: first.apply(state), applying: cotangent))
    }
}

/// Speeds (u_i^2 + v_i^2)^(1/2) of a vector (u_1 ... u_n, v_1 ... v_n), as a current meter without a vane measures them.
///
/// At rest a speed has no derivative; there zero is taken, one of its subgradients.
public struct SpeedOperator: ObservationOperator {
    public let count: Int

    /// - Parameter count: n, at least 0.
    public init(count: Int) { self.count = max(0, count) }

    public var stateSize: Int { 2 * count }

    public func apply(_ state: [Double]) throws -> [Double] {
        try checkCount(state.count, stateSize, "values of u and v", "the operator's \(count) pairs")
        return (0..<count).map { (state[$0] * state[$0] + state[count + $0] * state[count + $0]).squareRoot() }
    }

    public func tangent(at state: [Double], applying perturbation: [Double]) throws -> [Double] {
        try checkCount(perturbation.count, stateSize, "values of a perturbation", "the operator's \(count) pairs")
        let speeds = try apply(state)
        return (0..<count).map { k in
            speeds[k] > 0 ? (state[k] * perturbation[k] + state[count + k] * perturbation[count + k]) / speeds[k] : 0
        }
    }

    public func adjoint(at state: [Double], applying cotangent: [Double]) throws -> [Double] {
        try checkCount(cotangent.count, count, "values of a cotangent", "the operator's speeds")
        let speeds = try apply(state)
        return (0..<stateSize).map { element in
            let k = element % max(1, count)
            return speeds[k] > 0 ? state[element] * cotangent[k] / speeds[k] : 0
        }
    }
}
