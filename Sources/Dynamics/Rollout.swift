extension DynamicalModel {
    /// The state after `steps` steps.
    ///
    /// - Parameter firstStep: number of `state` in its run. Without it the model must be autonomous: one whose steps depend on time refuses.
    public func advanced(_ state: State, steps: Int, firstStep: Int? = nil) throws -> State {
        var state = state
        for step in 0..<steps {
            state = if let firstStep { try self.step(state, number: firstStep + step) } else { try self.step(state) }
        }
        return state
    }
}
