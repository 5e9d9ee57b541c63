import Basics
import Optimisation

/// How a training goes down.
public enum OptimiserSettings: Equatable, Sendable {
    /// Gradients longer than `gradientClip` are shortened to it.
    case adam(schedule: LearningRateSchedule, gradientClip: Double)
    case levenbergMarquardt(LevenbergMarquardt.Settings)
}

/// What an optimiser carries from step to step.
public enum OptimiserState: Equatable, Sendable {
    case adam(Adam)
    case levenbergMarquardt(LevenbergMarquardt)

    /// The start.
    public init(_ settings: OptimiserSettings, parameterCount: Int) {
        switch settings {
        case .adam: self = .adam(Adam(count: parameterCount))
        case .levenbergMarquardt(let settings): self = .levenbergMarquardt(LevenbergMarquardt(settings))
        }
    }

    /// From what `numbers` and `vectors` gave; nil where something is missing.
    public init?(_ settings: OptimiserSettings, numbers: [String: Double], vectors: [String: [Double]]) {
        guard let count = numbers["updates"], let updates = Int(exactly: count) else { return nil }
        switch settings {
        case .adam:
            guard let first = vectors["adam_first_moment"], let second = vectors["adam_second_moment"] else { return nil }
            self = .adam(Adam(updates: updates, firstMoment: first, secondMoment: second))
        case .levenbergMarquardt(let settings):
            guard let damping = numbers["damping"] else { return nil }
            self = .levenbergMarquardt(LevenbergMarquardt(settings, damping: damping, updates: updates))
        }
    }

    /// For a checkpoint, by name.
    public var numbers: [String: Double] {
        switch self {
        case .adam(let adam): ["updates": Double(adam.updates)]
        case .levenbergMarquardt(let method): ["updates": Double(method.updates), "damping": method.damping]
        }
    }

    /// For a checkpoint, by name; as long as the parameters.
    public var vectors: [String: [Double]] {
        switch self {
        case .adam(let adam): ["adam_first_moment": adam.firstMoment, "adam_second_moment": adam.secondMoment]
        case .levenbergMarquardt: [:]
        }
    }
}
