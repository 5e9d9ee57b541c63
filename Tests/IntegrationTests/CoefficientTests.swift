import Dynamics
import Emulators
import ReferenceModels
import TestSupport
import Testing

/// Whether the matrix that the implicit layer has learned resembles the scheme's, which it has never seen.
@Suite struct CoefficientTests {
    /// An untrained network's coefficients have means of a third of the scheme's or less; after training they differ by 1e-4.
    @Test func learnedCoefficientsFollowTheSchemes() throws {
        let trained = try TrainedEmulators.made()
        let state = trained.truth[30]
        let learned = try #require(try trained.implicit.faceCoefficients(at: state))
        let scheme = try trained.model.elevationStencil(zeta: state.zeta)
        let (openEast, openNorth) = (trained.grid.openEast, trained.grid.openNorth)
        for (name, ours, theirs, isOpen) in [("east", learned.east, scheme.east, openEast), ("north", learned.north, scheme.north, openNorth)] {
            let pairs = isOpen.indices.filter { isOpen[$0] }.map { (ours[$0], theirs[$0]) }
            let difference = pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / pairs.reduce(0) { $0 + $1.1 * $1.1 }
            #expect(measured("relative difference, \(name)", difference.squareRoot()) < 0.01)
            let ratio = pairs.reduce(0) { $0 + $1.0 } / pairs.reduce(0) { $0 + $1.1 }
            #expect(abs(measured("mean ratio, \(name)", ratio) - 1) < 0.005)
            // Nothing flows through closed faces.
            #expect(isOpen.indices.allSatisfy { isOpen[$0] || (ours[$0] == 0 && theirs[$0] == 0) })
        }
    }
}
