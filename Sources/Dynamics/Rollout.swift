extension DynamicalModel {
    /// The state after `steps` steps from `state`, which is number `firstStep` of its run.
    public func advanced(_ state: State, steps: Int, firstStep: Int = 0) throws -> State {
        var state = state
        for step in 0..<steps { state = try self.step(state, number: firstStep + step) }
        return state
    }
}
