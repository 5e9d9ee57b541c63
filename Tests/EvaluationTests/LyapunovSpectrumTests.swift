import Basics
import Dynamics
import Evaluation
import TestSupport
import Testing

/// x' = A x with A upper triangular: its exponents are the logarithms of the diagonal's sizes.
private struct TriangularMap: TangentLinearModel {
    let timeStep = 0.5
    let rows: [[Double]]

    func step(_ state: Lorenz96State) -> Lorenz96State { tangentStep(at: state, applying: state) }

    func tangentStep(at state: Lorenz96State, applying perturbation: Lorenz96State) -> Lorenz96State {
        Lorenz96State(x: rows.map { row in zip(row, perturbation.vector).reduce(0) { $0 + $1.0 * $1.1 } })
    }
}

/// Hénon (1976): x' = 1 - 1.4 x^2 + y, y' = 0.3 x. Areas shrink by 0.3 at every step, everywhere.
private struct HenonMap: TangentLinearModel {
    let timeStep = 1.0

    func step(_ state: Lorenz96State) -> Lorenz96State {
        let (x, y) = (state.vector[0], state.vector[1])
        return Lorenz96State(x: [1 - 1.4 * x * x + y, 0.3 * x])
    }

    func tangentStep(at state: Lorenz96State, applying d: Lorenz96State) -> Lorenz96State {
        Lorenz96State(x: [-2.8 * state.vector[0] * d.vector[0] + d.vector[1], 0.3 * d.vector[0]])
    }
}

@Suite struct LyapunovSpectrumTests {
    @Test func exponentsOfATriangularMap() throws {
        let map = TriangularMap(rows: [[0.5, 3, -1], [0, -2, 0.7], [0, 0, 1.1]])
        let spectrum = try LyapunovSpectrum(of: map, from: Lorenz96State(sectors: 3), transient: 200, steps: 100)
        let expected = [2.0, 1.1, 0.5].map { naturalLogarithm($0) / 0.5 }
        for (found, exact) in zip(spectrum.exponents, expected) { #expect(measured("triangular", abs(found - exact)) < 1e-12) }
        #expect(abs(spectrum.sum - naturalLogarithm(1.1) / 0.5) < 1e-12)
        #expect(spectrum.standardErrors.allSatisfy { $0 < 1e-12 })
        // The sum of all is positive: there is no dimension to tell.
        #expect(spectrum.kaplanYorkeDimension == nil)
    }

    /// Leading exponent 0.4192 and dimension 1.2583, as published (Sprott 2003, Chaos and Time-Series Analysis); the sum is ln 0.3 exactly.
    @Test func exponentsOfTheHenonMap() throws {
        let spectrum = try LyapunovSpectrum(of: HenonMap(), from: Lorenz96State(x: [0.1, 0.1]), transient: 100, steps: 200_000)
        #expect(measured("sum", abs(spectrum.sum - naturalLogarithm(0.3))) < 1e-9)
        let error = spectrum.standardErrors[0]
        #expect(error > 0 && error < 2e-3)
        #expect(measured("leading", abs(spectrum.exponents[0] - 0.4192)) < 4 * error + 1e-4)
        let dimension = try #require(spectrum.kaplanYorkeDimension)
        #expect(measured("dimension", abs(dimension - 1.2583)) < 2e-3)
    }

    @Test func fewerExponentsAreTheFirstOfAll() throws {
        let all = try LyapunovSpectrum(of: HenonMap(), from: Lorenz96State(x: [0.1, 0.1]), transient: 50, steps: 500)
        let one = try LyapunovSpectrum(of: HenonMap(), from: Lorenz96State(x: [0.1, 0.1]), exponents: 1, transient: 50, steps: 500)
        #expect(abs(one.exponents[0] - all.exponents[0]) < 1e-12 && one.exponents.count == 1)
        #expect(one.kaplanYorkeDimension == nil)
    }

    @Test func whatCannotBeMeasuredIsTold() throws {
        let map = TriangularMap(rows: [[1, 0], [0, 0]])
        let start = Lorenz96State(sectors: 2)
        #expect(complaint(.model, "direction 1", "singular") { _ = try LyapunovSpectrum(of: map, from: start, transient: 0, steps: 20) } == nil)
        #expect(complaint(.invalidInput, "3 Lyapunov exponents") {
            _ = try LyapunovSpectrum(of: map, from: start, exponents: 3, transient: 0, steps: 20)
        } == nil)
        #expect(complaint(.invalidInput, "over 9 steps") { _ = try LyapunovSpectrum(of: map, from: start, transient: 0, steps: 9) } == nil)
    }

    @Test func jacobianIsTheMatrix() throws {
        let rows = [[0.5, 3, -1], [0, -2, 0.7], [0, 0, 1.1]]
        let map = TriangularMap(rows: rows)
        let jacobian = try map.jacobian(at: Lorenz96State(sectors: 3))
        #expect((0..<3).map { jacobian.row($0) } == rows)
        let other = Jacobian(columns: jacobian.columns.map { $0.map { 1.01 * $0 } })
        #expect(abs(try other.relativeError(to: jacobian) - 0.01) < 1e-14)
        #expect(complaint(.invalidInput, "3 and 2 columns") { _ = try jacobian.relativeError(to: Jacobian(columns: [[1, 0], [0, 1]])) } == nil)
    }
}
