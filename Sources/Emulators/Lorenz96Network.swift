import Basics
import Layers

/// Kind and size of a network that steps the one-level Lorenz '96 model, on a ring of any length: the same small kernels everywhere.
///
/// Fields are [batch, 1, k], normalised by `Lorenz96Scales`.
public enum Lorenz96Network: Equatable, Sendable {
    /// A local tendency inside the classical Runge-Kutta scheme: a convolution and products of pairs of convolutions, five taps each.
    /// With one product or more the model itself is among the functions it can be.
    case bilinearRK4(products: Int)
    /// A convolutional net with rectified units as the tendency.
    case reluRK4(hiddenLayers: Int, channels: Int)
    /// The same kind of net as the change over a step.
    case reluResolvent(hiddenLayers: Int, channels: Int)

    /// Taps of every convolution that sees neighbours: the two cells on each side that the tendency depends on.
    public static let kernel = 5

    public static let kinds = ["bilinear_rk4", "relu_rk4", "relu_resolvent"]

    public var kind: String {
        switch self {
        case .bilinearRK4: Self.kinds[0]
        case .reluRK4: Self.kinds[1]
        case .reluResolvent: Self.kinds[2]
        }
    }

    /// The sizes by name, in a fixed order.
    public var sizes: [(name: String, value: Int)] {
        switch self {
        case .bilinearRK4(let products): [("products", products)]
        case .reluRK4(let hiddenLayers, let channels), .reluResolvent(let hiddenLayers, let channels):
            [("hidden_layers", hiddenLayers), ("channels", channels)]
        }
    }

    /// From a kind and its sizes, as a checkpoint holds them.
    public init(kind: String, size: (String) throws -> Int) throws {
        switch kind {
        case Self.kinds[0]: self = .bilinearRK4(products: try size("products"))
        case Self.kinds[1]: self = .reluRK4(hiddenLayers: try size("hidden_layers"), channels: try size("channels"))
        case Self.kinds[2]: self = .reluResolvent(hiddenLayers: try size("hidden_layers"), channels: try size("channels"))
        default:
            throw SeicheError(
                .file, "there is no Lorenz '96 network of kind '\(kind)'; known are \(Self.kinds.joined(separator: ", "))",
                why: "the checkpoint may come from a later version")
        }
    }

    /// Cells on either side that a value one step later depends on; four times the tendency's in the Runge-Kutta scheme, once for each stage.
    public var reach: Int {
        let half = Self.kernel / 2
        switch self {
        case .bilinearRK4: return 4 * half
        case .reluRK4(let hiddenLayers, _): return 4 * half * hiddenLayers
        case .reluResolvent(let hiddenLayers, _): return half * hiddenLayers
        }
    }

    /// The map of one normalised step, and where its weights sit.
    ///
    /// - Parameter timeStep: in the model's unit; what a net that learns the step itself was trained for.
    public func step(timeStep: Double) -> (block: any Block, layout: ParameterLayout) {
        var layout = ParameterLayout()
        let block: any Block
        switch self {
        case .bilinearRK4(let products):
            block = RungeKutta4(Self.bilinearTendency(products: products, in: &layout), timeStep: timeStep)
        case .reluRK4(let hiddenLayers, let channels):
            block = RungeKutta4(Self.rectified("tendency", hiddenLayers, channels, in: &layout), timeStep: timeStep)
        case .reluResolvent(let hiddenLayers, let channels):
            block = Residual(Self.rectified("change", hiddenLayers, channels, in: &layout))
        }
        return (block, layout)
    }

    /// The tendency of `bilinearRK4`, of normalised states.
    static func bilinearTendency(products: Int, in layout: inout ParameterLayout) -> BilinearConvolution {
        // A start that says nothing: four stages of random quadratic terms would be a polynomial of degree sixteen, and overflow.
        BilinearConvolution("tendency", axes: 1, channels: 1, products: products, kernel: kernel, gain: 0, padding: .circular, in: &layout)
    }

    private static func rectified(
        _ name: String, _ hiddenLayers: Int, _ channels: Int, in layout: inout ParameterLayout
    ) -> BilinearConvolutionNet {
        BilinearConvolutionNet(
            name, axes: 1, inputs: 1, outputs: 1, stages: Array(repeating: .init(linear: channels, products: 0), count: hiddenLayers),
            kernel: kernel, padding: .circular, gains: [0], in: &layout)
    }
}
