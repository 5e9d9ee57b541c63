import Layers
import StencilSolvers
import Tensors
import TestSupport
import Testing

/// What each block computes.
@Suite struct BlockTests {
    private func made<B: Block>(_ make: (inout ParameterLayout) -> B) -> (block: B, parameters: Tensor<Double>, layout: ParameterLayout) {
        var layout = ParameterLayout()
        let block = make(&layout)
        return (block, layout.initialParameters(seed: 7), layout)
    }

    @Test func publishedNetsHaveThePublishedNumbersOfWeights() {
        let implicit = made { ImplicitBilinearStep("step", inputs: 5, others: 2, in: &$0).solving(by: BlockCase.direct) }.layout
        #expect(implicit.count == 14410)
        let parts = ["net.0", "net.1", "net.2", "net.last", "last"]
        #expect(implicit.blocks.map(\.name) == parts.flatMap { ["step.\($0).weights", "step.\($0).bias"] })
        #expect(made { BilinearStep("step", inputs: 5, others: 2, in: &$0) }.layout.count == 14365)
    }

    /// The start of the published implicit net: nearly one matrix in all cells, that of the scheme with coefficients c.
    @Test func implicitStepStartsFromAKnownMatrix() throws {
        let (c, x) = (0.4, sampleTensor([1, 5, 6, 7]))
        var layout = ParameterLayout()
        let step = ImplicitBilinearStep("step", inputs: 5, others: 2, coupling: c, in: &layout)
        let parameters = layout.initialParameters(seed: 7)
        let said = step.net.value(parameters, at: x)
        let domain = StencilDomain<Double>(StencilLayout(), ny: 6, nx: 7)
        let entries = UnitDiagonalStencil(domain).system(raw: said.channels(0..<5), b: said.channels(5..<6)).stencil
        // A cell of the middle has all its neighbours.
        let middle = 3 * 7 + 3
        #expect(entries.scalars[middle] == 1)
        let row = 1.05 * (1 + 4 * c)
        for d in 1..<5 {
            let entry = entries.scalars[d * 42 + middle] * row
            #expect(measured("off-diagonal entry of the start", abs(entry + c)) < 0.05)
        }
        let weights = try #require(layout.weights("step.net.last.weights", in: parameters)).scalars
        let (stencil, others) = (weights[..<40].map { abs($0) }, weights[40...].map { abs($0) })
        #expect(try #require(stencil.max()) < 0.01)
        #expect(others.reduce(0, +) / 24 > 0.1)
    }

    /// (N(x + d) + N(x - d)) / 2 - N(x) beside (N(x + d) - N(x - d)) / 2, of normal random fields x and d.
    @Test func aNearlyLinearStartIsNearlyLinear() {
        func curvature(_ start: RectifiedStart) -> Double {
            let (net, parameters, _) = made {
                BilinearConvolutionNet(
                    "net", inputs: 5, outputs: 3, stages: [.init(linear: 32, products: 0), .init(linear: 16, products: 0)], start: start, in: &$0)
            }
            let (x, d) = (sampleTensor([1, 5, 12, 12], seed: 3), sampleTensor([1, 5, 12, 12], seed: 4))
            let (up, down, here) = (net.value(parameters, at: x + d), net.value(parameters, at: x - d), net.value(parameters, at: x))
            return ((up + down).scaled(by: 0.5) - here).squaredNorm.squareRoot() / (up - down).scaled(by: 0.5).squaredNorm.squareRoot()
        }
        #expect(measured("curvature of a nearly linear start", curvature(.nearlyLinear)) < 0.1)
        #expect(measured("curvature of He's start", curvature(.he)) > 0.2)
    }

    @Test func bilinearNetCanSayAProduct() throws {
        // Of two positive channels; a net of convolutions and rectifiers alone could not, whatever its weights.
        let (net, _, layout) = made {
            BilinearConvolutionNet("net", inputs: 2, outputs: 1, stages: [.init(linear: 0, products: 1)], kernel: 1, in: &$0)
        }
        let parameters = try layout.vector(of: [
            "net.0.weights": Tensor(shape: [2, 2, 1, 1], scalars: [1, 0, 0, 1]), "net.0.bias": Tensor(shape: [2], repeating: 0),
            "net.last.weights": Tensor(shape: [1, 1, 1, 1], scalars: [1]), "net.last.bias": Tensor(shape: [1], scalars: [0]),
        ])
        var x = sampleTensor([2, 2, 3, 4])
        x.scalars = x.scalars.map(abs)
        #expect(net.value(parameters, at: x) == x.channels(0..<1) * x.channels(1..<2))
    }

