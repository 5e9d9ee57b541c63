import Dynamics

/// The forecast that nothing changes: what every emulator has to beat.
public struct Persistence<State: DynamicalState>: DynamicalModel {
    public let timeStep: Double

    public init(timeStep: Double) { self.timeStep = timeStep }

    public func step(_ state: State) -> State { state }
}
