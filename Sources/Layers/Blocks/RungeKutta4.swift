/// One step of the classical fourth-order Runge-Kutta scheme around any block that gives a tendency of its input's shape:
/// dx/dt = tendency(x).
public struct RungeKutta4<Tendency: Block>: Block {
    public let tendency: Tendency
    public let timeStep: Double

    public init(_ tendency: Tendency, timeStep: Double) {
        self.tendency = tendency
        self.timeStep = timeStep
    }

    public func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        let step = Field.Scalar(timeStep)
        let k1 = tendency(x, weights)
        let k2 = tendency(.combination([x, k1], [1, step / 2]), weights)
        let k3 = tendency(.combination([x, k2], [1, step / 2]), weights)
        let k4 = tendency(.combination([x, k3], [1, step]), weights)
        return .combination([x, k1, k2, k3, k4], [1, step / 6, step / 3, step / 3, step / 6])
    }
}
