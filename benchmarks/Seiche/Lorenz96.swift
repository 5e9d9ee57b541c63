import Dynamics
import ReferenceModels

/// What the derivatives of a Lorenz '96 model cost beside its steps; `each` is the number of steps that a call takes.
func showLorenz96(_ name: String, _ parameters: Lorenz96Parameters, timeStep: Double) throws {
    let model = try Lorenz96Model(parameters: parameters, timeStep: timeStep)
    let state = try model.advance(model.initialState(seed: 1), steps: 1000)
    for each in [1, 200] {
        let calls = 2000 / each
        func perStep(_ body: () throws -> Void) rethrows -> Double {
            try seconds { for _ in 0..<calls { try body() } } / Double(calls * each)
        }
        let step = try perStep { _ = try model.advance(state, steps: each) }
        show("  \(name), \(each) a call: step", 1e6 * step, "us")
        show("  ... tangent / step", try perStep { _ = try model.tangent(at: state, applying: state, steps: each) } / step, "")
        show("  ... adjoint / step", try perStep { _ = try model.adjoint(at: state, applying: state, steps: each) } / step, "")
        show("  ... complex step / step", try perStep { _ = try model.complexStep(at: state, applying: state, steps: each) } / step, "")
    }
}
