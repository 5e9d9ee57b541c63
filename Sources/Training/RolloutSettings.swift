import Basics

/// What a loss over several steps of an emulator is.
public struct RolloutSettings: Equatable, Sendable {
    /// Through which steps of a forecast the gradient goes.
    public enum Gradient: Equatable, Sendable {
        /// Through all: the error is the mean over every step of the forecast.
        case unrolled
        /// Through the first and the last, each alone (the pushforward trick; Brandstetter, Worrall and Welling 2022, section 3.1): the error is
        /// the mean over these two, and the last starts from a state that the emulator itself made, a constant to the gradient.
        case pushforward
    }

    public var horizon: ForecastHorizon
    public var gradient: Gradient
    /// Of the squared errors of zeta, u, v, relative to each other; not negative, not all zero.
    public var channelWeights: [Double]
    /// Of the squared error of one step's tangent-linear, relative to that of a state; 0 for none.
    public var tangentWeight: Double

    public init(
        horizon: ForecastHorizon = ForecastHorizon(), gradient: Gradient = .unrolled, channelWeights: [Double] = [1, 1, 1], tangentWeight: Double = 0
    ) {
        self.horizon = horizon
        self.gradient = gradient
        self.channelWeights = channelWeights
        self.tangentWeight = tangentWeight
    }

    /// Throws for a value that no loss can have.
    func check() throws {
        guard horizon.first >= 1, horizon.final >= horizon.first, horizon.growthSteps >= 0 else {
            throw SeicheError(
                .invalidInput, "the loss goes from \(horizon.first) to \(horizon.final) steps within \(horizon.growthSteps) training steps",
                remedy: "begin with 1 or more, and end with as many or more")
        }
        guard tangentWeight >= 0, tangentWeight.isFinite else {
            throw SeicheError(
                .invalidInput, "the loss weights the tangent-linear by \(tangentWeight)", remedy: "give a number above 0, or 0 to leave it out")
        }
        guard channelWeights.count == 3, channelWeights.allSatisfy({ $0 >= 0 && $0.isFinite }), channelWeights.contains(where: { $0 > 0 }) else {
            throw SeicheError(
                .invalidInput, "the loss weights the channels by \(channelWeights)",
                remedy: "give three numbers for zeta, u, v, of which one is above 0")
        }
    }
}

/// Over how many steps of the emulator a loss looks, as a pure function of the training step.
public struct ForecastHorizon: Equatable, Sendable {
    public var first: Int
    public var final: Int
    /// Training steps within which it grows from the first to the final one, by one at equal intervals.
    public var growthSteps: Int

    public init(_ steps: Int = 1) { self.init(first: steps, final: steps, growthSteps: 0) }

    public init(first: Int, final: Int, growthSteps: Int) {
        self.first = first
        self.final = final
        self.growthSteps = growthSteps
    }

    /// At training step 0, 1, ...
    public func steps(at step: Int) -> Int { step < growthSteps ? first + step * (final - first) / growthSteps : final }
}
