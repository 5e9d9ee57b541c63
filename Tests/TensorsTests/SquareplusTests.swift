import Tensors
import TestSupport
import Testing

/// (x + sqrt(x^2 + 4)) / 2: positive and exact from where it vanishes to where it is x.
@Suite struct SquareplusTests {
    private func values<Scalar: TensorScalar>(_ x: [Double], _ type: Scalar.Type) -> (values: [Double], slopes: [Double]) {
        let input = Tensor(shape: [x.count], scalars: x.map { Scalar($0) })
        let (value, pullback) = input.vjpSquareplus()
        return (value.scalars.map { Double($0) }, pullback(Tensor(shape: [x.count], repeating: 1)).scalars.map { Double($0) })
    }

    @Test func itIsThePositiveRoot() {
        // y = squareplus(x) is the positive root of y^2 - x y - 1 = 0, and its slope is y^2 / (y^2 + 1).
        let x = [-1e4, -37.5, -2, -1e-3, 0, 1e-3, 1, 8, 3e4]
        for (precision, found) in [(1e-14, values(x, Double.self)), (1e-6, values(x, Float.self))] {
            for (k, y) in found.values.enumerated() {
                #expect(abs(y - x[k] - 1 / y) <= precision * max(y, 1 / y))
                #expect(abs(found.slopes[k] - y * y / (y * y + 1)) <= precision * found.slopes[k])
            }
        }
    }

    @Test func squaresThatOverflowDoNotHurt() {
        let x = [1e9, 1e15, 1e30, -1e9, -1e15, -1e30]
        for found in [values(x, Float.self), values(x, Double.self)] {
            for k in 0..<3 {
                #expect(abs(found.values[k] / x[k] - 1) < 1e-6 && found.slopes[k] == 1)
                #expect(abs(found.values[k + 3] * x[k] - 1) < 1e-6 && found.slopes[k + 3] < 1e-17)
            }
        }
        // In double precision the squares of 1e160 overflow as well.
        #expect(values([1e160, -1e160], Double.self).values == [1e160, 1e-160])
    }
}
