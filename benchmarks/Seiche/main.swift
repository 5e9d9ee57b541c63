import Dynamics
import Emulators
import Layers
import ReferenceModels
import StencilSolvers
import Tensors
import Training
import Foundation

keepFreedMemory()

// Speed of the parts that training and forecasting spend their time in. Shared machines are noisy: read the ratios.

if CommandLine.arguments.contains("solvers") {
    try benchmarkSolvers()
    exit(0)
}
if CommandLine.arguments.contains("tensors") {
    benchmarkTensors()
    exit(0)
}
// kernels THREADS [WORD ...]: those operations whose names contain one of the words, or all.
if CommandLine.arguments.dropFirst().first == "kernels" {
    benchmarkKernels(threads: CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 1, words: Array(CommandLine.arguments.dropFirst(3)))
    exit(0)
}
if CommandLine.arguments.contains("blocks") {
    try benchmarkBlocks()
    exit(0)
}

benchmarkTensors()
try benchmarkReferenceModel()

let basin = try IdealisedBasin().simulation(0, seed: 1)
let model = try ShallowWaterModel(grid: basin.grid, timeStep: 300)
let state = try model.advance(basin.initialState, steps: 10).state
let fortran = try seconds { _ = try model.step(state) }
let network = FluxFormImplicitNet(products: 12, stresses: 4)
let scales = ChannelScales(zeta: 0.01, u: 0.01, v: 0.01, depth: 15)
let emulator = try ShallowWaterEmulator(
    network: network, parameters: network.layout.initialParameters(seed: 1), scales: scales, grid: basin.grid, timeStep: 300)
print("emulator on the talk's 100 x 100 basin, dt = 300 s, one core")
let forecast = try seconds { _ = try emulator.step(state) }
show("  a step of the implicit emulator, Double, to 1e-10", 1000 * forecast, "ms")
show("  its adjoint, Double", 1000 * (try seconds { _ = try emulator.adjointStep(at: state, applying: state) }), "ms")
show("  a step of the emulator / of the Fortran model, to 1e-12", forecast / fortran, "")

print("steps of Lorenz '96 and their derivatives, one core")
try showLorenz96("one level, K = 40", .oneLevel, timeStep: 0.05)
try showLorenz96("two levels, K = 36, J = 10", .twoLevels, timeStep: 0.005)

try benchmarkSolvers()
try benchmarkBlocks()
try benchmarkWriting()
