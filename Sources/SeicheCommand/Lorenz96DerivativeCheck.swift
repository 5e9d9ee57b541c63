import Basics
import Configuration
import Dynamics
import Emulators
import Evaluation
import ReferenceModels
import Trajectories

/// An emulator's one-step derivatives beside the Fortran model's exact ones, and beside its own finite differences.
struct Lorenz96DerivativeCheck {
    private let model: Lorenz96Model
    private let wanted: Experiment.Lorenz96Check
    private let states: [Lorenz96State]

    init(_ experiment: Experiment) throws {
        let plan = try Lorenz96Plan(experiment)
        model = plan.model
        wanted = experiment.lorenz96.check
        let all = try plan.simulations(.test).trajectories.flatMap(\.self)
        let count = min(wanted.states, all.count)
        states = (0..<count).map { all[$0 * all.count / count] }
    }

    /// What `seiche check` prints for one emulator.
    func report(_ source: TrainedEmulator<Lorenz96Checkpoint>) throws -> String {
        let emulator = try source.checkpoint.emulator()
        let line = SharedProgress("checking \(source.label), states", total: states.count)
        let errors = Slots<(jacobian: Double, adjoint: Double)>(states.count)
        try concurrentForEach(states.count) { k in
            let ours = try emulator.jacobian(at: states[k])
            errors.set(k, (try ours.relativeError(to: model.jacobian(at: states[k])), try adjointError(emulator, ours, k)))
            line.add(1)
        }
        let jacobian = errors.values.map(\.jacobian)
        let differences = try ownDifferences(emulator)
        return """
            \(source.label): one-step Jacobian at \(states.count) test states
             against the Fortran model's, relative Frobenius error: mean \(Text.figure(jacobian.reduce(0, +) / Double(jacobian.count))), \
            largest \(Text.figure(jacobian.max() ?? .nan))
             adjoint against tangent-linear, |<J'w, d> - <w, Jd>| / (|w| |Jd|): largest \(Text.figure(errors.values.map(\.adjoint).max() ?? .nan))
             tangent-linear against the emulator's own central differences at the first state, by step
            \(Text.table([differences.map { "  " + Text.figure($0.size) }, differences.map { "  " + Text.figure($0.error) }]))
            """
    }

    private func adjointError(_ emulator: Lorenz96Emulator, _ jacobian: Jacobian, _ index: Int) throws -> Double {
        let (direction, cotangent) = (random("direction", index), random("cotangent", index))
        let image = (0..<jacobian.count).map { row in jacobian.row(row).indices.reduce(0) { $0 + jacobian[row, $1] * direction.vector[$1] } }
        let gradient = try emulator.adjointStep(at: states[index], applying: cotangent).vector
        let size = (dot(cotangent.vector, cotangent.vector) * dot(image, image)).squareRoot()
        return abs(dot(gradient, direction.vector) - dot(cotangent.vector, image)) / size
    }

    private func ownDifferences(_ emulator: Lorenz96Emulator) throws -> [(size: Double, error: Double)] {
        let direction = random("direction", 0)
        let tangent = try emulator.tangentStep(at: states[0], applying: direction).vector
        return try wanted.stepSizes.map { size in
            let difference = try emulator.finiteDifferenceStep(at: states[0], along: direction.vector, size: size)
            let error = zip(difference, tangent).map { $0 - $1 }
            return (size, (dot(error, error) / dot(tangent, tangent)).squareRoot())
        }
    }

    private func random(_ purpose: String, _ index: Int) -> Lorenz96State {
        var stream = RandomStream(seed: wanted.seed, purpose: "Lorenz '96 derivative check, \(purpose)", index: index)
        return Lorenz96State(x: stream.normals(states[index].sectors))
    }

    private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
}
