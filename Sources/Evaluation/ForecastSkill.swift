import Basics
import Dynamics

/// Errors of forecasts against a true trajectory, by lead time.
///
/// The measure is the root mean square over wet cells and open faces of zeta, u and v, each divided by its scale over the training set,
/// with the three channels weighted alike.
public struct ForecastSkill: Equatable, Sendable {
    /// Error after 1, 2, ... steps; mean over forecasts of each forecast's RMSE. Infinite from the step at which a forecast failed.
    public private(set) var error: [Double]
    /// The same for zeta, u, v alone, [channel][lead].
    public private(set) var channelError: [[Double]]
    /// |mean(zeta) - mean(zeta at the start)| in m, largest over forecasts, by lead.
    public private(set) var meanElevationDrift: [Double]
    /// Wall-clock seconds per step.
    public private(set) var secondsPerStep: Double
    /// What stopped a forecast, if anything did.
    public private(set) var failures: [String]
    /// Number of forecasts in the means.
    public private(set) var forecasts: Int

    /// No forecasts yet.
    public init(leadSteps: Int) {
        error = [Double](repeating: 0, count: leadSteps)
        channelError = [[Double]](repeating: error, count: 3)
        meanElevationDrift = error
        secondsPerStep = 0
        failures = []
        forecasts = 0
    }

    /// One forecast from `truth[0]`, compared with `truth[1]`, `truth[2]`, ...
    ///
    /// A model that throws is not an error here: the forecast counts as infinitely wrong from there on.
    public static func forecast(
        _ model: some DynamicalModel<ShallowWaterState>, truth: [ShallowWaterState], grid: ShallowWaterGrid, scales: ChannelScales
    ) -> ForecastSkill {
        var skill = ForecastSkill(leadSteps: truth.count - 1)
        let masks = [grid.wet, grid.openEast, grid.openNorth]
        var state = truth[0]
        let start = meanElevation(state, wet: masks[0])
        let clock = ContinuousClock()
        var elapsed = Duration.zero
        var isRunning = true
        var completed = 0
        for lead in 0..<truth.count - 1 {
            if isRunning {
                do {
                    let begin = clock.now
                    state = try model.step(state)
                    elapsed += clock.now - begin
                    completed += 1
                } catch {
                    isRunning = false
                    skill.failures.append("step \(lead + 1): \(error)")
                }
            }
            let errors = isRunning
                ? channelErrors(state, truth[lead + 1], masks: masks, scales: scales) : [.infinity, .infinity, .infinity]
            for channel in 0..<3 { skill.channelError[channel][lead] = errors[channel] }
            skill.error[lead] = (errors.reduce(0) { $0 + $1 * $1 } / 3).squareRoot()
            skill.meanElevationDrift[lead] = isRunning ? abs(meanElevation(state, wet: masks[0]) - start) : .infinity
        }
        skill.secondsPerStep = (Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18) / Double(max(1, completed))
        skill.forecasts = 1
        return skill
    }

    /// Takes other forecasts of the same length into the means.
    public mutating func merge(_ other: ForecastSkill) {
        let (a, b) = (Double(forecasts), Double(other.forecasts))
        func mean(_ x: [Double], _ y: [Double]) -> [Double] { zip(x, y).map { forecasts == 0 ? $1 : (a * $0 + b * $1) / (a + b) } }
        error = mean(error, other.error)
        channelError = zip(channelError, other.channelError).map(mean)
        meanElevationDrift = zip(meanElevationDrift, other.meanElevationDrift).map(max)
        secondsPerStep = mean([secondsPerStep], [other.secondsPerStep])[0]
        failures += other.failures
        forecasts += other.forecasts
    }

    /// RMS of (a - b) / scale over the free values of zeta, u, v.
    public static func channelErrors(
        _ a: ShallowWaterState, _ b: ShallowWaterState, masks: [[Bool]], scales: ChannelScales
    ) -> [Double] {
        let cells = a.nx * a.ny
        return (0..<3).map { channel in
            var sum = 0.0
            var count = 0
            for k in 0..<cells where masks[channel][k] {
                let difference = a.vector[channel * cells + k] - b.vector[channel * cells + k]
                sum += difference * difference
                count += 1
            }
            return (sum / Double(max(1, count))).squareRoot() / scales.state[channel]
        }
    }

    private static func meanElevation(_ state: ShallowWaterState, wet: [Bool]) -> Double {
        var sum = 0.0
        var count = 0
        for k in wet.indices where wet[k] {
            sum += state.vector[k]
            count += 1
        }
        return sum / Double(max(1, count))
    }
}
