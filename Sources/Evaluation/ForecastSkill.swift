import Dynamics

/// Errors of forecasts against true trajectories, by lead time.
///
/// The measure is the root mean square over wet cells and open faces of zeta, u and v, each divided by its scale, with the three channels
/// weighted alike; mean over forecasts of each forecast's.
public struct ForecastSkill: Equatable, Sendable {
    /// The forecasts in the means, all of one length.
    public let records: [ForecastRecord]
    /// Error after 1, 2, ... steps. Infinite from the step at which a forecast failed.
    public let error: [Double]
    /// Standard deviation over forecasts of each one's error, by lead; not a number for a single forecast and where one failed.
    public let errorDeviation: [Double]
    /// The same as `error` for zeta, u, v alone, [channel][lead].
    public let channelError: [[Double]]
    /// |mean(zeta) - mean(zeta at the start)| in m, largest over forecasts, by lead.
    public let meanElevationDrift: [Double]
    /// |sum(zeta) - sum(zeta at the start)| / sum(|zeta| at the start), largest over forecasts, by lead.
    public let relativeMassDrift: [Double]

    /// - Parameter scales: what the channels are divided by.
    public init(_ records: [ForecastRecord], scales: ChannelScales) {
        self.records = records
        let leads = 0..<(records.map(\.channelErrors.count).min() ?? 0)
        let errors = records.map { $0.error(in: scales) }
        let statistics = leads.map { lead in SampleStatistics(errors.map { $0[lead] }) }
        error = statistics.map(\.mean)
        errorDeviation = statistics.map(\.deviation)
        channelError = scales.state.enumerated().map { channel, scale in
            leads.map { lead in SampleStatistics(records.map { $0.channelErrors[lead][channel] / scale }).mean }
        }
        meanElevationDrift = leads.map { lead in records.map { $0.meanElevationDrift[lead] }.max() ?? 0 }
        relativeMassDrift = leads.map { lead in records.map { $0.relativeMassDrift[lead] }.max() ?? 0 }
    }

    /// What stopped forecasts, if anything did.
    public var failures: [String] { records.compactMap(\.failure) }

    /// One forecast from `truth[0]`, compared with `truth[1]`, `truth[2]`, ...
    ///
    /// A model that throws is not an error here: the forecast counts as infinitely wrong from there on.
    public static func forecast(
        _ model: some DynamicalModel<ShallowWaterState>, truth: [ShallowWaterState], grid: ShallowWaterGrid, scales: ChannelScales
    ) -> ForecastSkill {
        let masks = ChannelMasks(grid)
        var record = ForecastRecord(from: truth[0], masks: masks)
        for state in truth.dropFirst() { record.advance(model, truth: state, masks: masks) }
        return ForecastSkill([record], scales: scales)
    }
}
