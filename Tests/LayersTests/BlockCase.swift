import Layers
import StencilSolvers
import Tensors
import TestSupport

/// A block small enough to difference every weight, with an input that it takes.
struct BlockCase: Sendable, CustomStringConvertible {
    let name: String
    let block: any Block
    let layout: ParameterLayout
    /// Two samples; of lines that are laid side by side eight or more.
    let shape: [Int]
    /// Of central differences. Normalisations of few values curve so much that a longer one would measure their third derivative.
    let step: Double

    var description: String { name }

    init(_ name: String, _ shape: [Int] = [2, 3, 4, 5], step: Double = 1e-5, _ make: (inout ParameterLayout) -> any Block) {
        var layout = ParameterLayout()
        block = make(&layout)
        self.name = name
        self.layout = layout
        self.shape = shape
        self.step = step
    }

    // At these seeds no rectified value lies within a difference step of its kink; a test of differences would fail where one does.
    var parameters: Tensor<Double> { sampleTensor([layout.count], seed: 11).scaled(by: 0.25) }
    var input: Tensor<Double> { sampleTensor(shape, seed: 12) }
    /// Of unit length, so that a step is the same for all.
    var direction: (parameters: Tensor<Double>, x: Tensor<Double>) {
        let (a, b) = (sampleTensor([layout.count], seed: 13), sampleTensor(shape, seed: 14))
        let size = (a.squaredNorm + b.squaredNorm).squareRoot()
        return (a.scaled(by: 1 / size), b.scaled(by: 1 / size))
    }

    /// Elimination, accurate to rounding, so that derivatives can be compared to rounding.
    static let direct = LinearImplicit(solver: BandedDirect(tolerance: 1e-13))

    /// An island and a dry corner.
    static let wet = (0..<20).map { ![0, 7, 8, 12].contains($0) }

    static let all: [BlockCase] = [
        BlockCase("empty chain") { _ in Chain() },
        BlockCase("convolution") { Convolution("c", inputs: 3, outputs: 2, kernel: 3, in: &$0) },
        BlockCase("bilinear net, three stages") {
            BilinearConvolutionNet(
                "net", inputs: 3, outputs: 2, stages: [.init(linear: 5, products: 0), .init(linear: 2, products: 2), .init(linear: 0, products: 3)],
                in: &$0)
        },
        BlockCase("bilinear net, one stage 1 x 1") {
            BilinearConvolutionNet("net", inputs: 3, outputs: 2, stages: [.init(linear: 0, products: 3)], kernel: 1, in: &$0)
        },
        BlockCase("the talk's explicit step") {
            BilinearStep("step", inputs: 3, others: 2, stages: [.init(linear: 2, products: 2)], in: &$0)
        },
        BlockCase("the talk's implicit step") {
            ImplicitBilinearStep("step", inputs: 3, others: 2, stages: [.init(linear: 2, products: 2)], in: &$0).solving(by: direct, wet: wet)
        },
        BlockCase("residual block") { ConvolutionResidualBlock("r", channels: 3, in: &$0) },
        BlockCase("residual around a net") {
            Residual(BilinearConvolutionNet("net", inputs: 3, outputs: 3, stages: [.init(linear: 2, products: 1)], in: &$0))
        },
        BlockCase("implicit convolution") { ImplicitConvolution("i", inputs: 3, in: &$0).solving(by: direct) },
        BlockCase("implicit convolution, nine points, two fields, land") {
            ImplicitConvolution("i", inputs: 3, kernel: 1, stencil: StencilLayout(.ninePoint, fields: 2), in: &$0).solving(by: direct, wet: wet)
        },
        BlockCase("implicit residual block") { ImplicitResidualBlock("ir", channels: 3, in: &$0).solving(by: direct, wet: wet) },
        BlockCase("chain of residual blocks, explicit and implicit") {
            Chain(
                ConvolutionResidualBlock("first", channels: 3, in: &$0), ImplicitResidualBlock("second", channels: 3, in: &$0).solving(by: direct),
                Convolution("last", inputs: 3, outputs: 1, kernel: 1, in: &$0))
        },
        BlockCase("Runge-Kutta around a bilinear net") {
            RungeKutta4(
                BilinearConvolutionNet("net", inputs: 3, outputs: 3, stages: [.init(linear: 2, products: 2)], in: &$0), timeStep: 0.25)
        },
        BlockCase("Runge-Kutta around an implicit block") {
            RungeKutta4(ImplicitResidualBlock("ir", channels: 3, in: &$0).solving(by: direct), timeStep: 0.125)
        },
        BlockCase("convolution on a torus, dilated, tanh") {
            Convolution("c", inputs: 3, outputs: 2, kernel: 3, padding: .circular, dilation: 2, activation: .tanh, in: &$0)
        },
        BlockCase("convolution with replicated edges, 5 x 5, GELU") {
            Convolution("c", inputs: 3, outputs: 2, kernel: 5, padding: .replicate, activation: .gelu, in: &$0)
        },
        BlockCase("dense layers", [2, 6]) {
            Chain(
                Dense("first", inputs: 6, outputs: 5, activation: .softplus, in: &$0), GroupNormalisation("norm", channels: 5, in: &$0),
                Dense("second", inputs: 5, outputs: 3, in: &$0))
        },
        BlockCase("whole grid", [2, 2, 3, 4]) { WholeGrid("w", inputs: [2, 3, 4], outputs: [1, 5, 2], activation: .squareplus, in: &$0) },
        BlockCase("group normalisation", [2, 4, 3, 4]) {
            Chain(GroupNormalisation("norm", channels: 4, groups: 2, in: &$0), Activation.tanh)
        },
        BlockCase("scale, shift, mean of channels") { ScaledAndShifted(in: &$0) },
        BlockCase("relaxation, the example of docs/blocks.md") { Relaxation("relax", channels: 3, in: &$0) },
        BlockCase("stencil solved") { StencilSolved(in: &$0) },
        BlockCase("flux form") { FluxFormStep(in: &$0) },
        BlockCase("U-net, odd sides", [2, 2, 5, 7]) { UNet("u", inputs: 2, outputs: 1, channels: [3, 4, 5], in: &$0) },
        BlockCase("U-net of maxima, normalised, on a torus", [2, 2, 6, 5], step: 1e-6) {
            UNet(
                "u", inputs: 2, outputs: 2, channels: [2, 4], padding: .circular, activation: .gelu, groups: 2, pooling: .maximum,
                upsampling: .nearest, in: &$0)
        },
        BlockCase("U-net along a line, three levels", [2, 2, 11]) {
            UNet("u", axes: 1, inputs: 2, outputs: 1, channels: [3, 2, 2], padding: .replicate, activation: .squareplus, in: &$0)
        },
        BlockCase("U-net of one level", [2, 2, 3, 3]) { UNet("u", inputs: 2, outputs: 1, channels: [3], activation: .tanh, in: &$0) },
        BlockCase("Runge-Kutta on a ring", [2, 1, 12]) {
            RungeKutta4(
                BilinearConvolutionNet(
                    "net", axes: 1, inputs: 1, outputs: 1, stages: [.init(linear: 2, products: 2)], kernel: 5, padding: .circular, in: &$0),
                timeStep: 0.25)
        },
        BlockCase("bilinear convolution") { BilinearConvolution("b", channels: 3, products: 2, kernel: 3, in: &$0) },
        BlockCase("rollout of a bilinear convolution on a ring", [2, 2, 7]) {
            Rollout(
                RungeKutta4(BilinearConvolution("b", axes: 1, channels: 2, products: 1, kernel: 3, padding: .circular, in: &$0), timeStep: 0.25),
                steps: 3)
        },
        BlockCase("rings side by side", [9, 1, 7]) {
            LinesSideBySide(
                RungeKutta4(
                    BilinearConvolutionNet(
                        "net", axes: 1, inputs: 1, outputs: 1, stages: [.init(linear: 2, products: 2)], kernel: 5, padding: .circular, in: &$0),
                    timeStep: 0.25))
        },
        BlockCase("lines side by side, edges of zeros and repeated", [8, 2, 6]) {
            LinesSideBySide(
                Chain(
                    Convolution("first", axes: 1, inputs: 2, outputs: 9, kernel: 3, dilation: 2, activation: .gelu, in: &$0),
                    Convolution("second", axes: 1, inputs: 9, outputs: 2, kernel: 5, padding: .replicate, activation: .tanh, in: &$0)))
        },
    ]
}

