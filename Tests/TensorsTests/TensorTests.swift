import Tensors
import TestSupport
import Testing
import _Differentiation

@Suite struct TensorTests {
    @Test func symbolicZeroIsTheIdentityOfAddition() {
        let a = sampleTensor([2, 3])
        #expect(a + .zero == a && .zero + a == a && a - .zero == a)
        #expect(Tensor.zero - a == a.scaled(by: -1))
        var sum = Tensor<Double>.zero
        sum += a
        sum += .zero
        #expect(sum == a)
        #expect((Tensor<Float>.zero + .zero).isSymbolicZero && (Tensor<Float>.zero - .zero).isSymbolicZero)
    }

    @Test func notANumberPassesTheRectifier() {
        let x = Tensor<Float>(shape: [4], scalars: [.nan, -.infinity, .infinity, -0.0])
        let y = x.rectified().scalars
        #expect(y[0].isNaN && y[1] == 0 && y[2] == .infinity && y[3] == 0)
    }

    @Test func derivativeOfTheRectifierAtZeroIsZero() {
        let x = Tensor(shape: [3], scalars: [-1.0, 0, 1])
        #expect(Linearised(at: x) { $0.rectified() }.pullback(Tensor(shape: [3], repeating: 1)) == [Tensor(shape: [3], scalars: [0, 0, 1])])
    }

    @Test func sumsOfFloatsAreTakenInDouble() {
        // One part in 2^24 of the sum would be lost in Float.
        let values = Tensor<Float>(shape: [1 << 20], repeating: 0.1)
        let exact = Double(Float(0.1)) * Double(1 << 20)
        #expect(abs(measured("total of Floats", values.total / exact - 1)) < 1e-11)
        #expect(abs(measured("squared norm of Floats", values.squaredNorm / (exact * Double(Float(0.1))) - 1)) < 1e-11)
        #expect(abs(values.dot(values) / values.squaredNorm - 1) < 1e-15)
    }

    @Test func meanSquaredErrorLooksOnlyWhereTheWeightIs() {
        let target = Tensor(shape: [4], scalars: [0.0, 0, 0, 0])
        let state = Tensor(shape: [4], scalars: [1.0, 3, 1e9, -1e9])
        #expect(state.meanSquaredError(to: target, weight: Tensor(shape: [4], scalars: [1, 1, 0, 0])) == 5)
    }
}
