import Tensors
import TestSupport
import Testing

/// Rounding of convolutions of three rows, which minimal filtering makes by fewer products of sums of rows and of weights.
@Suite struct FilteredConvolutionTests {
    private struct Case {
        let field: Tensor<Double>
        let weights: Tensor<Double>
        let cotangent: Tensor<Double>

        init(channels: Int, n: Int = 40) {
            field = sampleTensor([1, channels, n, n], index: 0)
            weights = sampleTensor([channels, channels, 3, 3], index: 1)
            cotangent = sampleTensor([1, channels, n, n], index: 2)
        }

        /// Value and gradients by field and weights, rounded to `type`.
        func results<Scalar: TensorScalar>(_ type: Scalar.Type, _ weights: Tensor<Double>) -> [Tensor<Double>] {
            let layer = field.converted(to: type).linearisedConvolution(
                with: weights.converted(to: type), bias: Tensor(shape: [weights.shape[0]], repeating: 0))
            let gradients = layer.cotangents(cotangent.converted(to: type), bias: false)
            return [layer.value, gradients.input, gradients.weights].map { $0.converted(to: Double.self) }
        }

        /// Of each result the sum of the magnitudes of its terms.
        func magnitudes() -> [Tensor<Double>] {
            func magnitude(_ x: Tensor<Double>) -> Tensor<Double> { Tensor(shape: x.shape, scalars: x.scalars.map(abs)) }
            return Case(magnitude(field), magnitude(weights), magnitude(cotangent)).results(Double.self, magnitude(weights))
        }

        private init(_ field: Tensor<Double>, _ weights: Tensor<Double>, _ cotangent: Tensor<Double>) {
            (self.field, self.weights, self.cotangent) = (field, weights, cotangent)
        }
    }

    /// Weights of 3 x 3 in the middle of 5 x 5 zeros: the same convolution, which is summed term by term.
    private func widened(_ weights: Tensor<Double>) -> Tensor<Double> {
        var wide = Tensor(shape: Array(weights.shape[..<2]) + [5, 5], repeating: 0.0)
        for k in weights.scalars.indices { wide.scalars[25 * (k / 9) + 5 * (k % 9 / 3 + 1) + k % 3 + 1] = weights.scalars[k] }
        return wide
    }

    private func middle(_ wide: Tensor<Double>) -> Tensor<Double> {
        let count = wide.count / 25
        return Tensor(
            shape: Array(wide.shape[..<2]) + [3, 3], scalars: (0..<9 * count).map { wide.scalars[25 * ($0 / 9) + 5 * ($0 % 9 / 3 + 1) + $0 % 3 + 1] })
    }

    /// Largest error and root of the mean square, relative to the sum of the magnitudes of an element's terms.
    private func errors(_ found: Tensor<Double>, _ exact: Tensor<Double>, _ magnitude: Tensor<Double>) -> (largest: Double, rms: Double) {
        let errors = found.scalars.indices.map { abs(found.scalars[$0] - exact.scalars[$0]) / magnitude.scalars[$0] }
        return (errors.max()!, (errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)).squareRoot())
    }

    @Test(arguments: [8, 32, 128]) func roundingIsThatOfAPlainSum(_ channels: Int) {
        let sample = Case(channels: channels)
        let wide = widened(sample.weights)
        var exact = sample.results(Double.self, wide), plain = sample.results(Float.self, wide)
        (exact[2], plain[2]) = (middle(exact[2]), middle(plain[2]))
        let (filtered, magnitudes) = (sample.results(Float.self, sample.weights), sample.magnitudes())
        for (k, name) in ["value", "by input", "by weights"].enumerated() {
            let ours = errors(filtered[k], exact[k], magnitudes[k]), theirs = errors(plain[k], exact[k], magnitudes[k])
            let title = "3x3, \(channels) channels, \(name), error over the sum of magnitudes"
            // Where few terms meet, in the corners, the error is still that of a whole tile.
            #expect(measured("\(title), filtered: largest", ours.largest) < 4 * measured("\(title), plain: largest", theirs.largest))
            #expect(measured("\(title), filtered: rms", ours.rms) < 2 * measured("\(title), plain: rms", theirs.rms))
        }
    }

    @Test(arguments: Padding.allCases) func differencesOfAConstantVanish(_ padding: Padding) {
        let weights = sampleTensor([16, 16, 3, 3])
        var stencil = weights
        for k in stride(from: 0, to: weights.count, by: 9) { stencil.scalars[k + 4] -= weights.scalars[k..<k + 9].reduce(0, +) }
        func largest<Scalar: TensorScalar>(_ type: Scalar.Type) -> Double {
            let field = Tensor<Scalar>(shape: [1, 16, 23, 37], repeating: 1.7)
            let value = field.convolved(with: stencil.converted(to: type), bias: Tensor(shape: [16], repeating: 0), padding: padding)
            let terms = 1.7 * stencil.scalars.reduce(0) { $0 + abs($1) } / 16
            // With zeros outside, what is next to them sees no constant.
            let edge = padding == .zero ? 1 : 0
            func isInside(_ cell: Int) -> Bool { (edge..<23 - edge).contains(cell / 37 % 23) && (edge..<37 - edge).contains(cell % 37) }
            let inside = value.scalars.indices.filter(isInside)
            return inside.map { abs(Double(value.scalars[$0])) / terms }.max()!
        }
        #expect(measured("differences of a constant, \(padding), Float", largest(Float.self)) < 4e-7)
        #expect(measured("differences of a constant, \(padding), Double", largest(Double.self)) < 1e-15)
    }
}
