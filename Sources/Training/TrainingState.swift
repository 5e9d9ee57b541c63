import Optimisation

/// Where a training stands: all that is needed to go on as if it had never stopped.
public struct TrainingState: Equatable, Sendable {
    /// Steps done.
    public var step: Int
    public var parameters: [Double]
    public var optimiser: OptimiserState
    /// The weights with the lowest validation score so far, and that score: a loss or an error of forecasts, as the settings say.
    public var best: [Double]
    public var bestScore: Double
    /// Looks at the validation samples since the best one.
    public var looksSinceBest: Int
    /// Where the settings ask for them.
    public var average: WeightAverage?
    public var plateau: PlateauReduction?

    /// The start.
    public init(parameters: [Double], settings: TrainingSettings) {
        step = 0
        self.parameters = parameters
        optimiser = OptimiserState(settings.optimiser, parameterCount: parameters.count)
        best = parameters
        bestScore = .infinity
        looksSinceBest = 0
        average = settings.averageDecay.map { WeightAverage(decay: $0, values: parameters) }
        plateau = settings.plateau.map { PlateauReduction($0) }
    }

    /// What validation looks at.
    var judged: [Double] { average?.values ?? parameters }

    /// Takes a look's score.
    mutating func take(score: Double) {
        plateau?.look(at: score)
        if score < bestScore {
            (best, bestScore, looksSinceBest) = (judged, score, 0)
        } else {
            looksSinceBest += 1
        }
    }
}

extension TrainingSettings {
    var plateau: PlateauReduction.Settings? {
        switch optimiser {
        case .adam(_, _, _, let plateau), .soap(_, _, _, _, let plateau): plateau
        case .levenbergMarquardt, .lbfgs: nil
        }
    }
}

// As a checkpoint holds it.
extension TrainingState {
    /// From a checkpoint's parameters and what `numbers` and `vectors` gave; nil where something is missing.
    public init?(parameters: [Double], settings: TrainingSettings, numbers: [String: Double], vectors: [String: [Double]]) {
        guard vectors.allSatisfy({ OptimiserState.vectorsOfOtherLengths.contains($0.key) || $0.value.count == parameters.count }) else { return nil }
        guard let best = vectors["best_parameters"], let step = numbers["step"].flatMap({ Int(exactly: $0) }), let score = numbers["best_score"],
            let looks = numbers["looks_since_best"].flatMap({ Int(exactly: $0) }),
            let optimiser = OptimiserState(settings.optimiser, numbers: numbers, vectors: vectors)
        else { return nil }
        self.init(parameters: parameters, settings: settings)
        (self.step, self.optimiser, self.best, bestScore, looksSinceBest) = (step, optimiser, best, score, looks)
        if let decay = settings.averageDecay {
            guard let values = vectors["average_parameters"] else { return nil }
            average = WeightAverage(decay: decay, values: values)
        }
        if let settings = settings.plateau {
            guard let scale = numbers["plateau_scale"], let lowest = numbers["plateau_lowest"],
                let looks = numbers["plateau_looks"].flatMap({ Int(exactly: $0) })
            else { return nil }
            plateau = PlateauReduction(settings, scale: scale, lowest: lowest, looks: looks)
        }
    }

    public var numbers: [String: Double] {
        var result = optimiser.numbers
        result["step"] = Double(step)
        result["best_score"] = bestScore
        result["looks_since_best"] = Double(looksSinceBest)
        if let plateau {
            result["plateau_scale"] = plateau.scale
            result["plateau_lowest"] = plateau.lowest
            result["plateau_looks"] = Double(plateau.looks)
        }
        return result
    }

    public var vectors: [String: [Double]] {
        var result = optimiser.vectors
        result["best_parameters"] = best
        result["average_parameters"] = average?.values
        return result
    }
}
