import Dynamics

/// A forecast of very many steps without a truth beside it: does it stay finite, does it keep its water, does it die away or grow?
public struct LongForecast: Equatable, Sendable {
    /// Steps after which the figures are told: 0, then every so many, and the last.
    public let steps: [Int]
    /// Root of the mean over zeta, u and v of their mean squares over wet cells and open faces, each divided by its scale; infinite from the step on that failed,
    /// as the drift is.
    public private(set) var rms: [Double] = []
    /// |sum(zeta) - sum(zeta at the start)| / sum(|zeta| at the start).
    public private(set) var relativeMassDrift: [Double] = []
    /// The largest over all steps, those between the ones that are told too.
    public private(set) var largestMassDrift = 0.0
    public private(set) var largestRMS = 0.0
    /// What stopped the forecast, if anything did.
    public private(set) var failure: String?

    /// - Parameters:
    ///   - count: of steps.
    ///   - stride: between steps that are told.
    ///   - progress: called after every step; throw from it to stop.
    public init(
        _ model: some DynamicalModel<ShallowWaterState>, from start: ShallowWaterState, grid: ShallowWaterGrid, scales: ChannelScales, count: Int,
        every stride: Int, progress: () throws -> Void = {}
    ) throws {
        let masks = ChannelMasks(grid)
        let masses = Masses(start, wet: masks.wet)
        let told = Array(Swift.stride(from: 0, to: count, by: stride)) + [count]
        steps = told
        var state = start
        for step in 0...count {
            if step > 0, failure == nil {
                do { state = try model.step(state) } catch { failure = "step \(step): \(error)" }
            }
            let size = failure == nil ? scales.error(of: masks.rootMeanSquares(state)) : .infinity
            let drift = failure == nil ? masses.relativeChange(to: Masses(state, wet: masks.wet)) : .infinity
            largestRMS = max(largestRMS, size)
            largestMassDrift = max(largestMassDrift, drift)
            if step == told[rms.count] {
                rms.append(size)
                relativeMassDrift.append(drift)
            }
            if step > 0 { try progress() }
        }
    }
}
