import Optimisation

/// A loss near some weights with a ridge beside it: strength times the sum of the squares of some of the weights.
///
/// What a training set hardly tells apart, a ridge decides for the simplest: with depths of 15 m alone, say, a factor may stand as a constant or as a part of a
/// product with the depth, and only one of the two holds at 1000 m.
struct PenalisedModel: LocalModel {
    let base: any LocalModel
    let strength: Double
    let ranges: [Range<Int>]
    /// Where the model was taken.
    let parameters: [Double]
    let variables: any ChangeOfVariables

    var value: Double { base.value + Self.penalty(parameters, ranges, strength) }
    var gradient: [Double] { added(to: base.gradient, parameters) }
    /// The loss's own: damping is relative to what the data show.
    var diagonal: [Double] { base.diagonal }
    func curvature(along direction: [Double]) throws -> [Double] {
        added(to: try base.curvature(along: direction), variables.weights(direction))
    }

    static func penalty(_ parameters: [Double], _ ranges: [Range<Int>], _ strength: Double) -> Double {
        strength * ranges.reduce(0) { $1.reduce($0) { $0 + parameters[$1] * parameters[$1] } }
    }

    /// Half of the ridge's gradient is the weights themselves, and half of its second derivative the identity on them.
    private func added(to vector: [Double], _ weights: [Double]) -> [Double] {
        var own = [Double](repeating: 0, count: weights.count)
        for k in ranges.joined() { own[k] = 2 * strength * weights[k] }
        return zip(vector, variables.gradient(own)).map { $0 + $1 }
    }
}
