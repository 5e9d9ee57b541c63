import Foundation
import Tensors
import TestSupport
import Testing

/// The activations from where they vanish to where they are x, against the C library in double precision.
@Suite struct ActivationTests {
    private static let places = [-700.0, -90, -37.5, -20, -8, -3, -1, -0.1, -1e-3, -1e-12, 0, 1e-12, 1e-3, 0.1, 0.5, 1, 3, 8, 20, 37.5, 90, 700]

    private func exact(_ activation: Activation, _ x: Double) -> (value: Double, slope: Double)? {
        switch activation {
        case .gelu:
            let cumulative = erfc(-x / 2.0.squareRoot()) / 2
            return (x * cumulative, cumulative + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot())
        case .softplus: return (x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)), 1 / (1 + exp(-x)))
        case .tanh: return (tanh(x), 1 / (cosh(x) * cosh(x)))
        case .none, .rectifier, .squareplus: return nil
        }
    }

    /// The larger of the errors relative to the exact value and to the smallest number of which the precision has all digits.
    private func error<Scalar: TensorScalar>(_ found: Scalar, _ exact: Double, _ type: Scalar.Type) -> Double {
        abs(Double(found) - exact) / max(abs(exact), Double(Scalar.leastNormalMagnitude) / Double(Scalar.ulpOfOne))
    }

    private func check<Scalar: TensorScalar>(_ activation: Activation, _ type: Scalar.Type, within bound: Double) {
        // Numbers that either precision holds; beyond 88 e^x overflows in single precision, and slopes are as good as 0 or 1.
        let x = Self.places.map { Double(Float($0)) }
        let (value, pullback) = Tensor(shape: [x.count], scalars: x.map { Scalar($0) }).vjpActivated(by: activation)
        let slopes = pullback(Tensor(shape: [x.count], repeating: 1))
        for (k, place) in x.enumerated() {
            guard let wanted = exact(activation, place) else { return }
            // In the tail of the normal distribution the rounding of x^2 / 2 stands in the exponent.
            let tail = activation == .gelu ? 1 + place * place / 20 : 1
            #expect(measured("\(activation) \(type) at \(place)", error(value.scalars[k], wanted.value, type)) < bound * tail, "at \(place)")
            // Slopes near 0 are differences: exact to rounding of 1.
            #expect(abs(Double(slopes.scalars[k]) - wanted.slope) < bound, "slope at \(place)")
        }
    }

    @Test(arguments: Activation.allCases) func valuesAndSlopesAreExactToRounding(_ activation: Activation) {
        check(activation, Double.self, within: 2e-15)
        check(activation, Float.self, within: 2e-6)
    }

    /// GELU in units in the last place of the exact value, on a fine line from where it is as good as zero to where it is x.
    private func largestGeluError<Scalar: TensorScalar>(_ type: Scalar.Type, from start: Double) -> (units: Double, place: Double) {
        let x = (0...40_000).map { Scalar(start + ($0.isMultiple(of: 2) ? 0.0007 : 0.0003) + (12 - start) * Double($0) / 40_000) }
        let found = Tensor(shape: [x.count], scalars: x).activated(by: .gelu).scalars
        return zip(x, found).reduce((0, 0)) { worst, pair in
            let (x, exact) = (Double(pair.0), exactGelu(Double(pair.0)))
            let units = abs(Double(pair.1) - exact) / Double(Scalar(exact).ulp)
            return units > worst.units ? (units, x) : worst
        }
    }

    /// x Phi(x) with the rounding of x / sqrt 2 brought back, which the tail of erfc would multiply.
    private func exactGelu(_ x: Double) -> Double {
        let (root, rest) = (0.5.squareRoot(), -4.833646656726457e-17)
        let argument = -x * root
        let lost = (-argument).addingProduct(-x, root) - x * rest
        return x * (erfc(argument) - 2 / Double.pi.squareRoot() * exp(-argument * argument) * lost) / 2
    }

    @Test func geluIsExactToAFewUnitsInTheLastPlace() {
        // Below these places the values, or their last digits, are smaller than the smallest number with all its digits.
        let float = largestGeluError(Float.self, from: -12)
        #expect(measured("units in the last place of GELU, Float, at \(float.place)", float.units) < 6)
        // Of which three may be the C library's.
        let double = largestGeluError(Double.self, from: -36)
        #expect(measured("units in the last place of GELU, Double, at \(double.place)", double.units) < 12)
    }

    @Test func geluEndsWhereItIsZero() {
        let x = Tensor<Float>(shape: [4], scalars: [-.infinity, -1e30, 1e30, .infinity])
        let (value, pullback) = x.vjpActivated(by: .gelu)
        #expect(value.scalars == [0, 0, 1e30, .infinity])
        let slopes = pullback(Tensor(shape: [4], repeating: 1)).scalars
        #expect(slopes[..<2].allSatisfy { abs($0) < 1e-35 } && slopes[2...] == [1, 1])
    }

    @Test(arguments: Activation.allCases) func notANumberPasses(_ activation: Activation) {
        let x = Tensor<Float>(shape: [3], scalars: [.nan, .infinity, 1])
        let y = x.activated(by: activation).scalars
        #expect(y[0].isNaN && !y[1].isNaN && y[2].isFinite)
    }

    @Test func notANumberIsTheLargest() {
        let field = Tensor<Float>(shape: [1, 1, 2, 4], scalars: [1, .nan, 2, 3, 4, 5, .nan, .nan])
        let pooled = field.maximumPooled().scalars
        #expect(pooled[0].isNaN && pooled[1].isNaN)
    }
}
