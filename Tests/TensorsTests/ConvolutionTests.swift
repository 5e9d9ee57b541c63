import Tensors
import TestSupport
import Testing
import _Differentiation

/// The convolution against loops that follow its definition one product at a time, on sizes that fit no vector.
@Suite struct ConvolutionTests {
    struct Size: CustomTestStringConvertible {
        let inputs: Int
        let outputs: Int
        let ny: Int
        let nx: Int
        let kernel: Int
        var batch = 1
        var padding = Padding.zero
        var dilation = 1
        var testDescription: String {
            "\(batch) x \(inputs) -> \(outputs) channels, \(ny) x \(nx), kernel \(kernel), \(padding), dilation \(dilation)"
        }
    }

    static let sizes: [Size] =
        [1, 5, 8, 9, 33].flatMap { channels in
            [(1, 1), (3, 2), (33, 17)].flatMap { ny, nx in
                [1, 3, 5].map { Size(inputs: channels, outputs: 42 - channels, ny: ny, nx: nx, kernel: $0) }
            }
        } + [
            Size(inputs: 1, outputs: 1, ny: 100, nx: 100, kernel: 3), Size(inputs: 5, outputs: 9, ny: 100, nx: 100, kernel: 3),
            Size(inputs: 9, outputs: 8, ny: 100, nx: 100, kernel: 5), Size(inputs: 33, outputs: 5, ny: 100, nx: 100, kernel: 1),
            Size(inputs: 8, outputs: 33, ny: 3, nx: 2, kernel: 3, batch: 3),
            // One cell more than whole vectors in either precision.
            Size(inputs: 3, outputs: 4, ny: 3, nx: 11, kernel: 1),
        ] + Padding.allCases.flatMap(bordered) + Padding.allCases.flatMap(filtered)

    private static func bordered(_ padding: Padding) -> [Size] {
        [
            // A border wider than the field, several bands of rows, one row alone, whole vectors and one cell more or less.
            Size(inputs: 2, outputs: 3, ny: 3, nx: 2, kernel: 5, batch: 2, padding: padding, dilation: 4),
            Size(inputs: 3, outputs: 5, ny: 100, nx: 100, kernel: 3, batch: 2, padding: padding, dilation: 2),
            Size(inputs: 40, outputs: 9, ny: 41, nx: 64, kernel: 3, padding: padding),
            Size(inputs: 4, outputs: 4, ny: 1, nx: 40, kernel: 5, batch: 3, padding: padding),
            Size(inputs: 3, outputs: 8, ny: 11, nx: 33, kernel: 3, padding: padding, dilation: 3),
            Size(inputs: 3, outputs: 8, ny: 13, nx: 31, kernel: 5, padding: padding),
        ]
    }

    /// Filtered rows: every remainder of rows by the tile, widths around whole vectors, few outputs, several blocks of outputs, several bands.
    private static func filtered(_ padding: Padding) -> [Size] {
        (1...11).map { Size(inputs: 16, outputs: 16, ny: $0, nx: 30 + $0, kernel: 3, batch: 2, padding: padding) } + [
            Size(inputs: 35, outputs: 41, ny: 7, nx: 32, kernel: 3, padding: padding),
            Size(inputs: 12, outputs: 17, ny: 38, nx: 33, kernel: 3, padding: padding),
            Size(inputs: 16, outputs: 2, ny: 18, nx: 40, kernel: 3, batch: 2, padding: padding),
        ]
    }

