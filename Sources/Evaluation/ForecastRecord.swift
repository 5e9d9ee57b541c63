import Basics
import Dynamics

/// How far one forecast is from the truth after 1, 2, ... steps, in SI units.
public struct ForecastRecord: Equatable, Sendable {
    /// Root mean square differences of zeta (m), u and v (m/s) over wet cells and open faces, [lead][channel]. Infinite from the step on that
    /// failed, as are the drifts.
    public private(set) var channelErrors: [[Double]] = []
    /// |mean(zeta) - mean(zeta at the start)| over wet cells in m, by lead.
    public private(set) var meanElevationDrift: [Double] = []
    /// |sum(zeta) - sum(zeta at the start)| / sum(|zeta| at the start) over wet cells, by lead: what was made or lost of the water that moves.
    public private(set) var relativeMassDrift: [Double] = []
    /// What stopped the forecast, if anything did.
    public private(set) var failure: String?

    /// The forecast now; nil once it has failed.
    private var state: ShallowWaterState?
    private let masses: Masses

    /// A forecast that starts from a state of the truth.
    init(from start: ShallowWaterState, masks: ChannelMasks) {
        state = start
        masses = Masses(start, wet: masks.wet)
    }

    /// One step more, compared with the state of the truth that it forecasts.
    mutating func advance(_ model: some DynamicalModel<ShallowWaterState>, truth: ShallowWaterState, masks: ChannelMasks) {
        if let now = state {
            do {
                state = try model.step(now)
            } catch {
                state = nil
                failure = "step \(channelErrors.count + 1): \(error)"
            }
        }
        guard let state else {
            channelErrors.append([.infinity, .infinity, .infinity])
            meanElevationDrift.append(.infinity)
            relativeMassDrift.append(.infinity)
            return
        }
        channelErrors.append(masks.rootMeanSquares(state, truth))
        let now = Masses(state, wet: masks.wet)
        meanElevationDrift.append(abs(now.sum - masses.sum) / Double(max(1, masses.cells)))
        relativeMassDrift.append(masses.relativeChange(to: now))
    }

    /// The error by lead: the root of the mean of the channels' squares, each channel divided by its scale.
    public func error(in scales: ChannelScales) -> [Double] { channelErrors.map { scales.error(of: $0) } }
}

/// Sums of zeta over wet cells, in m.
struct Masses: Equatable, Sendable {
    /// Of zeta, and of its magnitude.
    private(set) var sum = 0.0
    private(set) var magnitude = 0.0
    private(set) var cells = 0

    init(_ state: ShallowWaterState, wet: [Bool]) {
        for k in wet.indices where wet[k] {
            sum += state.vector[k]
            magnitude += abs(state.vector[k])
            cells += 1
        }
    }

    /// |change of the sum| / sum of the magnitude here. A flat surface has nothing to lose: what appears is infinitely much.
    func relativeChange(to later: Masses) -> Double { later.sum == sum ? 0 : abs(later.sum - sum) / magnitude }
}
