import Basics

/// Learning rate as a pure function of the step: linear warm-up, then half a cosine down to the final rate (Loshchilov and Hutter 2017).
public struct LearningRateSchedule: Equatable, Sendable {
    public var peak: Double
    public var final: Double
    public var warmUpSteps: Int
    public var steps: Int

    public init(peak: Double, final: Double, warmUpSteps: Int, steps: Int) {
        self.peak = peak
        self.final = final
        self.warmUpSteps = warmUpSteps
        self.steps = steps
    }

    /// The rate for step 0, 1, ..., steps - 1.
    public func rate(at step: Int) -> Double {
        if step < warmUpSteps { return peak * Double(step + 1) / Double(warmUpSteps) }
        let progress = Double(step - warmUpSteps) / Double(max(1, steps - warmUpSteps))
        return final + (peak - final) * 0.5 * (1 + cosine(.pi * min(1, progress)))
    }
}