    @Test func chainIsOneAfterTheOther() {
        var layout = ParameterLayout()
        let (a, b) = (
            Convolution("a", inputs: 3, outputs: 4, kernel: 3, in: &layout), Convolution("b", inputs: 4, outputs: 2, kernel: 1, in: &layout)
        )
        let (parameters, x) = (layout.initialParameters(seed: 1), sampleTensor([2, 3, 4, 5]))
        #expect(Chain(a, b).value(parameters, at: x) == b.value(parameters, at: a.value(parameters, at: x)))
        #expect(Chain().value(parameters, at: x) == x)
        #expect(Residual(Chain()).value(parameters, at: x) == x.scaled(by: 2))
    }

    @Test func rungeKuttaIsTheTaylorPolynomialOfTheExponential() throws {
        // For dx/dt = L x the classical scheme is 1 + z + z^2/2 + z^3/6 + z^4/24 with z = h L: here a rotation by the angle h.
        let h = 0.3
        var layout = ParameterLayout()
        let step = RungeKutta4(Dense("l", inputs: 2, outputs: 2, in: &layout), timeStep: h)
        let parameters = try layout.vector(of: [
            "l.weights": Tensor(shape: [2, 2], scalars: [0, -1, 1, 0]), "l.bias": Tensor(shape: [2], repeating: 0),
        ])
        let (even, odd) = (1 - h * h / 2 + h * h * h * h / 24, h - h * h * h / 6)
        let next = step.value(parameters, at: Tensor(shape: [1, 2], scalars: [1, 0]))
        #expect(relativeError(next.scalars, [even, odd]) < 1e-15)
    }

    @Test func implicitConvolutionSolvesWhatItsConvolutionSays() throws {
        let layout = StencilLayout(.ninePoint, fields: 2)
        let (block, parameters, _) = made {
            ImplicitConvolution("i", inputs: 3, stencil: layout, in: &$0).solving(by: BlockCase.direct, wet: BlockCase.wet)
        }
        let x = sampleTensor([1, 3, 4, 5])
        let said = block.inner.convolution.value(parameters, at: x)
        let system = UnitDiagonalStencil(StencilDomain<Double>(layout, ny: 4, nx: 5, wet: BlockCase.wet))
            .system(raw: said.channels(0..<36), b: said.channels(36..<38))
        let y = block.value(parameters, at: x)
        #expect(relativeError(layout.matrix(system.stencil).apply(y.scalars), system.b.scalars) < 1e-13)
        for cell in 0..<20 where !BlockCase.wet[cell] { #expect(y.scalars[cell] == 0 && y.scalars[20 + cell] == 0) }
        #expect(y.scalars.contains { $0 != 0 })
    }

    /// A training makes one linearisation after the other: none may be kept by what it recorded.
    @Test func linearisationIsLetGo() {
        final class Trace: Sendable {}
        struct Traced: Block {
            let convolution: Convolution
            let trace: @Sendable () -> Trace?
            func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
                let kept = trace()
                let operation = FieldOperation<Field.Scalar>(
                    value: { $0[0] },
                    linearised: { inputs in
                        LinearisedOperation(value: inputs[0], tangent: { _ = kept; return $0[0] }, adjoint: { w, _ in _ = kept; return [w] })
                    })
                return Field.applied(operation, to: [convolution(x, weights)])
            }
        }
        let (convolution, parameters, _) = made { Convolution("c", inputs: 2, outputs: 2, kernel: 3, in: &$0) }
        weak var trace: Trace?
        do {
            let strong = Trace()
            trace = strong
            let at = Traced(convolution: convolution, trace: { [weak strong] in strong }).linearised(parameters, at: sampleTensor([1, 2, 4, 5]))
            _ = at.pullback(at.value)
        }
        #expect(trace == nil)
    }

