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
    /// The model's own tendency of forcing F, known, with a learned term in every cell for the fast variables that one level does not have.
    case subgrid(SubgridTerm, forcing: Double)

    /// Taps of every convolution that sees neighbours: the two cells on each side that the tendency depends on.
    public static let kernel = 5

    public static let kinds = ["bilinear_rk4", "relu_rk4", "relu_resolvent", "one_level", "subgrid_polynomial", "subgrid_net"]

    public var kind: String {
        switch self {
        case .bilinearRK4: Self.kinds[0]
        case .reluRK4: Self.kinds[1]
        case .reluResolvent: Self.kinds[2]
        case .subgrid(.none, _): Self.kinds[3]
        case .subgrid(.polynomial, _): Self.kinds[4]
        case .subgrid(.network, _): Self.kinds[5]
        }
    }

    /// The sizes by name, in a fixed order.
    public var sizes: [(name: String, value: Int)] {
        switch self {
        case .bilinearRK4(let products): [("products", products)]
        case .reluRK4(let hiddenLayers, let channels), .reluResolvent(let hiddenLayers, let channels):
            [("hidden_layers", hiddenLayers), ("channels", channels)]
        case .subgrid(.none, _): []
        case .subgrid(.polynomial(let degree), _): [("degree", degree)]
        case .subgrid(.network(let width), _): [("width", width)]
        }
    }

    /// Numbers of the network that are neither sizes nor learned.
    public var figures: [(name: String, value: Double)] {
        if case .subgrid(_, let forcing) = self { [("forcing", forcing)] } else { [] }
    }

    /// From a kind with its sizes and figures, as a checkpoint holds them.
    public init(kind: String, size: (String) throws -> Int, figure: (String) throws -> Double) throws {
        switch kind {
        case Self.kinds[0]: self = .bilinearRK4(products: try size("products"))
        case Self.kinds[1]: self = .reluRK4(hiddenLayers: try size("hidden_layers"), channels: try size("channels"))
        case Self.kinds[2]: self = .reluResolvent(hiddenLayers: try size("hidden_layers"), channels: try size("channels"))
        case Self.kinds[3]: self = .subgrid(.none, forcing: try figure("forcing"))
        case Self.kinds[4]: self = .subgrid(.polynomial(degree: try size("degree")), forcing: try figure("forcing"))
        case Self.kinds[5]: self = .subgrid(.network(width: try size("width")), forcing: try figure("forcing"))
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
        case .bilinearRK4, .subgrid: return 4 * half
        case .reluRK4(let hiddenLayers, _): return 4 * half * hiddenLayers
        case .reluResolvent(let hiddenLayers, _): return half * hiddenLayers
        }
    }

    /// The map of one normalised step, and where its weights sit.
    ///
    /// - Parameters:
    ///   - timeStep: in the model's unit; what a net that learns the step itself was trained for.
    ///   - scales: of the states; a known tendency depends on them.
    public func step(timeStep: Double, scales: Lorenz96Scales) -> (block: any Block, layout: ParameterLayout) {
        var layout = ParameterLayout()
        let block: any Block
        switch self {
        case .bilinearRK4(let products):
            block = RungeKutta4(Self.bilinearTendency(products: products, in: &layout), timeStep: timeStep)
        case .reluRK4(let hiddenLayers, let channels):
            block = RungeKutta4(Self.rectified("tendency", hiddenLayers, channels, in: &layout), timeStep: timeStep)
        case .reluResolvent(let hiddenLayers, let channels):
            block = Residual(Self.rectified("change", hiddenLayers, channels, in: &layout))
        case .subgrid(let term, let forcing):
            block = RungeKutta4(SubgridTendency(forcing: forcing, scales: scales, term: term.block(in: &layout)), timeStep: timeStep)
        }
        return (block, layout)
    }

    /// Where the weights sit.
    public var layout: ParameterLayout { step(timeStep: 1, scales: Lorenz96Scales(mean: 0, deviation: 1)).layout }

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
