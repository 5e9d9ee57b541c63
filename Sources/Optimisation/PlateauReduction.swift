/// Lowers a learning rate whenever the validation error has stopped to fall: a factor beside a schedule.
public struct PlateauReduction: Equatable, Sendable {
    public struct Settings: Equatable, Sendable {
        /// Of the rate at each reduction, between 0 and 1.
        public var factor: Double
        /// Looks without an improvement before a reduction.
        public var patience: Int
        /// An improvement lowers the lowest error by at least this share of it.
        public var threshold: Double
        /// The factors' product does not fall below this.
        public var least: Double

        public init(factor: Double = 0.5, patience: Int = 5, threshold: Double = 1e-3, least: Double = 1e-3) {
            self.factor = factor
            self.patience = patience
            self.threshold = threshold
            self.least = least
        }
    }

    public let settings: Settings
    /// What the rate is multiplied with.
    public private(set) var scale: Double
    /// The lowest error so far.
    public private(set) var lowest: Double
    /// Since the lowest error or the last reduction.
    public private(set) var looks: Int

    public init(_ settings: Settings) { self.init(settings, scale: 1, lowest: .infinity, looks: 0) }

    /// As saved in a checkpoint.
    public init(_ settings: Settings, scale: Double, lowest: Double, looks: Int) {
        self.settings = settings
        self.scale = scale
        self.lowest = lowest
        self.looks = looks
    }

    /// Takes note of a validation error.
    public mutating func look(at error: Double) {
        if error < lowest * (1 - settings.threshold) {
            (lowest, looks) = (error, 0)
            return
        }
        looks += 1
        if looks >= settings.patience {
            scale = max(settings.least, scale * settings.factor)
            looks = 0
        }
    }
}
