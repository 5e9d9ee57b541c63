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
        let k2 = tendency(x + k1.scaled(by: step / 2), weights)
        let k3 = tendency(x + k2.scaled(by: step / 2), weights)
        let k4 = tendency(x + k3.scaled(by: step), weights)
        return x + (k1 + (k2 + k3).scaled(by: 2) + k4).scaled(by: step / 6)
    }
}