    /// Calls `body` with the flat positions of every (input, weight, output) that meet in a product.
    private func forEachProduct(_ s: Size, _ body: (Int, Int, Int) -> Void) {
        let border = s.kernel / 2
        for sample in 0..<s.batch {
            for o in 0..<s.outputs {
                for c in 0..<s.inputs {
                    for ky in 0..<s.kernel {
                        for kx in 0..<s.kernel {
                            let weight = ((o * s.inputs + c) * s.kernel + ky) * s.kernel + kx
                            for y in 0..<s.ny {
                                guard let row = s.padding.cell(at: y + s.dilation * (ky - border), of: s.ny) else { continue }
                                for x in 0..<s.nx {
                                    guard let column = s.padding.cell(at: x + s.dilation * (kx - border), of: s.nx) else { continue }
                                    body(
                                        ((sample * s.inputs + c) * s.ny + row) * s.nx + column, weight,
                                        ((sample * s.outputs + o) * s.ny + y) * s.nx + x)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: sizes) func agreesWithTheDefinition(_ s: Size) {
        let input = sampleTensor([s.batch, s.inputs, s.ny, s.nx], index: 0)
        let weights = sampleTensor([s.outputs, s.inputs, s.kernel, s.kernel], index: 1)
        let bias = sampleTensor([s.outputs], index: 2)
        let cotangent = sampleTensor([s.batch, s.outputs, s.ny, s.nx], index: 3)
        let plane = s.ny * s.nx
        var value = (0..<cotangent.count).map { bias.scalars[$0 / plane % s.outputs] }
        var inputGradient = [Double](repeating: 0, count: input.count)
        var weightGradient = [Double](repeating: 0, count: weights.count)
        var biasGradient = [Double](repeating: 0, count: s.outputs)
        input.scalars.withUnsafeBufferPointer { x in
            weights.scalars.withUnsafeBufferPointer { w in
                cotangent.scalars.withUnsafeBufferPointer { g in
                    forEachProduct(s) { i, k, o in
                        value[o] += x[i] * w[k]
                        inputGradient[i] += g[o] * w[k]
                        weightGradient[k] += g[o] * x[i]
                    }
                }
            }
        }
        for (o, g) in cotangent.scalars.enumerated() { biasGradient[o / plane % s.outputs] += g }

        func compare<Scalar: TensorScalar>(_ type: Scalar.Type, within bound: Double) {
            let convolution = Linearised(at: input.converted(to: type), weights.converted(to: type), bias.converted(to: type)) {
                $0.convolved(with: $1, bias: $2, padding: s.padding, dilation: s.dilation)
            }
            let gradients = convolution.pullback(cotangent.converted(to: type))
            let pairs = zip([convolution.value] + gradients, [value, inputGradient, weightGradient, biasGradient])
            for (name, (found, wanted)) in zip(["value", "input", "weights", "bias"], pairs) {
                let error = relativeError(found.scalars.map { Double($0) }, wanted)
                #expect(measured("convolution \(type) \(s.testDescription), \(name)", error) < bound, "\(name)")
            }
        }
        compare(Double.self, within: 1e-13)
        compare(Float.self, within: 1e-5)
    }

    @Test func aTapMovesTheFieldItsWay() {
        // A weight at (row 0, column 2) of a 3 x 3 kernel shows each cell its neighbour to the south east.
        var weights = Tensor(shape: [1, 1, 3, 3], repeating: 0.0)
        weights.scalars[2] = 1
        let field = Tensor(shape: [1, 1, 2, 3], scalars: [1.0, 2, 3, 4, 5, 6])
        let moved = field.convolved(with: weights, bias: Tensor(shape: [1], scalars: [0]))
        #expect(moved.scalars == [0, 0, 0, 2, 3, 0])
    }

    @Test(arguments: Padding.allCases) func whatIsNotWantedIsNothing(_ padding: Padding) {
        let layer = sampleTensor([2, 3, 9, 11]).linearisedConvolution(
            with: sampleTensor([4, 3, 3, 3]), bias: sampleTensor([4]), padding: padding, activation: .gelu)
        let cotangent = sampleTensor([2, 4, 9, 11], seed: 2)
        let all = layer.cotangents(cotangent)
        let byInput = layer.cotangents(cotangent, weights: false, bias: false)
        let byWeights = layer.cotangents(cotangent, input: false, bias: false)
        let byBias = layer.cotangents(cotangent, input: false, weights: false)
        #expect(byInput == (all.input, .zero, .zero) && byWeights == (.zero, all.weights, .zero) && byBias == (.zero, .zero, all.bias))
    }
}
