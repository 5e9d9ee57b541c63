import Basics
import Optimisation

/// How a training goes down.
public enum OptimiserSettings: Equatable, Sendable {
    /// Gradients longer than `gradientClip` are shortened to it; `weightDecay` is decoupled (AdamW), and spares biases; with `plateau` the
    /// schedule's rate is lowered further where validation stalls.
    case adam(schedule: LearningRateSchedule, gradientClip: Double, weightDecay: Double = 0, plateau: PlateauReduction.Settings? = nil)
    /// Adam in the eigenbasis of Shampoo's preconditioner; the rest as for Adam.
    case soap(SOAP.Settings, schedule: LearningRateSchedule, gradientClip: Double, weightDecay: Double = 0, plateau: PlateauReduction.Settings? = nil)
    case levenbergMarquardt(LevenbergMarquardt.Settings)
    /// On one batch throughout, or for as many steps as `renewBatchEvery` says.
    case lbfgs(LBFGS.Settings, renewBatchEvery: Int? = nil)

    /// The word for it in checkpoints and experiments.
    public var name: String {
        switch self {
        case .adam: "adam"
        case .soap: "soap"
        case .levenbergMarquardt: "levenberg_marquardt"
        case .lbfgs: "lbfgs"
        }
    }
}

/// What an optimiser carries from step to step.
public enum OptimiserState: Equatable, Sendable {
    case adam(Adam)
    case soap(SOAP)
    case levenbergMarquardt(LevenbergMarquardt)
    case lbfgs(LBFGS)

    /// The start.
    public init(_ settings: OptimiserSettings, parameterCount: Int) {
        switch settings {
        case .adam: self = .adam(Adam(count: parameterCount))
        case .soap(let settings, _, _, _, _): self = .soap(SOAP(settings, count: parameterCount))
        case .levenbergMarquardt(let settings): self = .levenbergMarquardt(LevenbergMarquardt(settings))
        case .lbfgs(let settings, _): self = .lbfgs(LBFGS(settings))
        }
    }

    /// From what `numbers` and `vectors` gave; nil where something is missing.
    public init?(_ settings: OptimiserSettings, numbers: [String: Double], vectors: [String: [Double]]) {
        guard let count = numbers["updates"], let updates = Int(exactly: count) else { return nil }
        switch settings {
        case .adam:
            guard let first = vectors["adam_first_moment"], let second = vectors["adam_second_moment"] else { return nil }
            self = .adam(Adam(updates: updates, firstMoment: first, secondMoment: second))
        case .soap(let settings, _, _, _, _):
            guard let first = vectors["soap_first_moment"], let second = vectors["soap_second_moment"], let covariances = vectors["soap_covariances"],
                let bases = vectors["soap_bases"],
                let soap = SOAP(settings, updates: updates, firstMoment: first, secondMoment: second, covariances: covariances, bases: bases)
            else { return nil }
            self = .soap(soap)
        case .levenbergMarquardt(let settings):
            guard let damping = numbers["damping"] else { return nil }
            self = .levenbergMarquardt(LevenbergMarquardt(settings, damping: damping, updates: updates))
        case .lbfgs(let settings, _):
            guard let number = numbers["lbfgs_pairs"], let count = Int(exactly: number), count >= 0 else { return nil }
            var pairs: [LBFGS.Pair] = []
            for k in 0..<count {
                guard let step = vectors["lbfgs_step_\(k)"], let change = vectors["lbfgs_change_\(k)"] else { return nil }
                pairs.append(LBFGS.Pair(step: step, change: change))
            }
            let current = numbers["lbfgs_value"].flatMap { value in vectors["lbfgs_gradient"].map { Evaluation(value: value, gradient: $0) } }
            self = .lbfgs(LBFGS(settings, updates: updates, pairs: pairs, current: current))
        }
    }

    /// For a checkpoint, by name.
    public var numbers: [String: Double] {
        switch self {
        case .adam(let adam): return ["updates": Double(adam.updates)]
        case .soap(let soap): return ["updates": Double(soap.updates)]
        case .levenbergMarquardt(let method): return ["updates": Double(method.updates), "damping": method.damping]
        case .lbfgs(let method):
            var result = ["updates": Double(method.updates), "lbfgs_pairs": Double(method.pairs.count)]
            result["lbfgs_value"] = method.current?.value
            return result
        }
    }

    /// Names of `vectors` that are not as long as the parameters.
    static let vectorsOfOtherLengths: Set<String> = ["soap_covariances", "soap_bases"]

    /// For a checkpoint, by name.
    public var vectors: [String: [Double]] {
        switch self {
        case .adam(let adam): return ["adam_first_moment": adam.firstMoment, "adam_second_moment": adam.secondMoment]
        case .soap(let soap):
            return [
                "soap_first_moment": soap.firstMoment, "soap_second_moment": soap.secondMoment, "soap_covariances": soap.covariances,
                "soap_bases": soap.bases,
            ]
        case .levenbergMarquardt: return [:]
        case .lbfgs(let method):
            var result: [String: [Double]] = [:]
            for (k, pair) in method.pairs.enumerated() {
                result["lbfgs_step_\(k)"] = pair.step
                result["lbfgs_change_\(k)"] = pair.change
            }
            result["lbfgs_gradient"] = method.current?.gradient
            return result
        }
    }
}