    @Test func implicitBlockFeelsTheWholeBasinAtOnce() {
        func reach(_ block: some Block, _ layout: ParameterLayout) -> [Bool] {
            let at = block.linearised(layout.initialParameters(seed: 7), at: sampleTensor([1, 3, 6, 9]))
            var corner = Tensor(shape: [1, 3, 6, 9], repeating: 0.0)
            for channel in 0..<3 { corner.scalars[channel * 54] = 1 }
            let change = at.tangent(input: corner).scalars
            // Filtered rows leave roundings where nothing is felt.
            return (0..<54).map { cell in (0..<3).contains { abs(change[$0 * 54 + cell]) > 1e-13 } }
        }
        let explicit = made { ConvolutionResidualBlock("r", channels: 3, activation: .tanh, in: &$0) }
        let felt = reach(explicit.block, explicit.layout)
        #expect(felt.indices.allSatisfy { felt[$0] == ($0 / 9 < 2 && $0 % 9 < 2) })
        let implicit = made { ImplicitConvolution("i", inputs: 3, in: &$0).solving(by: BlockCase.direct) }
        // One field of three: what the block gives is padded by its input.
        struct Stacked: Block {
            let inner: Solving<ImplicitConvolution>
            func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
                x.channels(0..<2).concatenated(with: inner(x, weights))
            }
        }
        #expect(reach(Stacked(inner: implicit.block), implicit.layout).allSatisfy { $0 })
    }

    @Test func wholeGridIsAMatrix() throws {
        let (block, parameters, layout) = made { WholeGrid("w", inputs: [2, 2, 3], outputs: [1, 4, 1], in: &$0) }
        let weights = try #require(layout.weights("w.weights", in: parameters))
        let x = sampleTensor([3, 2, 2, 3])
        let y = block.value(parameters, at: x)
        #expect(y.shape == [3, 1, 4, 1])
        let expected = (0..<3).flatMap { n in
            (0..<4).map { o in (0..<12).reduce(0.0) { $0 + weights.scalars[o * 12 + $1] * x.scalars[n * 12 + $1] } }
        }
        #expect(relativeError(y.scalars, expected) < 1e-14)
    }

    @Test(arguments: 1...4, UNet.Pooling.allCases) func uNetTakesAnyExtents(levels: Int, pooling: UNet.Pooling) {
        for upsampling in Upsampling.allCases {
            let (net, parameters, _) = made {
                UNet(
                    "u", inputs: 1, outputs: 2, channels: (0..<levels).map { 2 + $0 }, activation: .softplus, pooling: pooling,
                    upsampling: upsampling, in: &$0)
            }
            for (ny, nx) in [(1, 1), (1, 9), (2, 3), (5, 8), (7, 7), (16, 17)] {
                let y = net.value(parameters, at: sampleTensor([1, 1, ny, nx]))
                #expect(y.shape == [1, 2, ny, nx] && y.scalars.allSatisfy(\.isFinite))
            }
        }
    }

    @Test func uNetOnATorusKnowsNoPlace() {
        // Shifted by whole cells of its coarsest grid, it gives the same, shifted.
        let (net, parameters, _) = made {
            UNet("u", inputs: 2, outputs: 2, channels: [3, 4, 5], padding: .circular, pooling: .maximum, upsampling: .nearest, in: &$0)
        }
        let (ny, nx) = (8, 12)
        func shifted(_ x: Tensor<Double>) -> Tensor<Double> {
            Tensor(shape: x.shape, scalars: x.scalars.indices.map { k in
                let (plane, j, i) = (k / (ny * nx), k / nx % ny, k % nx)
                return x.scalars[plane * ny * nx + (j + 4) % ny * nx + (i + 8) % nx]
            })
        }
        let x = sampleTensor([1, 2, ny, nx])
        let y = net.value(parameters, at: x)
        #expect(relativeError(net.value(parameters, at: shifted(x)), shifted(y)) < 1e-14)
        #expect(relativeError(shifted(y), y) > 0.1)
    }

    @Test func normalisedChannelsHaveMeanZeroAndVarianceOne() {
        let (block, parameters, _) = made { GroupNormalisation("norm", channels: 4, groups: 2, in: &$0) }
        let y = block.value(parameters, at: sampleTensor([2, 4, 7, 9]).scaled(by: 30)).scalars
        for group in 0..<4 {
            let values = y[group * 126..<(group + 1) * 126]
            #expect(abs(values.reduce(0, +) / 126) < 1e-14)
            #expect(abs(values.reduce(0) { $0 + $1 * $1 } / 126 - 1) < 1e-7)
        }
    }
}
