import Layers
import Tensors
import TestSupport
import Testing

/// Lines side by side give what they give by themselves.
@Suite struct LinesSideBySideTests {
    /// Batches that fill no vector, one and several; lines long enough for several stretches of work.
    @Test(arguments: [(8, 5), (16, 40), (19, 33), (8, 700)], Padding.allCases)
    func convolutionIsThatOfEveryLine(_ size: (batch: Int, nx: Int), _ padding: Padding) {
        for (inputs, outputs, kernel, dilation) in [(1, 32, 5, 1), (11, 3, 3, 2), (5, 19, 1, 1)] {
            for activation in [Activation.none, .rectifier, .gelu] {
                var layout = ParameterLayout()
                let convolution = Convolution(
                    "c", axes: 1, inputs: inputs, outputs: outputs, kernel: kernel, padding: padding, dilation: dilation, activation: activation,
                    in: &layout)
                let parameters = sampleTensor([layout.count], seed: 1)
                let x = sampleTensor([size.batch, inputs, size.nx], seed: 2)
                let (alone, together) = (convolution.linearised(parameters, at: x), LinesSideBySide(convolution).linearised(parameters, at: x))
                let w = sampleTensor(alone.value.shape, seed: 3)
                let (g, h) = (alone.pullback(w), together.pullback(w))
                let name = "\(padding) \(activation), \(inputs) to \(outputs)"
                #expect(measured("\(name), value", relativeError(together.value, alone.value)) < 1e-14)
                #expect(measured("\(name), by input", relativeError(h.input, g.input)) < 1e-14)
                #expect(measured("\(name), by weights", relativeError(h.parameters, g.parameters)) < 1e-13)
            }
        }
    }

    @Test func layingAndTakingApartAreInverseAndTransposed() {
        let (x, w) = (sampleTensor([9, 2, 5], seed: 4), sampleTensor([1, 2, 5, 9], seed: 5))
        #expect(x.laidSideBySide().shape == [1, 2, 5, 9])
        #expect(x.laidSideBySide().takenApart() == x)
        #expect(abs(x.laidSideBySide().dot(w) - x.dot(w.takenApart())) < 1e-13)
        // Sample 7, channel 1, place 3.
        let (there, here) = (x.laidSideBySide().scalars[8 * 9 + 7], x.scalars[15 * 5 + 3])
        #expect(there == here)
    }
}
