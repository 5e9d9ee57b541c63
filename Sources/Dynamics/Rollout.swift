extension DynamicalModel {
    /// The state after `steps` steps.
    public func advanced(_ state: State, steps: Int) throws -> State {
        var state = state
        for _ in 0..<steps { state = try step(state) }
        return state
    }
}
