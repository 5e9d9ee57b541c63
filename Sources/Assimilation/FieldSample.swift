/// A sample of errors of one field, at its own points.
struct FieldSample {
    var grid: DiffusionGrid
    /// Undisturbed, m.
    var depth: [Double]
    /// [sample][point]
    var values: [[Double]]

    /// Of every wet point, its depth and the mean square of its errors.
    var squares: [(depth: Double, square: Double)] {
        grid.wet.indices.filter { grid.wet[$0] }.map { point in (depth[point], mean { $0[point] }) }
    }

    /// Of every pair of neighbours, the mean of their depths and the mean square of the slope between them.
    var slopes: [(depth: Double, square: Double)] {
        grid.neighbours.map { pair in
            (0.5 * (depth[pair.before] + depth[pair.after]), mean { ($0[pair.after] - $0[pair.before]) / pair.spacing })
        }
    }

    private func mean(_ value: ([Double]) -> Double) -> Double {
        values.reduce(0) { sum, errors in
            let value = value(errors)
            return sum + value * value
        } / Double(max(1, values.count))
    }

    /// Where a class of depths has no errors, zeros stay.
    mutating func divide(by profile: DepthProfile) {
        let inverse = grid.wet.indices.map { point -> Double in
            let deviation = grid.wet[point] ? profile.value(at: depth[point]) : 0
            return deviation > 0 ? 1 / deviation : 0
        }
        for k in values.indices { values[k] = zip(values[k], inverse).map { $0 * $1 } }
    }
}

extension [FieldSample] {
    /// Over all wet points.
    var rootMeanSquare: Double { Self.rootMean(flatMap(\.squares)) }

    /// Daley's: deviation over root mean square slope, of both directions.
    var length: Double { rootMeanSquare / Self.rootMean(flatMap(\.slopes)) }

    func profile(_ squares: (FieldSample) -> [(depth: Double, square: Double)]) throws -> DepthProfile {
        let points = flatMap(squares)
        return try DepthProfile(depths: points.map(\.depth), squares: points.map(\.square))
    }

    private static func rootMean(_ points: [(depth: Double, square: Double)]) -> Double {
        (points.reduce(0) { $0 + $1.square } / Double(points.count)).squareRoot()
    }
}
