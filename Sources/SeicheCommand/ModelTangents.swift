import Basics
import Dynamics
import ReferenceModels
import Tensors
import Training

/// The Fortran model's tangent-linear at the states of training simulations, along white noise: every wavelength that the grid has.
struct ModelTangents: ReferenceTangents {
    /// One for each simulation.
    let models: [ShallowWaterModel]
    let windows: TrainingWindows
    let scales: ChannelScales
    let seed: UInt64

    func tangent(simulation: Int, time: Int) throws -> (direction: Tensor<Float>, image: Tensor<Float>) {
        let source = windows.simulations[simulation]
        let mask = source.geometry.stateMask
        let grid = models[simulation].grid
        var stream = RandomStream(seed: seed, purpose: "tangents of simulation \(simulation)", index: time)
        let direction = zip(stream.normals(mask.count), mask.scalars).map { $1 == 0 ? 0 : $0 }
        let state = physical(source.states(time..<time + 1).scalars.map(Double.init), grid)
        let image = try models[simulation].tangentStep(at: state, applying: physical(direction, grid)).vector
        return (Tensor(shape: mask.shape, scalars: direction.map { Float($0) }), Tensor(shape: mask.shape, scalars: scaled(image, grid) { 1 / $0 }.map { Float($0) }))
    }

    private func physical(_ normalised: [Double], _ grid: ShallowWaterGrid) -> ShallowWaterState {
        var state = ShallowWaterState(nx: grid.nx, ny: grid.ny)
        state.vector = scaled(normalised, grid) { $0 }
        return state
    }

    private func scaled(_ vector: [Double], _ grid: ShallowWaterGrid, by factor: (Double) -> Double) -> [Double] {
        vector.indices.map { vector[$0] * factor(scales.state[$0 / grid.cellCount]) }
    }
}
