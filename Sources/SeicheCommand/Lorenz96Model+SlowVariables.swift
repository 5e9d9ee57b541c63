import Basics
import ReferenceModels

extension Lorenz96Model {
    /// The slow variables' own dynamics: the model of one level with this one's F and number of sectors.
    func oneLevel(timeStep: Double) throws -> Lorenz96Model {
        try Lorenz96Model(parameters: Lorenz96Parameters(sectors: parameters.sectors, forcing: parameters.forcing), timeStep: timeStep)
    }

    /// How many of this model's steps a longer one is. Throws `SeicheError` (invalidInput) where it is no multiple.
    ///
    /// - Parameter key: of the experiment, which gives the longer step.
    func steps(in longer: Double, named key: String) throws -> Int {
        let count = (longer / timeStep).rounded()
        guard count >= 1, count < 1e9, abs(count * timeStep - longer) < 1e-9 * longer else {
            throw SeicheError(
                .invalidInput, "\(key) is \(longer), which is no multiple of model.time_step, \(timeStep)", remedy: "give a multiple")
        }
        return Int(count)
    }
}
