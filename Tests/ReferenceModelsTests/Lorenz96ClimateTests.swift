import Basics
import Dynamics
import ReferenceModels
import Testing

/// What is known of the attractor of one level, K = 40 and F = 8, each with the sampling error of the measurement.
struct Lorenz96ClimateTests {
    /// Mean of independent pieces of a run and the standard error of that mean.
    static func meanAndError(_ values: [Double]) -> (mean: Double, error: Double) {
        let n = Double(values.count)
        let mean = values.reduce(0, +) / n
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
        return (mean, (variance / n).squareRoot())
    }

    /// Means of `body` over each of `pieces` of a run on the attractor; it is called `samples` times a piece, to advance by 0.5 units.
    static func run(
        _ model: Lorenz96Model, pieces: Int, samples: Int, each body: (inout Lorenz96State) throws -> Double
    ) throws -> [Double] {
        var state = try model.advance(model.initialState(seed: 1), steps: 2000)
        return try (0..<pieces).map { _ in
            var sum = 0.0
            for _ in 0..<samples { sum += try body(&state) }
            return sum / Double(samples)
        }
    }

    /// Benettin et al. (1980): the mean rate at which a trajectory 1e-6 away departs, brought back after every half unit.
    @Test func leadingLyapunovExponent() throws {
        let model = try Lorenz96Model()
        let distance = 1e-6
        var offset = [Double](repeating: 0, count: 40)
        offset[0] = distance
        func growth(_ state: inout Lorenz96State) throws -> Double {
            var other = state
            for k in offset.indices { other.vector[k] += offset[k] }
            state = try model.advance(state, steps: 10)
            other = try model.advance(other, steps: 10)
            for k in offset.indices { offset[k] = other.vector[k] - state.vector[k] }
            let size = offset.reduce(0) { $0 + $1 * $1 }.squareRoot()
            for k in offset.indices { offset[k] *= distance / size }
            return naturalLogarithm(size / distance) / 0.5
        }
        // The first piece is discarded: in it the offset turns to the fastest growing direction.
        let rates = try Self.run(model, pieces: 101, samples: 800, each: growth).dropFirst()
        let (exponent, error) = Self.meanAndError(Array(rates))
        print("Lorenz '96: leading Lyapunov exponent \(exponent) +- \(error), published 1.67, bound 3 %")
        // Three per cent are ten standard errors.
        #expect(error < 0.003 * 1.67)
        #expect(abs(exponent / 1.67 - 1) <= 0.03)
    }

    /// Mean 2.34 and standard deviation 3.64; half a unit of the last digit and four standard errors are allowed.
    @Test func climatologicalMeanAndDeviation() throws {
        let model = try Lorenz96Model()
        var squares: [Double] = []
        var square = 0.0
        let means = try Self.run(model, pieces: 100, samples: 200) { state in
            state = try model.advance(state, steps: 10)
            square += state.vector.reduce(0) { $0 + $1 * $1 } / 40
            squares.append(square)
            return state.vector.reduce(0, +) / 40
        }
        let running = [0] + stride(from: 199, to: squares.count, by: 200).map { squares[$0] }
        let pieces = zip(running, running.dropFirst()).map { ($1 - $0) / 200 }
        let (mean, meanError) = Self.meanAndError(means)
        // The deviation about the mean of the whole run, so that short pieces do not bias it.
        let (variance, varianceError) = Self.meanAndError(pieces.map { $0 - mean * mean })
        let deviation = variance.squareRoot()
        let deviationError = varianceError / (2 * deviation)
        print("Lorenz '96: mean \(mean) +- \(meanError), published 2.34; deviation \(deviation) +- \(deviationError), published 3.64")
        #expect(meanError < 0.005 && deviationError < 0.005)
        #expect(abs(mean - 2.34) <= 0.005 + 4 * meanError)
        #expect(abs(deviation - 3.64) <= 0.005 + 4 * deviationError)
    }
}
