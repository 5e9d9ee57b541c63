import Layers
import StencilSolvers
import Tensors

// The networks of benchmarks/peers/torch_nets.py, where they are described.

/// Three channels from the talk's net, the first of them zeta, then u and v by a convolution over these and the input.
struct ExplicitTalkNet: Block {
    private let net: BilinearConvolutionNet
    private let velocity: Convolution

    init(in layout: inout ParameterLayout) {
        net = BilinearConvolutionNet("net", inputs: 5, outputs: 3, in: &layout)
        velocity = Convolution("velocity", inputs: 8, outputs: 2, kernel: 3, gain: 1, in: &layout)
    }

    func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        let said = net(x, weights)
        return said.channels(0..<1).concatenated(with: velocity(said.concatenated(with: x), weights))
    }
}

/// The same, but zeta solves the system that the net says.
struct ImplicitTalkNet: Block {
    let solver = LinearImplicit(solver: GaussSeidel(tolerance: 1e-6))
    private let net: BilinearConvolutionNet
    private let velocity: Convolution
    /// The basin of the talk: a dry outer ring.
    private let wet: [Bool]
    private static let margin = 1.05

    init(cells n: Int, in layout: inout ParameterLayout) {
        wet = (0..<n * n).map { (1..<n - 1).contains($0 / n) && (1..<n - 1).contains($0 % n) }
        net = BilinearConvolutionNet("net", inputs: 5, outputs: 8, in: &layout)
        velocity = Convolution("velocity", inputs: 8, outputs: 2, kernel: 3, gain: 1, in: &layout)
    }

    func callAsFunction<Field: FieldAlgebra>(_ x: Field, _ weights: Weights<Field>) -> Field {
        let said = net(x, weights)
        let system = UnitDiagonalStencil(StencilDomain<Field.Scalar>(ny: x.shape[2], nx: x.shape[3], wet: wet), margin: Self.margin)
        let zeta = said.channels(5..<6).solved(raw: said.channels(0..<5), system, by: solver)
        return zeta.concatenated(with: velocity(zeta.concatenated(with: said.channels(6..<8)).concatenated(with: x), weights))
    }

    /// Lets the stencil start near I - c lap divided by its centre. Our margin divides the off-diagonals too, so the raw ones are larger than
    /// PyTorch's and the centre smaller; the matrix is the same.
    func start(_ parameters: inout Tensor<Float>, strength c: Double) {
        let (weights, bias) = (net.last.weights, net.last.bias!)
        let perChannel = weights.range.count / 8
        for k in weights.range.prefix(5 * perChannel) { parameters.scalars[k] *= 0.01 }
        let off = Self.margin * c / (1 + 4 * c)
        for (k, value) in [1 - 4 * off, -off, -off, -off, -off].enumerated() { parameters.scalars[bias.range.lowerBound + k] = Float(value) }
    }
}

/// 1 -> 32 -> 32 -> 1 channels on a ring.
func lorenzNet(in layout: inout ParameterLayout) -> LinesSideBySide<RungeKutta4<Chain>> {
    func ring(_ name: String, _ inputs: Int, _ outputs: Int, _ activation: Activation) -> Convolution {
        Convolution(name, axes: 1, inputs: inputs, outputs: outputs, kernel: 5, padding: .circular, activation: activation, in: &layout)
    }
    let tendency = Chain(ring("first", 1, 32, .rectifier), ring("second", 32, 32, .rectifier), ring("last", 32, 1, .none))
    return LinesSideBySide(RungeKutta4(tendency, timeStep: 0.05))
}

/// A tendency of a convolution and two products of convolutions: `Lorenz96Network.bilinearRK4`.
func bilinearLorenzNet(in layout: inout ParameterLayout) -> LinesSideBySide<RungeKutta4<BilinearConvolution>> {
    let tendency = BilinearConvolution("tendency", axes: 1, channels: 1, products: 2, kernel: 5, padding: .circular, in: &layout)
    return LinesSideBySide(RungeKutta4(tendency, timeStep: 0.05))
}
