import Basics
import Dynamics
import Optimisation

// The tests that operational systems make of what they differentiate before they trust it (OOPS' interface tests; Navon et al. 1992, sections 4
// and 5): a transpose by the dot product, a tangent by differences, a gradient by Taylor's formula. All errors are relative.
//
// - I. M. Navon, X. Zou, J. Derber, J. Sela (1992): Variational data assimilation with an adiabatic version of the NMC spectral model. Mon. Wea.
//   Rev. 120, 1433-1446.

/// A linear map and its transpose: |<A x, y> - <x, A^T y>| / (|A x| |y|), along random vectors.
public func transposeError(
    columns: Int, rows: Int, seed: UInt64 = 1, times: ([Double]) throws -> [Double], transposedTimes: ([Double]) throws -> [Double]
) rethrows -> Double {
    var stream = RandomStream(seed: seed, purpose: "test of a transpose")
    let (x, y) = (stream.normals(columns), stream.normals(rows))
    let (image, back) = (try times(x), try transposedTimes(y))
    let size = norm(image) * norm(y)
    return size > 0 ? abs(inner(image, y) - inner(x, back)) / size : 0
}

/// A tangent and central differences: |F(x + e d) - F(x - e d) - 2 e F' d| / (2 e |F' d|), the least over steps e, where truncation and rounding
/// balance.
///
/// - Parameter steps: relative to the size of d.
public func tangentError(
    along direction: [Double], at point: [Double], steps: [Double] = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6], tangent: [Double],
    _ function: ([Double]) throws -> [Double]
) rethrows -> Double {
    let size = norm(tangent)
    guard size > 0 else { return .nan }
    return try steps.map { step in
        var (ahead, behind) = (point, point)
        add(step, direction, to: &ahead)
        add(-step, direction, to: &behind)
        var difference = try function(ahead)
        add(-1, try function(behind), to: &difference)
        add(-2 * step, tangent, to: &difference)
        return norm(difference) / (2 * step * size)
    }.min() ?? .nan
}

extension ObservationOperator {
    /// Of the adjoint.
    public func adjointTest(at state: [Double], seed: UInt64 = 1) throws -> Double {
        try transposeError(
            columns: stateSize, rows: count, seed: seed, times: { try tangent(at: state, applying: $0) },
            transposedTimes: { try adjoint(at: state, applying: $0) })
    }

    /// Of the tangent, along a state's own size.
    public func tangentTest(at state: [Double], seed: UInt64 = 1) throws -> Double {
        var stream = RandomStream(seed: seed, purpose: "test of a tangent")
        let size = (inner(state, state) / Double(max(1, state.count))).squareRoot()
        let direction = stream.normals(stateSize).map { (size > 0 ? size : 1) * $0 }
        return try tangentError(along: direction, at: state, tangent: tangent(at: state, applying: direction), apply)
    }
}

extension ErrorCovariance {
    /// Of B^(T/2) as the transpose of B^(1/2).
    public func transposeTest(seed: UInt64 = 1) throws -> Double {
        try transposeError(columns: controlSize, rows: stateSize, seed: seed, times: root, transposedTimes: rootTransposed)
    }
}

extension LinearisedWindow {
    /// Of G B^(1/2), all observations of the window as they depend on the control, against differences of the model's runs.
    public func tangentTest(seed: UInt64 = 1) throws -> Double {
        let (size, centre) = (cost.controlSize, self.control)
        var stream = RandomStream(seed: seed, purpose: "test of a window's tangent")
        let direction = stream.normals(size)
        return try tangentError(along: direction, at: centre, tangent: tangent(direction).flatMap(\.self)) { control in
            // Departures are y - H(x).
            try cost.departures(control).departures.flatMap(\.self).map { -$0 }
        }
    }

    /// Of the adjoint of the window, B^(T/2) G^T.
    public func adjointTest(seed: UInt64 = 1) throws -> Double {
        let counts = cost.window.batches.map(\.count)
        return try transposeError(
            columns: cost.controlSize, rows: counts.reduce(0, +), seed: seed, times: { try tangent($0).flatMap(\.self) },
            transposedTimes: { values in
                var first = 0
                return try adjoint(counts.map { count in
                    defer { first += count }
                    return Array(values[first..<first + count])
                })
            })
    }
}

extension WindowCost {
    /// J's gradient at a control.
    public struct GradientTest: Equatable, Sendable {
        /// Relative error of <grad J, d> against central differences, the least over steps.
        public var error: Double
        /// Order in the step of J(v + e d) - J(v) - e <grad J, d>: two, where the gradient is J's.
        public var taylorOrder: Double
    }

    /// - Parameter control: v, where the gradient is looked at, along itself.
    public func gradientTest(at control: [Double]) throws -> GradientTest {
        let here = try evaluate(control).evaluation
        let size = norm(here.gradient)
        guard size > 0 else { return GradientTest(error: .nan, taylorOrder: .nan) }
        // Of the size of a control's typical value.
        let direction = here.gradient.map { $0 * Double(controlSize).squareRoot() / size }
        let slope = inner(here.gradient, direction)
        func value(_ step: Double) throws -> Double {
            var moved = control
            add(step, direction, to: &moved)
            return try evaluate(moved).evaluation.value
        }
        let steps = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5]
        let values = try steps.map { (ahead: try value($0), behind: try value(-$0)) }
        let error = zip(steps, values).map { abs($1.ahead - $1.behind - 2 * $0 * slope) / abs(2 * $0 * slope) }.min() ?? .nan
        let remainders = zip(steps, values).map { abs($1.ahead - here.value - $0 * slope) }
        // Large steps: rounding has no part in them.
        return GradientTest(error: error, taylorOrder: naturalLogarithm(remainders[1] / remainders[2]) / naturalLogarithm(steps[1] / steps[2]))
    }
}
