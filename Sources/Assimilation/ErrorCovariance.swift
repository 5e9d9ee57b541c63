import Basics

/// The covariance B of errors of a state, by a square root: B = B^(1/2) B^(T/2). An increment is dx = B^(1/2) v with a control v whose components
/// are independent of each other with variance one; in v the background term of a cost is |v|^2 / 2 and its Hessian well conditioned
/// (Lorenc 1988; Courtier 1997).
///
/// Both products throw `SeicheError`: invalidInput for a vector of another length, solver where a solve within fails.
public protocol ErrorCovariance: Sendable {
    /// Values of a state.
    var stateSize: Int { get }
    /// Values of v.
    var controlSize: Int { get }
    /// The diagonal of B, in the squared units of the state.
    var variances: [Double] { get }

    /// B^(1/2) v.
    func root(times control: [Double]) throws -> [Double]

    /// B^(T/2) x.
    func rootTransposed(times state: [Double]) throws -> [Double]
}

extension ErrorCovariance {
    /// B x.
    public func times(_ state: [Double]) throws -> [Double] { try root(times: rootTransposed(times: state)) }
}

/// Errors that are independent of each other.
public struct DiagonalCovariance: ErrorCovariance, Equatable {
    /// Standard deviations, in the units of the state; zero for what is known.
    public let deviations: [Double]

    /// Throws `SeicheError` (invalidInput) for a deviation that is negative or not finite.
    public init(deviations: [Double]) throws {
        try checkValues(deviations, "error deviation", isNegativeAllowed: false)
        self.deviations = deviations
    }

    public var stateSize: Int { deviations.count }
    public var controlSize: Int { deviations.count }
    public var variances: [Double] { deviations.map { $0 * $0 } }

    public func root(times control: [Double]) throws -> [Double] {
        try checkCount(control.count, controlSize, "values of a control", "the deviations of a diagonal covariance")
        return control.indices.map { deviations[$0] * control[$0] }
    }

    public func rootTransposed(times state: [Double]) throws -> [Double] { try root(times: state) }
}

/// A covariance given element by element, by its Cholesky factor: for small states, as that of a climate.
public struct DenseCovariance: ErrorCovariance, Equatable {
    public let variances: [Double]
    private let factor: CholeskyFactor

    /// - Parameter matrix: [size, size].
    /// - Throws: `SeicheError` (invalidInput) where the matrix is not positive definite.
    public init(_ matrix: [Double], size: Int) throws {
        factor = try CholeskyFactor(matrix, count: size, named: "the covariance")
        variances = (0..<size).map { matrix[$0 * size + $0] }
    }

    public var stateSize: Int { variances.count }
    public var controlSize: Int { variances.count }

    public func root(times control: [Double]) throws -> [Double] {
        try checkCount(control.count, controlSize, "values of a control", "the rows of a covariance")
        return factor.times(control)
    }

    public func rootTransposed(times state: [Double]) throws -> [Double] {
        try checkCount(state.count, stateSize, "values of a state", "the rows of a covariance")
        return factor.transposedTimes(state)
    }
}

/// Parts of a state, one after the other in its vector, whose errors are independent of each other's: elevation, u and v.
public struct BlockCovariance: ErrorCovariance {
    public let blocks: [any ErrorCovariance]

    public init(_ blocks: [any ErrorCovariance]) { self.blocks = blocks }

    public var stateSize: Int { blocks.reduce(0) { $0 + $1.stateSize } }
    public var controlSize: Int { blocks.reduce(0) { $0 + $1.controlSize } }
    public var variances: [Double] { blocks.flatMap(\.variances) }

    public func root(times control: [Double]) throws -> [Double] {
        try checkCount(control.count, controlSize, "values of a control", "the blocks of a covariance")
        var first = 0
        return try blocks.flatMap { block in
            defer { first += block.controlSize }
            return try block.root(times: Array(control[first..<first + block.controlSize]))
        }
    }

    public func rootTransposed(times state: [Double]) throws -> [Double] {
        try checkCount(state.count, stateSize, "values of a state", "the blocks of a covariance")
        var first = 0
        return try blocks.flatMap { block in
            defer { first += block.stateSize }
            return try block.rootTransposed(times: Array(state[first..<first + block.stateSize]))
        }
    }
}
