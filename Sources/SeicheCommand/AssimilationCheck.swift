import Assimilation
import Basics
import Dynamics

/// What a run of data assimilation differentiates, tested as operational systems do, with their tolerances, before it is trusted.
struct AssimilationCheck: Sendable {
    struct Row: Sendable {
        let name: String
        let measured: Double
        let bounds: ClosedRange<Double>

        var passes: Bool { bounds.contains(measured) }
    }

    /// The run's name.
    let label: String
    let rows: [Row]

    /// - Parameters:
    ///   - adjointTolerance: relative, of every transpose.
    ///   - cost: over a window.
    init<Model: AdjointModel & TangentLinearModel>(_ label: String, _ cost: WindowCost<Model>, adjointTolerance: Double) throws {
        self.label = label
        let (transposed, tangent) = (0...adjointTolerance, 0...1e-7)
        let state = cost.background.vector
        let operators = cost.window.batches.map(\.observationOperator)
        let zero = [Double](repeating: 0, count: cost.controlSize)
        let linearised = try LinearisedWindow(cost, at: zero)
        let gradient = try cost.gradientTest(at: zero)
        rows = [
            Row(name: "observation operators, tangent", measured: try operators.map { try $0.tangentTest(at: state) }.max() ?? 0, bounds: tangent),
            Row(name: "observation operators, adjoint", measured: try operators.map { try $0.adjointTest(at: state) }.max() ?? 0, bounds: transposed),
            Row(name: "B^(1/2), transpose", measured: try cost.covariance.transposeTest(), bounds: transposed),
            Row(name: "window of \(cost.window.steps) steps, tangent", measured: try linearised.tangentTest(), bounds: tangent),
            Row(name: "window of \(cost.window.steps) steps, adjoint", measured: try linearised.adjointTest(), bounds: transposed),
            Row(name: "gradient of J, against differences", measured: gradient.error, bounds: tangent),
            // One where the gradient is wrong; not quite two where a model has kinks, as rectified networks have.
            Row(name: "gradient of J, order of Taylor's remainder", measured: gradient.taylorOrder, bounds: 1.75...2.25),
        ]
    }

    static func report(_ checks: [AssimilationCheck]) -> String {
        let rows = checks.flatMap { check in
            check.rows.map { row in
                let wanted = row.bounds.lowerBound > 0 ? "\(row.bounds.lowerBound) to \(row.bounds.upperBound)" : "at most \(row.bounds.upperBound)"
                return ["\(check.label): \(row.name)", Text.figure(row.measured), wanted, row.passes ? "passed" : "FAILED"]
            }
        }
        return Text.table([["test", "measured", "wanted", ""]] + rows)
    }

    /// Throws `SeicheError` (model) where a test failed.
    static func verify(_ checks: [AssimilationCheck]) throws {
        let failed = checks.flatMap(\.rows).count { !$0.passes }
        guard failed > 0 else { return }
        throw SeicheError(
            .model, "\(failed) of \(checks.reduce(0) { $0 + $1.rows.count }) tests failed",
            why: "a derivative is not the model's, or a solve within is not accurate enough",
            remedy: "lower model.solver_tolerance, or look for the operator that the table names")
    }
}
