import Basics
import Dynamics
import Emulators
import Evaluation
import ReferenceModels
import StencilSolvers
import Tensors
import TestSupport
import Testing

/// That the structure of the flux-form network holds the answer: weights set by hand from the scheme's equations make it the Fortran model.
@Suite struct HandSetWeightsTests {
    /// An island, a dry ring, rough bed.
    private static func model(
        drag: Double, timeStep: Double = 300, dx: Double = 4e3, dy: Double = 4e3
    ) throws -> (model: ShallowWaterModel, state: ShallowWaterState) {
        var (grid, state) = try IdealisedBasin(nx: 24, ny: 20, spacing: 4e3).simulation(0, seed: 9)
        var depth = grid.depth
        for dry in [10 * 24 + 11, 10 * 24 + 12, 11 * 24 + 12] { depth[dry] = 0 }
        grid = try ShallowWaterGrid(nx: 24, ny: 20, dx: dx, dy: dy, depth: depth)
        var stream = RandomStream(seed: 9, purpose: "hand-set weights")
        let isFree = grid.wet + grid.openEast + grid.openNorth
        state.vector = zip(stream.normals(3 * grid.cellCount), isFree).enumerated().map { index, value in
            value.1 ? value.0 * (index < grid.cellCount ? 0.3 : 0.4) : 0
        }
        let parameters = ShallowWaterParameters(drag: drag, lateralFriction: 1000, tolerance: 1e-14)
        return (try ShallowWaterModel(grid: grid, timeStep: timeStep, parameters: parameters), state)
    }

    private static let scales = ChannelScales(zeta: 0.03, u: 0.04, v: 0.05, depth: 16)

    private static func emulator(_ model: ShallowWaterModel) throws -> ShallowWaterEmulator {
        let network = FluxFormImplicitNet(products: 2, stresses: 3)
        return try ShallowWaterEmulator(
            network: network, parameters: try schemeWeights(of: network, model, scales: scales), scales: scales, grid: model.grid, timeStep: 300,
            solver: GaussSeidel(tolerance: 1e-14))
    }

    @Test(arguments: [0, 1e-3, 2e-2]) func aStepIsTheSchemes(drag: Double) throws {
        let (model, start) = try Self.model(drag: drag)
        let emulator = try Self.emulator(model)
        var (ours, truth) = (start, start)
        for _ in 0..<5 {
            ours = try emulator.step(ours)
            truth = try model.step(truth)
        }
        let planes = [ours.zeta, ours.u, ours.v]
        for (name, pair) in zip(["zeta", "u", "v"], zip(planes, [truth.zeta, truth.u, truth.v])) {
            #expect(measured("drag \(drag), \(name) after five steps", relativeError(pair.0, pair.1)) < 1e-11)
        }
    }

    /// Weights for 300 s and cells of 4 km, elsewhere.
    @Test(arguments: [(1500.0, 4e3, 4e3), (100, 4e3, 4e3), (300, 2e3, 2e3), (900, 7e3, 2.5e3)])
    func theyServeOtherTimeStepsAndSpacings(timeStep: Double, dx: Double, dy: Double) throws {
        let (trained, _) = try Self.model(drag: 5e-3)
        let (model, start) = try Self.model(drag: 5e-3, timeStep: timeStep, dx: dx, dy: dy)
        let network = FluxFormImplicitNet(products: 2, stresses: 3)
        let emulator = try ShallowWaterEmulator(
            network: network, parameters: try schemeWeights(of: network, trained, scales: Self.scales), scales: Self.scales, grid: model.grid,
            timeStep: timeStep, trained: Discretisation(timeStep: trained.timeStep, dx: trained.grid.dx, dy: trained.grid.dy),
            solver: GaussSeidel(tolerance: 1e-14))
        var (ours, truth) = (start, start)
        for _ in 0..<5 {
            ours = try emulator.step(ours)
            truth = try model.step(truth)
        }
        #expect(measured("\(timeStep) s, \(dx) x \(dy) m", relativeError(ours.vector, truth.vector)) < 1e-11)
    }

