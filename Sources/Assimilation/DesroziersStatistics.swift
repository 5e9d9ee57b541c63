/// What departures say of the error variances that an analysis took for true, as means over observations (Desroziers et al. 2005): with d_b = y -
/// H(x_b) and d_a = y - H(x_a), where the analysis is optimal,
///
///     E[d_b d_b] = HBH^T + R,   E[d_a d_b] = R,   E[(H(x_a) - H(x_b)) d_b] = HBH^T,   E[(H(x_a) - H(x_b)) d_a] = H P_a H^T.
///
/// - G. Desroziers, L. Berre, B. Chapnik, P. Poli (2005): Diagnosis of observation, background and analysis-error statistics in observation space.
///   Q. J. R. Meteorol. Soc. 131, 3385-3396.
public struct DesroziersStatistics: Equatable, Sendable {
    public private(set) var count = 0
    private var (bb, ab, aa) = (0.0, 0.0, 0.0)

    public init() {}

    /// Departures of the same observations.
    public mutating func add(innovations: [[Double]], residuals: [[Double]]) {
        for (innovations, residuals) in zip(innovations, residuals) {
            for (b, a) in zip(innovations, residuals) {
                (bb, ab, aa) = (bb + b * b, ab + a * b, aa + a * a)
                count += 1
            }
        }
    }

    /// Of innovations: HBH^T + R.
    public var innovationVariance: Double { bb / Double(count) }
    /// R
    public var observationVariance: Double { ab / Double(count) }
    /// HBH^T, of forecasts at the observations.
    public var backgroundVariance: Double { (bb - ab) / Double(count) }
    /// H P_a H^T
    public var analysisVariance: Double { (ab - aa) / Double(count) }
}
