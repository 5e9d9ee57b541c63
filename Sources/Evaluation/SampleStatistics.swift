/// Mean and standard deviation of a sample.
public struct SampleStatistics: Equatable, Sendable {
    public let mean: Double
    /// With n - 1 in the denominator; not a number for fewer than two values or where one is infinite.
    public let deviation: Double

    public init(_ values: [Double]) {
        let mean = values.reduce(0, +) / Double(values.count)
        self.mean = mean
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        deviation = values.count < 2 ? .nan : (squares / Double(values.count - 1)).squareRoot()
    }
}
