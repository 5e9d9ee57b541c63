import Basics
import Configuration
import Dynamics
import Emulators

/// How a model forecasts, and what its climate is.
struct SubgridSkill: Sendable {
    /// Root mean square error of the forecasts after 1, 2, ... steps, in deviations of the truth's climatology.
    var errors: [Double] = []
    /// Mean over forecasts of the time until the error exceeds the threshold, in the model's unit.
    var validTime = 0.0
    var climate = Climate([])
    /// Largest difference of the cumulative distributions of model and truth (Kolmogorov and Smirnov's).
    var distance = 0.0
    /// Why there is no climate.
    var failure: SeicheError?

    /// The distribution of all variables at all times.
    struct Climate: Sendable {
        let mean: Double
        let deviation: Double
        /// Counts in bins of `width` from `first` on.
        let histogram: [Double]
        static let (first, width, bins) = (-20.0, 0.1, 500)

        init(_ values: [Double]) {
            let count = Double(max(1, values.count))
            let mean = values.reduce(0, +) / count
            self.mean = mean
            deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
            var histogram = [Double](repeating: 0, count: Self.bins)
            for value in values { histogram[min(Self.bins - 1, max(0, Int((value - Self.first) / Self.width)))] += 1 }
            self.histogram = histogram
        }

        /// Largest difference of cumulative distributions, at the bins' edges.
        func distance(from other: Climate) -> Double {
            let totals = (histogram.reduce(0, +), other.histogram.reduce(0, +))
            var (a, b, largest) = (0.0, 0.0, 0.0)
            for bin in histogram.indices {
                a += histogram[bin] / totals.0
                b += other.histogram[bin] / totals.1
                largest = max(largest, abs(a - b))
            }
            return largest
        }
    }
}

/// Compares models with trajectories of the truth, each of which is a forecast and then a piece of climatology.
struct SubgridJudge: Sendable {
    let climate: SubgridSkill.Climate
    /// Between the climates of half of the trajectories and of the others: what chance alone makes of a distance.
    let chance: Double
    private let wanted: Experiment.Subgrid.Forecasts
    private let trajectories: [[Lorenz96State]]

    init(_ wanted: Experiment.Subgrid.Forecasts, truth: SubgridData) throws {
        self.wanted = wanted
        trajectories = truth.states
        func values(_ trajectories: some Sequence<[Lorenz96State]>) -> [Double] {
            // State 0 is where forecasts begin.
            trajectories.flatMap { $0.dropFirst(wanted.leadSteps + 1).flatMap(\.vector) }
        }
        climate = SubgridSkill.Climate(values(trajectories))
        let half = trajectories.count / 2
        chance = SubgridSkill.Climate(values(trajectories[..<half])).distance(from: SubgridSkill.Climate(values(trajectories[half...])))
    }

    func skill(of model: Lorenz96Emulator) throws -> SubgridSkill {
        var skill = SubgridSkill()
        var states = trajectories.map { $0[0] }
        var validSteps = [Int?](repeating: nil, count: states.count)
        var values: [Double] = []
        do {
            for step in 1..<trajectories[0].count {
                if Interruption.isRequested { throw SeicheError(.interrupted, "stopped; nothing was written") }
                states = try model.steps(states)
                guard step <= wanted.leadSteps else {
                    values += states.flatMap(\.vector)
                    continue
                }
                let squares = states.indices.map { k in
                    let truth = trajectories[k][step].vector
                    return truth.indices.reduce(0) { $0 + (states[k].vector[$1] - truth[$1]) * (states[k].vector[$1] - truth[$1]) }
                        / Double(truth.count) / (climate.deviation * climate.deviation)
                }
                skill.errors.append((squares.reduce(0, +) / Double(squares.count)).squareRoot())
                for k in squares.indices where validSteps[k] == nil && squares[k].squareRoot() > wanted.threshold { validSteps[k] = step - 1 }
            }
            skill.climate = SubgridSkill.Climate(values)
            skill.distance = skill.climate.distance(from: climate)
        } catch let error as SeicheError where error.category == .model {
            skill.failure = error
        }
        skill.validTime = model.timeStep * validSteps.reduce(0) { $0 + Double($1 ?? wanted.leadSteps) } / Double(validSteps.count)
        return skill
    }
}
