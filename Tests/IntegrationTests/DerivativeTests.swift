import Basics
import Dynamics
import Emulators
import Evaluation
import TestSupport
import Testing

/// Whether learning the step has taught the step's derivatives, which nothing in the training asks for.
///
/// One step from the middle of an unseen simulation. The perturbations are differences of simulated states.
@Suite struct DerivativeTests {
    private static let sizes = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6]

    private func fidelity(_ emulator: ShallowWaterEmulator, _ trained: TrainedEmulators) throws -> DerivativeFidelity {
        let cells = trained.grid.cellCount
        let here = trained.truth[30]
        let directions = [10, 20, 45].map { time in
            zip(trained.truth[time].vector, here.vector).enumerated().map { ($1.0 - $1.1) / trained.scales.state[$0 / cells] }
        }
        let isFree = trained.grid.wet + trained.grid.openEast + trained.grid.openNorth
        var stream = RandomStream(seed: 6, purpose: "components")
        let free = isFree.indices.filter { isFree[$0] }.shuffled(using: &stream)
        return try DerivativeFidelity.measure(
            emulator: emulator, model: trained.model, at: here, directions: directions, cotangents: directions.reversed(),
            components: Array(free.prefix(90)), sizes: Self.sizes, scales: trained.scales)
    }

    /// Measured 1.8e-4 for the gradient and 1.4e-4 for the tangent-linear, relative, at every step of the differences from 0.1 to 1e-6.
    @Test func gradientIsTheFortranModels() throws {
        let trained = try TrainedEmulators.made()
        let fidelity = try fidelity(trained.implicit, trained)
        for row in fidelity.rows {
            for (name, value) in [("tangent", row.tangentAgainstModel), ("gradient", row.gradientAgainstModel)] {
                _ = measured("\(name) against Fortran at \(row.size)", value)
            }
        }
        #expect(measured("best gradient against Fortran", fidelity.best(\.gradientAgainstModel)) < 1e-3)
        #expect(measured("best tangent against Fortran", fidelity.best(\.tangentAgainstModel)) < 1e-3)
        // A plateau: over three decades of the step the figure is the emulator's error, not that of the differences, which are relative to
        // the derivative and not to that error. Measured 7.5e-8.
        let plateau = fidelity.rows[1...4].map(\.gradientAgainstModel)
        #expect(measured("spread of the plateau", (plateau.max() ?? 1) / (plateau.min() ?? 0) - 1) < 1e-6)
    }

    /// Measured 2.4e-3.
    @Test func gradientIsBetterThanTheExplicitNets() throws {
        let trained = try TrainedEmulators.made()
        let implicit = try fidelity(trained.implicit, trained)
        let explicit = try fidelity(trained.explicit, trained)
        let ratio = implicit.best(\.gradientAgainstModel) / explicit.best(\.gradientAgainstModel)
        #expect(measured("gradient error, implicit over explicit", ratio) < 0.02)
    }

    /// Measured 5e-13 and 1e-13 at the best step of the differences.
    @Test(arguments: ["implicit", "explicit"])
    func adjointIsThatOfTheEmulator(kind: String) throws {
        let trained = try TrainedEmulators.made()
        let fidelity = try fidelity(kind == "implicit" ? trained.implicit : trained.explicit, trained)
        for row in fidelity.rows { _ = measured("adjoint of \(kind) at \(row.size)", row.adjointAgainstItself) }
        #expect(measured("best adjoint of \(kind)", fidelity.best(\.adjointAgainstItself)) < 1e-10)
    }
}
