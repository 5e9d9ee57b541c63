import Dynamics
import Emulators
import ReferenceModels
import TestSupport
import Testing

/// Whether the matrix that the implicit layer has learned resembles the scheme's, which it has never seen.
@Suite struct CoefficientTests {
    /// Measured: correlations 0.97 (east) and 0.94 (north), means 0.88 and 0.92 of the scheme's. After 40 of
    /// the 700 training steps the correlations were 0.0 and the means 0.4 and 0.5.
    @Test func learnedCoefficientsFollowTheSchemes() throws {
        let trained = try TrainedEmulators.made()
        let state = trained.truth[30]
        let learned = try #require(try trained.implicit.faceCoefficients(at: state))
        let scheme = try trained.model.elevationStencil(zeta: state.zeta)
        let (openEast, openNorth) = (trained.grid.openEast, trained.grid.openNorth)
        for (name, ours, theirs, isOpen) in [("east", learned.east, scheme.east, openEast), ("north", learned.north, scheme.north, openNorth)] {
            let pairs = isOpen.indices.filter { isOpen[$0] }.map { (ours[$0], theirs[$0]) }
            #expect(measured("correlation, \(name)", correlation(pairs)) > 0.82)
            let ratio = pairs.reduce(0) { $0 + $1.0 } / pairs.reduce(0) { $0 + $1.1 }
            #expect(abs(measured("mean ratio, \(name)", ratio) - 1) < 0.36)
            // Nothing flows through closed faces.
            #expect(isOpen.indices.allSatisfy { isOpen[$0] || (ours[$0] == 0 && theirs[$0] == 0) })
        }
    }

    private func correlation(_ pairs: [(Double, Double)]) -> Double {
        let count = Double(pairs.count)
        let (meanX, meanY) = (pairs.reduce(0) { $0 + $1.0 } / count, pairs.reduce(0) { $0 + $1.1 } / count)
        var (xy, xx, yy) = (0.0, 0.0, 0.0)
        for (x, y) in pairs {
            xy += (x - meanX) * (y - meanY)
            xx += (x - meanX) * (x - meanX)
            yy += (y - meanY) * (y - meanY)
        }
        return xy / (xx * yy).squareRoot()
    }
}
