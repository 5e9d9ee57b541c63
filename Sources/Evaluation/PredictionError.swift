import Dynamics

/// Root-mean-square differences of states of a model whose variables are all of one kind, such as those of a Lorenz '96 ring, relative to their
/// climatological standard deviation.
public struct PredictionError: Sendable {
    /// Of the true model's variables about their mean.
    public let deviation: Double

    public init(deviation: Double) { self.deviation = deviation }

    /// Of the states of a forecast from `truth[0]` after 1, 2, ... steps, each against the state of the truth; infinite from the step on that failed.
    public func byLead<Model: DynamicalModel>(of model: Model, truth: [Model.State]) -> [Double] {
        guard var state = truth.first else { return [] }
        var errors: [Double] = []
        for expected in truth.dropFirst() {
            guard let next = try? model.step(state) else { break }
            state = next
            errors.append(relative(state, expected))
        }
        return errors + [Double](repeating: .infinity, count: truth.count - 1 - errors.count)
    }

    /// Of single steps from each state but the last, one value for all: the root of the mean square over states and variables.
    public func oneStep<Model: DynamicalModel>(of model: Model, truth: [Model.State]) throws -> Double {
        var sum = 0.0
        for (now, next) in zip(truth, truth.dropFirst()) {
            let error = relative(try model.step(now), next)
            sum += error * error
        }
        return (sum / Double(max(1, truth.count - 1))).squareRoot()
    }

    /// The time for which a forecast is of use: until its error first exceeds `threshold`; nil where it never does.
    ///
    /// - Parameters:
    ///   - errors: after 1, 2, ... steps.
    ///   - timeStep: in the unit of the result.
    public static func validTime(_ errors: [Double], threshold: Double = 0.4, timeStep: Double) -> Double? {
        // The last time at which it was still valid: 0 where the first step fails. `!(... <= ...)` also ends at what is not a number.
        errors.firstIndex { !($0 <= threshold) }.map { Double($0) * timeStep }
    }

    private func relative<State: DynamicalState>(_ a: State, _ b: State) -> Double {
        var sum = 0.0
        for (x, y) in zip(a.vector, b.vector) { sum += (x - y) * (x - y) }
        return (sum / Double(max(1, a.vector.count))).squareRoot() / deviation
    }
}
