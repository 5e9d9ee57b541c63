import Basics
import Dynamics

/// A full Jacobian matrix: [row, column] is the derivative of element `row` of the later state's vector with respect to element
/// `column` of the earlier one's.
public struct Jacobian: Equatable, Sendable {
    /// Column after column: `columns[j]` is the derivative along element j.
    public let columns: [[Double]]

    public init(columns: [[Double]]) { self.columns = columns }

    /// Number of rows and of columns.
    public var count: Int { columns.count }

    public subscript(row: Int, column: Int) -> Double { columns[column][row] }

    /// Row i: the gradient of element i of the later state.
    public func row(_ i: Int) -> [Double] { columns.map { $0[i] } }
}

extension DynamicalModel {
    /// The Jacobian of `steps` steps at `state`, a column from two runs at x +- size * unit_j along element j.
    ///
    /// Columns are computed on all cores, and have the same bits on any number of them. For small systems: n values to a state
    /// make n^2 of 8 bytes and take 2n runs.
    ///
    /// - Parameters:
    ///   - firstStep: the state's number in its run, for models whose steps depend on time.
    ///   - size: of the differences (see `finiteDifference` for its errors), in units of `units`.
    ///   - units: a typical size of each element, where they differ, positive; 1 each by default.
    ///   - memoryLimit: bytes that the matrix may take, 1 GiB by default: 11,585 values to a state.
    ///
    /// Throws `SeicheError`: invalidInput for a matrix beyond the limit or arguments that cannot be used, and what the model throws.
    public func finiteDifferenceJacobian(
        at state: State, steps: Int = 1, firstStep: Int? = nil, size: Double, units: [Double]? = nil, memoryLimit: Int = 1 << 30
    ) throws -> Jacobian {
        let units = try jacobianUnits(units, at: state, memoryLimit: memoryLimit)
        try checkFiniteDifference(at: state, along: units, sizes: [size], steps: steps)
        let columns = Slots<[Double]>(units.count)
        try concurrentForEach(units.count) { j in
            let change = try finiteDifference(at: state, along: unitVector(j, units), size: size, steps: steps, firstStep: firstStep)
            columns.set(j, change.map { $0 / units[j] })
        }
        return Jacobian(columns: columns.values)
    }

    /// The same with a step study for every column: each has the size that suits it, and the second value is the estimated
    /// error of each column, Euclidean, to the safe side. `sizes` are in units of `units`; by default as in `finiteDifferenceStudy`.
    public func finiteDifferenceJacobianStudy(
        at state: State, steps: Int = 1, firstStep: Int? = nil, sizes: [Double]? = nil, units: [Double]? = nil, memoryLimit: Int = 1 << 30
    ) throws -> (jacobian: Jacobian, errors: [Double]) {
        let units = try jacobianUnits(units, at: state, memoryLimit: memoryLimit)
        let columns = Slots<(values: [Double], error: Double)>(units.count)
        try concurrentForEach(units.count) { j in
            let study = try finiteDifferenceStudy(at: state, along: unitVector(j, units), steps: steps, firstStep: firstStep, sizes: sizes)
            columns.set(j, (study.derivative.map { $0 / units[j] }, study.error / units[j]))
        }
        let results = columns.values
        return (Jacobian(columns: results.map(\.values)), results.map(\.error))
    }

    private func jacobianUnits(_ units: [Double]?, at state: State, memoryLimit: Int) throws -> [Double] {
        let n = state.vector.count
        let (values, overflow) = n.multipliedReportingOverflow(by: n)
        guard !overflow, values <= memoryLimit / 8 else {
            throw SeicheError(
                .invalidInput, "a full Jacobian of \(n) values has \(n)^2 entries of 8 bytes, more than the limit of \(memoryLimit) bytes",
                remedy: "use Jacobian-vector products (finiteDifferenceStudy, tangentStep, adjointStep), or raise memoryLimit")
        }
        let units = units ?? [Double](repeating: 1, count: n)
        guard units.count == n, units.allSatisfy({ $0 > 0 && $0.isFinite }) else {
            throw SeicheError(
                .invalidInput, "the units of a Jacobian are \(units.count) values for a state of \(n), or not all positive and finite",
                remedy: "give a typical size of each element of the state's vector")
        }
        return units
    }
}

private func unitVector(_ j: Int, _ units: [Double]) -> [Double] {
    var vector = [Double](repeating: 0, count: units.count)
    vector[j] = units[j]
    return vector
}
