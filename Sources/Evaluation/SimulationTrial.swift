import Dynamics

/// A model beside a simulation whose states come one after the other: single steps from every state, and forecasts from some.
///
/// It holds one state of the truth and one of each forecast, however long the simulation is.
public struct SimulationTrial<Model: DynamicalModel<ShallowWaterState>>: Sendable {
    /// Root mean square errors of single steps from states 0, 1, ..., of zeta (m), u and v (m/s), [start][channel]; infinite where the step failed.
    public private(set) var stepErrors: [[Double]] = []
    /// What the first step that failed said.
    public private(set) var stepFailure: String?
    /// In the order of their starts.
    public private(set) var forecasts: [ForecastRecord] = []

    private let model: Model
    private let masks: ChannelMasks
    private let leadSteps: Int
    private let starts: Set<Int>
    private var last: ShallowWaterState?
    private var seen = 0

    /// - Parameters:
    ///   - leadSteps: of each forecast.
    ///   - starts: numbers of the states from which forecasts begin, counted from 0.
    public init(_ model: Model, grid: ShallowWaterGrid, leadSteps: Int, starts: Set<Int>) {
        self.model = model
        masks = ChannelMasks(grid)
        self.leadSteps = leadSteps
        self.starts = starts
    }

    /// Takes the next state of the truth. A model that throws is not an error here: it is infinitely wrong.
    public mutating func observe(_ truth: ShallowWaterState) {
        if let last {
            do {
                stepErrors.append(masks.rootMeanSquares(try model.step(last), truth))
            } catch {
                stepErrors.append([.infinity, .infinity, .infinity])
                stepFailure = stepFailure ?? "step \(stepErrors.count): \(error)"
            }
        }
        for k in forecasts.indices where forecasts[k].channelErrors.count < leadSteps {
            forecasts[k].advance(model, truth: truth, masks: masks)
        }
        if starts.contains(seen) { forecasts.append(ForecastRecord(from: truth, masks: masks)) }
        seen += 1
        last = truth
    }
}

/// Errors of single steps, over simulations.
public struct OneStepSkill: Equatable, Sendable {
    /// Mean over a simulation's states of the error of the step from each.
    public let bySimulation: [Double]
    /// Over simulations.
    public let statistics: SampleStatistics

    /// - Parameters:
    ///   - stepErrors: [simulation][start][channel], as in `SimulationTrial`.
    ///   - scales: what the channels are divided by.
    public init(_ stepErrors: [[[Double]]], scales: ChannelScales) {
        bySimulation = stepErrors.map { starts in SampleStatistics(starts.map { scales.error(of: $0) }).mean }
        statistics = SampleStatistics(bySimulation)
    }
}
