import Basics
import Dynamics

/// An emulator's derivatives of one step beside central finite differences, of itself and of the reference model.
///
/// All vectors are in normalised units (each channel divided by its scale), so that zeta and velocities weigh alike.
public struct DerivativeFidelity: Equatable, Sendable {
    /// The figures at one finite-difference step.
    public struct Row: Equatable, Sendable {
        /// Finite-difference step relative to the direction's size.
        public let size: Double
        /// |<J^T w, d> - <w, FD d>| / (|w| |FD d|) with FD of the emulator itself: is the adjoint right?
        public let adjointAgainstItself: Double
        /// |FD_emulator d - FD_model d| / |FD_model d|: has the emulator learned the model's tangent-linear?
        public let tangentAgainstModel: Double
        /// |g_emulator - g_model| / |g_model| over sampled components of J^T w, the model's by finite differences:
        /// has it learned the model's gradient?
        public let gradientAgainstModel: Double
    }

    /// One row per finite-difference step; tangent and adjoint are the worst over directions, the gradient is that of the first cotangent.
    public let rows: [Row]

    /// The smallest value of a figure over the finite-difference steps: where truncation and rounding are both small.
    public func best(_ figure: KeyPath<Row, Double>) -> Double { rows.map { $0[keyPath: figure] }.min() ?? .nan }

    /// - Parameters:
    ///   - directions: perturbations in normalised units, zero on land; each also serves as cotangent of another.
    ///   - cotangents: as many.
    ///   - components: indices into the state vector at which gradients are compared.
    public static func measure(
        emulator: some AdjointModel<ShallowWaterState>, model: some DynamicalModel<ShallowWaterState>, at state: ShallowWaterState,
        directions: [[Double]], cotangents: [[Double]], components: [Int], sizes: [Double], scales: ChannelScales,
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws -> DerivativeFidelity {
        guard !components.isEmpty, (directions + cotangents).allSatisfy({ $0.contains { $0 != 0 } }) else {
            throw SeicheError(
                .invalidInput, "a direction of the derivative check is zero everywhere", why: "the states that it is the difference of are equal",
                remedy: "check more states, or fewer directions")
        }
        let cells = state.nx * state.ny
        let unit = state.vector.indices.map { scales.state[$0 / cells] }
        // Gradients with respect to normalised values are those with respect to physical ones times the scale.
        let gradients = try cotangents.map { cotangent in
            var seed = state
            seed.vector = zip(cotangent, unit).map { $0 / $1 }
            return zip(try emulator.adjointStep(at: state, applying: seed).vector, unit).map { $0 * $1 }
        }
        var rows: [Row] = []
        for (position, size) in sizes.enumerated() {
            var worst = (itself: 0.0, tangent: 0.0)
            for (direction, (cotangent, gradient)) in zip(directions, zip(cotangents, gradients)) {
                let physical = zip(direction, unit).map { $0 * $1 }
                let ours = normalised(try emulator.finiteDifferenceStep(at: state, along: physical, size: size), unit)
                let theirs = normalised(try model.finiteDifferenceStep(at: state, along: physical, size: size), unit)
                worst.itself = Self.worse(worst.itself, abs(dot(gradient, direction) - dot(cotangent, ours)) / (norm(cotangent) * norm(ours)))
                worst.tangent = Self.worse(worst.tangent, norm(zip(ours, theirs).map { $0 - $1 }) / norm(theirs))
            }
            let gradient = try gradientError(
                model: model, at: state, cotangent: cotangents[0], gradient: gradients[0], components: components, size: size, unit: unit)
            rows.append(
                Row(size: size, adjointAgainstItself: worst.itself, tangentAgainstModel: worst.tangent, gradientAgainstModel: gradient))
            progress(position + 1, sizes.count)
        }
        return DerivativeFidelity(rows: rows)
    }

    private static func gradientError(
        model: some DynamicalModel<ShallowWaterState>, at state: ShallowWaterState, cotangent: [Double], gradient: [Double],
        components: [Int], size: Double, unit: [Double]
    ) throws -> Double {
        let differences = Slots<(ours: Double, theirs: Double)>(components.count)
        try concurrentForEach(components.count) { k in
            var direction = [Double](repeating: 0, count: unit.count)
            direction[components[k]] = unit[components[k]]
            let change = normalised(try model.finiteDifferenceStep(at: state, along: direction, size: size), unit)
            differences.set(k, (gradient[components[k]], dot(cotangent, change)))
        }
        let pairs = differences.values
        return norm(pairs.map { $0.ours - $0.theirs }) / norm(pairs.map(\.theirs))
    }

    /// The larger; not a number where one is: a figure that could not be had must not pass for a good one.
    private static func worse(_ a: Double, _ b: Double) -> Double { a.isNaN || b.isNaN ? .nan : max(a, b) }

    private static func normalised(_ x: [Double], _ unit: [Double]) -> [Double] { zip(x, unit).map { $0 / $1 } }
    private static func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    private static func norm(_ a: [Double]) -> Double { dot(a, a).squareRoot() }
}
