import Basics

/// A run that is known beforehand, as a model: a step leads to the state of the next number, whatever state it is given.
///
/// So a truth can be followed whose steps need more than what is seen of it, such as fast variables.
public struct RecordedRun<State: DynamicalState>: DynamicalModel {
    /// By number, from 0 on.
    public let states: [State]
    public let timeStep: Double

    public init(states: [State], timeStep: Double) { (self.states, self.timeStep) = (states, timeStep) }

    /// Throws `SeicheError` (invalidInput): a step of no number leads nowhere.
    public func step(_ state: State) throws -> State {
        throw SeicheError(.invalidInput, "a recorded run is stepped without a number", why: "what comes next depends on it")
    }

    /// Throws `SeicheError` (invalidInput) past the record's end.
    public func step(_ state: State, number: Int) throws -> State {
        guard states.indices.contains(number + 1) else {
            throw SeicheError(.invalidInput, "step \(number) of a run of which \(max(0, states.count - 1)) steps were recorded")
        }
        return states[number + 1]
    }
}