    @Test func otherNetworksRefuseOtherTimeSteps() throws {
        let grid = try Self.model(drag: 0).model.grid
        let network = BilinearExplicitNet()
        let error = #expect(throws: SeicheError.self) {
            try ShallowWaterEmulator(
                network: network, parameters: Tensor(shape: [network.layout.count], repeating: 0), scales: Self.scales, grid: grid, timeStep: 900,
                trained: Discretisation(timeStep: 300, dx: grid.dx, dy: grid.dy))
        }
        #expect(error?.description.contains("900") == true && error?.description.contains("300") == true)
    }

    @Test func itsJacobianIsTheSchemes() throws {
        let (model, state) = try Self.model(drag: 1e-3)
        let emulator = try Self.emulator(model)
        var stream = RandomStream(seed: 10, purpose: "hand-set weights")
        var direction = state
        let isFree = model.grid.wet + model.grid.openEast + model.grid.openNorth
        direction.vector = zip(stream.normals(state.vector.count), isFree).map { $1 ? $0 : 0 }
        let tangent = try emulator.tangentStep(at: state, applying: direction).vector
        #expect(measured("tangent", relativeError(tangent, try model.tangentStep(at: state, applying: direction).vector)) < 1e-11)
        let adjoint = try emulator.adjointStep(at: state, applying: direction).vector
        #expect(measured("adjoint", relativeError(adjoint, try model.adjointStep(at: state, applying: direction).vector)) < 1e-11)
    }

    @Test func theLayersCoefficientsAreTheSchemes() throws {
        let (model, state) = try Self.model(drag: 1e-3)
        let learned = try #require(try Self.emulator(model).faceCoefficients(at: state))
        let scheme = try model.elevationStencil(zeta: state.zeta)
        #expect(relativeError(learned.east, scheme.east) < 1e-13 && relativeError(learned.north, scheme.north) < 1e-13)
    }
}

/// The weights with which `network` is the semi-implicit scheme of `model` (docs/scheme.md), quadratic drag and lateral friction included.
func schemeWeights(of network: FluxFormImplicitNet, _ model: ShallowWaterModel, scales: ChannelScales) throws -> Tensor<Double> {
    let (dt, g, w, cd, ah) = (model.timeStep, model.parameters.gravity, model.parameters.implicitness, model.parameters.drag, model.parameters.lateralFriction)
    let grid = model.grid
    var byName = [String: Tensor<Double>](uniqueKeysWithValues: network.layout.blocks.map { ($0.name, Tensor(shape: $0.shape, repeating: 0)) })
    /// [output][input][ky][kx] of a 3x3 convolution of so many channels: the state's three, or five with depth and mask.
    func tap(_ output: Int, _ input: Int, of inputs: Int = 3, dy: Int = 0, dx: Int = 0) -> Int { ((output * inputs + input) * 3 + dy + 1) * 3 + dx + 1 }
    var linear = byName["linear.weights"]!.scalars, bias = byName["coefficients.bias"]!.scalars
    var speeds = byName["speeds.weights"]!.scalars, velocities = byName["velocities.weights"]!.scalars, drag = byName["drag.weights"]!.scalars
    for (axis, (spacing, scale)) in [(grid.dx, scales.u), (grid.dy, scales.v)].enumerated() {
        let component = 1 + axis
        /// The number whose squareplus this is.
        func raw(_ positive: Double) -> Double { positive - 1 / positive }
        bias[axis] = raw(w * dt * g * scales.zeta / (spacing * scale))
        bias[2 + axis] = raw(w)
        // us - u of the scheme, in the velocity's scale: the explicit part of the pressure, and friction along both axes.
        let pressure = (1 - w) * dt * g * scales.zeta / (spacing * scale)
        linear[tap(axis, 0, dy: axis, dx: 1 - axis)] = -pressure
        linear[tap(axis, 0)] = pressure
        let (frictionX, frictionY) = (dt * ah / (grid.dx * grid.dx), dt * ah / (grid.dy * grid.dy))
        for side in [-1, 1] {
            linear[tap(axis, component, dx: side)] = frictionX
            linear[tap(axis, component, dy: side)] = frictionY
        }
        linear[tap(axis, component)] = -2 * (frictionX + frictionY)
        speeds[tap(axis, component, of: 5)] = 1
        velocities[tap(axis, component)] = 1
        drag[axis * network.stresses + axis] = -dt * cd * scale / scales.depth
    }
    byName["linear.weights"]!.scalars = linear
    byName["coefficients.bias"]!.scalars = bias
    byName["speeds.weights"]!.scalars = speeds
    byName["velocities.weights"]!.scalars = velocities
    byName["drag.weights"]!.scalars = drag
    return try network.layout.vector(of: byName)
}
