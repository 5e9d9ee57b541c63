import Basics
import Dynamics
import Evaluation
import TestSupport
import Testing

@Suite struct FiniteDifferenceJacobianTests {
    private let state: ShallowWaterState
    private let model = ShiftModel(c: 0.2)

    init() throws { state = sampleState(try islandGrid(), 2) }

    private func unit(_ j: Int) -> [Double] {
        var unit = [Double](repeating: 0, count: state.vector.count)
        unit[j] = 1
        return unit
    }

    /// The matrix written out: a + 3 c x^2 on the diagonal, b at [k, k + 1] and round the corner, nothing else. x^3 makes the
    /// differences too large by c e^2.
    @Test func rowsAndColumnsAreWhereTheyBelong() throws {
        let jacobian = try model.finiteDifferenceJacobian(at: state, size: 1e-3)
        let n = state.vector.count
        #expect(jacobian.count == n)
        for row in 0..<n {
            for column in 0..<n {
                let x = state.vector[row]
                let expected = row == column ? 0.9 + 0.6 * x * x + 0.2e-6 : column == (row + 1) % n ? 0.3 : 0
                #expect(abs(jacobian[row, column] - expected) < 1e-11)
            }
            #expect(jacobian.row(row) == jacobian.columns.map { $0[row] })
        }
    }

    /// Computed concurrently, the columns have the bits of one difference after the other, whatever the threads did.
    @Test func columnsHaveTheBitsOfSingleDifferences() throws {
        let alone = try (0..<60).map { try model.finiteDifference(at: state, along: unit($0), size: 1e-4, steps: 3) }
        for _ in 0..<20 { #expect(try model.finiteDifferenceJacobian(at: state, steps: 3, size: 1e-4).columns == alone) }
        let studies = try (0..<60).map { try model.finiteDifferenceStudy(at: state, along: unit($0), steps: 3) }
        let (jacobian, errors) = try model.finiteDifferenceJacobianStudy(at: state, steps: 3)
        #expect(jacobian.columns == studies.map(\.derivative))
        #expect(errors == studies.map(\.error))
    }

    /// In units that are powers of two the entries keep their unit, per unit of the state; the differences are that much wider.
    @Test func unitsWidenTheDifferencesOnly() throws {
        let units = (0..<60).map { $0 % 3 == 0 ? 4.0 : 0.5 }
        let jacobian = try model.finiteDifferenceJacobian(at: state, size: 1e-4, units: units)
        for j in 0..<60 {
            #expect(jacobian.columns[j] == (try model.finiteDifference(at: state, along: unit(j), size: 1e-4 * units[j])))
        }
        let (plain, errors) = try model.finiteDifferenceJacobianStudy(at: state)
        let (scaled, scaledErrors) = try model.finiteDifferenceJacobianStudy(at: state, units: units)
        for j in 0..<60 {
            #expect(relativeError(scaled.columns[j], plain.columns[j]) < 1e-8)
            #expect(errors[j] < 1e-8)
            #expect(scaledErrors[j] == (try model.finiteDifferenceStudy(at: state, along: unit(j).map { units[j] * $0 }).error / units[j]))
        }
    }

    @Test func whatDoesNotFitIsRefused() throws {
        #expect(complaint(.invalidInput, "60 values", "60^2", "28799 bytes", "tangentStep", "memoryLimit") {
            _ = try model.finiteDifferenceJacobian(at: state, size: 1e-4, memoryLimit: 28_799)
        } == nil)
        #expect(try model.finiteDifferenceJacobian(at: state, size: 1e-4, memoryLimit: 28_800).count == 60)
        // The talk's 100 x 100 cells: 7 GB.
        #expect(complaint(.invalidInput, "30000 values", "30000^2") {
            _ = try model.finiteDifferenceJacobianStudy(at: ShallowWaterState(nx: 100, ny: 100))
        } == nil)
        #expect(complaint(.invalidInput, "units", "2 values for a state of 60", "try:") {
            _ = try model.finiteDifferenceJacobian(at: state, size: 1e-4, units: [1, 1])
        } == nil)
        #expect(complaint(.invalidInput, "units", "positive") {
            _ = try model.finiteDifferenceJacobian(at: state, size: 1e-4, units: [Double](repeating: 0, count: 60))
        } == nil)
        #expect(complaint(.invalidInput, "size of a finite difference is inf") {
            _ = try model.finiteDifferenceJacobian(at: state, size: .infinity)
        } == nil)
    }
}
