import Basics

/// A linear observation operator whose every value is a weighted sum of a few components of the state: a sparse matrix by rows.
public struct WeightedComponents: ObservationOperator, Equatable {
    /// A component of the state, counted from 0, and what it is multiplied by.
    public struct Term: Equatable, Sendable {
        public var component: Int
        public var weight: Double

        public init(component: Int, weight: Double) { (self.component, self.weight) = (component, weight) }
    }

    public let stateSize: Int
    /// Row k's terms are `starts[k]..<starts[k + 1]`.
    private let starts: [Int]
    private let terms: [Term]

    /// - Parameter rows: one for each observed value; an empty one observes zero.
    /// - Throws: `SeicheError` (invalidInput) for a component that the state has not, or a weight that is not finite.
    public init(stateSize: Int, rows: [[Term]]) throws {
        for (row, terms) in rows.enumerated() {
            for term in terms where !(0..<max(0, stateSize)).contains(term.component) || !term.weight.isFinite {
                throw SeicheError(
                    .invalidInput,
                    "observation \(row) takes component \(term.component) with weight \(term.weight) of a state of \(stateSize) values")
            }
        }
        self.stateSize = stateSize
        starts = rows.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
        terms = rows.flatMap(\.self)
    }

    /// Some components as they are.
    public init(stateSize: Int, components: [Int]) throws {
        try self.init(stateSize: stateSize, rows: components.map { [Term(component: $0, weight: 1)] })
    }

    /// Linear interpolation on a ring whose component k, counted from 0, lies at position k; positions outside 0 ..< `sectors` lead round.
    ///
    /// - Throws: `SeicheError` (invalidInput) for a ring of no sectors, or a position that is not finite.
    public init(ring sectors: Int, positions: [Double]) throws {
        guard sectors > 0 else { throw SeicheError(.invalidInput, "a ring of \(sectors) sectors cannot be observed") }
        try checkValues(positions, "position")
        try self.init(
            stateSize: sectors,
            rows: positions.map { position in
                let turns = (position / Double(sectors)).rounded(.down)
                let place = min(max(0, position - turns * Double(sectors)), Double(sectors).nextDown)
                let (west, share) = (Int(place), place - place.rounded(.down))
                return [Term(component: west, weight: 1 - share), Term(component: (west + 1) % sectors, weight: share)].filter { $0.weight != 0 }
            })
    }

    public var count: Int { starts.count - 1 }

    /// What an observed value is made of, for a row that there is.
    public func terms(ofRow row: Int) -> [Term] { Array(terms[starts[row]..<starts[row + 1]]) }

    public func apply(_ state: [Double]) throws -> [Double] {
        try checkCount(state.count, stateSize, "values of a state", "the observations")
        return (0..<count).map { row in
            var sum = 0.0
            for k in starts[row]..<starts[row + 1] { sum += terms[k].weight * state[terms[k].component] }
            return sum
        }
    }

    public func tangent(at state: [Double], applying perturbation: [Double]) throws -> [Double] { try apply(perturbation) }

    public func adjoint(at state: [Double], applying cotangent: [Double]) throws -> [Double] {
        try checkCount(cotangent.count, count, "values of a cotangent", "the observations")
        var gradient = [Double](repeating: 0, count: stateSize)
        for row in 0..<count {
            for k in starts[row]..<starts[row + 1] { gradient[terms[k].component] += terms[k].weight * cotangent[row] }
        }
        return gradient
    }
}