/// The operations by channel, which no block of the library is made of alone.
struct ScaledAndShifted: Block {
    let scale, shift: ParameterLayout.Block

    init(in layout: inout ParameterLayout) {
        scale = layout.reserve("scale", shape: [3], initialiser: .constant(1))
        shift = layout.reserve("shift", shape: [3], initialiser: .zero)
    }

    func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        (x.multiplied(perChannel: weights[scale]).adding(perChannel: weights[shift]) * x - x).spatialMeans()
    }
}

/// A stencil that a convolution says, with a strong diagonal, on the first channel.
struct StencilSolved: Block {
    let convolution: Convolution

    init(in layout: inout ParameterLayout) { convolution = Convolution("a", inputs: 3, outputs: 5, kernel: 3, in: &layout) }

    func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        var diagonal = Tensor<Field.Scalar>(shape: [x.shape[0], 5, x.shape[2], x.shape[3]], repeating: 0)
        let cells = x.shape[2] * x.shape[3]
        for k in 0..<diagonal.count where k / cells % 5 == 0 { diagonal.scalars[k] = 8 }
        return x.channels(0..<1).solved(stencil: convolution(x, weights) + Field(constant: diagonal), by: BlockCase.direct)
    }
}

/// An elliptic update whose coefficients and fluxes a convolution says.
struct FluxFormStep: Block {
    let convolution: Convolution

    init(in layout: inout ParameterLayout) { convolution = Convolution("c", inputs: 3, outputs: 6, kernel: 3, in: &layout) }

    func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        let said = convolution(x, weights)
        let open = Tensor<Field.Scalar>(shape: said.channels(0..<2).shape, scalars: (0..<said.primal.count / 3).map { $0 % 4 == 2 ? 0 : 1 })
        let form = FluxFormSystem(conductance: said.channels(0..<2), velocity: said.channels(2..<4), depth: said.channels(4..<6), open: open)
        let zeta = x.channels(0..<1)
        return form.advanced(zeta, by: BlockCase.direct).concatenated(with: form.advanced(zeta, response: form.rightHandSide(zeta)).faceMean())
    }
}

/// A field that relaxes towards what a convolution says, as fast as another one says.
struct Relaxation: Block {
    let target, rate: Convolution

    init(_ name: String, channels: Int, in layout: inout ParameterLayout) {
        target = Convolution(name + ".target", inputs: channels, outputs: channels, kernel: 3, in: &layout)
        rate = Convolution(name + ".rate", inputs: channels, outputs: channels, kernel: 1, activation: .squareplus, in: &layout)
    }

    func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        x + rate(x, weights) * (target(x, weights) - x)
    }
}
