import Basics
import Dynamics
import ReferenceModels
import StencilSolvers
import TestSupport

/// The systems that are solved, by name and number of cells along a side.
enum TestSystems {
    /// The talk's basin at dt = 1500 s, w = 1/2: (dt w)^2 g depth / dx^2, 0.83 at its mean depth of 15 m.
    private static let stepFactor = 1500.0 * 1500 * 0.25 * 9.81 / 1e8

    static let names = ["c0.033", "c0.83", "c100", "depth", "jump", "islands", "land", "wind", "learned"]

    static func make(_ name: String, size n: Int, batch: Int) throws -> SystemFile {
        let matrices: [StencilMatrix<Double>]
        switch name {
        case "c0.033": matrices = [ModelMatrix.flux(n) { _, _ in 0.033 }]
        case "c0.83": matrices = [ModelMatrix.flux(n) { _, _ in 0.83 }]
        case "c100": matrices = [ModelMatrix.flux(n) { _, _ in 100 }]
        case "depth": matrices = try (0..<batch).map { try variableDepth(n, sample: $0) }
        case "jump": matrices = [ModelMatrix.jump(n)]
        case "islands": matrices = [ModelMatrix.islands(n)]
        case "land": matrices = [ModelMatrix.randomLand(n)]
        case "wind": matrices = [ModelMatrix.upwind(n, peclet: 10)]
        case "learned": matrices = [ModelMatrix.learned(n)]
        default: throw SeicheError(.invalidInput, "there is no system '\(name)'", remedy: "take one of \(names.joined(separator: ", "))")
        }
        let rightHandSides = (0..<batch).map { sample in
            var stream = RandomStream(seed: 1, purpose: "right-hand side of \(name)", index: sample)
            return stream.normals(n * n)
        }
        return SystemFile(ny: n, nx: n, matrices: matrices, rightHandSides: rightHandSides)
    }

    private static func variableDepth(_ n: Int, sample: Int) throws -> StencilMatrix<Double> {
        let depth = try IdealisedBasin(nx: n, ny: n).simulation(sample, seed: 1).grid.depth
        return ModelMatrix.flux(n, isWet: { depth[$0 * n + $1] > ShallowWaterGrid.wetThreshold }) { stepFactor * depth[$0 * n + $1] }
    }
}
