import Basics
import Dynamics

/// Lyapunov exponents of a model, largest first: mean rates, per unit of the model's time, at which small perturbations grow along a long trajectory.
///
/// Perturbations are carried by the tangent-linear and made orthonormal again after every step (Benettin et al. 1980): the logarithms of the lengths
/// that the triangular factor holds add up to the exponents.
///
/// - G. Benettin, L. Galgani, A. Giorgilli, J.-M. Strelcyn (1980): Lyapunov characteristic exponents for smooth dynamical systems and for Hamiltonian
///   systems; a method for computing all of them. Part 2. Meccanica 15, 21-30.
public struct LyapunovSpectrum: Equatable, Sendable {
    /// Per unit of time.
    public let exponents: [Double]
    /// Of each exponent, from its means over ten successive parts of the trajectory.
    public let standardErrors: [Double]

    private static let pieces = 10

    /// Of a model of any kind, autonomous.
    ///
    /// - Parameters:
    ///   - state: on the attractor.
    ///   - exponents: how many, the largest ones; all where nil.
    ///   - transient: steps in which the perturbations turn to their directions; not counted.
    ///   - steps: that are counted, at least ten.
    ///   - seed: of the perturbations at the start.
    ///   - progress: hears how many steps are done; throw from it to stop.
    ///
    /// Throws `SeicheError`: invalidInput for numbers that cannot be used, model where perturbations vanish or overflow, and what the model throws.
    public init<Model: TangentLinearModel>(
        of model: Model, from state: Model.State, exponents: Int? = nil, transient: Int, steps: Int, seed: UInt64 = 1,
        progress: (Int) throws -> Void = { _ in }
    ) throws {
        let size = state.vector.count
        let count = exponents ?? size
        guard (1...max(1, size)).contains(count), transient >= 0, steps >= Self.pieces else {
            throw SeicheError(
                .invalidInput, "\(count) Lyapunov exponents of a state of \(size) values over \(steps) steps after \(transient)",
                remedy: "ask for 1 to \(size) exponents over at least \(Self.pieces) steps")
        }
        var stream = RandomStream(seed: seed, purpose: "Lyapunov perturbations")
        var frame = (0..<count).map { _ in stream.normals(size) }
        _ = try Self.orthonormalise(&frame)
        var state = state
        var sums = [[Double]](repeating: [Double](repeating: 0, count: count), count: Self.pieces)
        for step in -transient..<steps {
            let images = try model.tangentSteps(
                at: state,
                applying: frame.map { vector in
                    var perturbation = state
                    perturbation.vector = vector
                    return perturbation
                })
            frame = images.map(\.vector)
            let lengths = try Self.orthonormalise(&frame)
            if step >= 0 {
                let piece = step * Self.pieces / steps
                for k in 0..<count { sums[piece][k] += naturalLogarithm(lengths[k]) }
            }
            state = try model.step(state)
            try progress(step + transient + 1)
        }
        let rates = sums.enumerated().map { piece, sums in
            // Steps with piece = step * pieces / steps, rounded down.
            let first = (piece * steps + Self.pieces - 1) / Self.pieces
            let last = ((piece + 1) * steps + Self.pieces - 1) / Self.pieces
            return sums.map { $0 / (Double(last - first) * model.timeStep) }
        }
        let means = (0..<count).map { k in sums.reduce(0) { $0 + $1[k] } / (Double(steps) * model.timeStep) }
        let errors = (0..<count).map { k in
            let mean = rates.reduce(0) { $0 + $1[k] } / Double(Self.pieces)
            return (rates.reduce(0) { $0 + ($1[k] - mean) * ($1[k] - mean) } / Double(Self.pieces * (Self.pieces - 1))).squareRoot()
        }
        // A finite trajectory may leave neighbours that are nearly equal in the wrong order.
        let order = means.indices.sorted { means[$0] > means[$1] }
        self.exponents = order.map { means[$0] }
        standardErrors = order.map { errors[$0] }
    }

    /// Of all exponents: the mean rate at which volumes in the space of states grow.
    public var sum: Double { exponents.reduce(0, +) }

    /// j + (l_1 + ... + l_j) / |l_{j+1}| with j the largest number of exponents whose sum is not negative (Kaplan and Yorke 1979): an estimate of the
    /// attractor's dimension. Nil where the sum of all that were computed is not negative: there are too few.
    public var kaplanYorkeDimension: Double? {
        var sum = 0.0
        for (j, exponent) in exponents.enumerated() {
            if sum + exponent < 0 { return Double(j) + sum / abs(exponent) }
            sum += exponent
        }
        return nil
    }

    /// Modified Gram-Schmidt in the order of the vectors; the lengths are those of what each had besides the ones before it.
    private static func orthonormalise(_ frame: inout [[Double]]) throws -> [Double] {
        var lengths: [Double] = []
        for k in frame.indices {
            var vector = frame[k]
            for j in 0..<k { addMultiple(-dotProduct(frame[j], vector), of: frame[j], to: &vector) }
            let length = dotProduct(vector, vector).squareRoot()
            guard length > 0, length.isFinite else {
                throw SeicheError(
                    .model, "the perturbation along Lyapunov direction \(k) has the length \(length) after a step",
                    why: "the step's Jacobian is singular there, or the trajectory has blown up", remedy: "ask for \(k) exponents or fewer")
            }
            for element in vector.indices { vector[element] /= length }
            frame[k] = vector
            lengths.append(length)
        }
        return lengths
    }
}

private func dotProduct(_ a: [Double], _ b: [Double]) -> Double {
    a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
            var sum = 0.0
            for k in 0..<min(a.count, b.count) { sum += a[k] * b[k] }
            return sum
        }
    }
}

private func addMultiple(_ factor: Double, of a: [Double], to b: inout [Double]) {
    a.withUnsafeBufferPointer { a in
        b.withUnsafeMutableBufferPointer { b in
            for k in 0..<min(a.count, b.count) { b[k] += factor * a[k] }
        }
    }
}
