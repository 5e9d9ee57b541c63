import Basics

/// Kind and size of a network: what a checkpoint must name to build it again.
public enum NetworkSpecification: Equatable, Sendable {
    /// `FluxFormImplicitNet`
    case implicit(products: Int, stresses: Int)
    /// `FluxFormExplicitNet`
    case fluxForm(products: Int, stresses: Int)
    /// `ExplicitConvolutionNet`
    case explicit(products: Int, linear: Int, hidden: Int)

    public var kind: String {
        switch self {
        case .implicit: FluxFormImplicitNet.kind
        case .fluxForm: FluxFormExplicitNet.kind
        case .explicit: ExplicitConvolutionNet.kind
        }
    }

    /// The sizes by name, in a fixed order.
    public var sizes: [(name: String, value: Int)] {
        switch self {
        case .implicit(let products, let stresses), .fluxForm(let products, let stresses): [("products", products), ("stresses", stresses)]
        case .explicit(let products, let linear, let hidden): [("products", products), ("linear", linear), ("hidden", hidden)]
        }
    }

    /// The kinds that there are.
    public static let kinds = [FluxFormImplicitNet.kind, ExplicitConvolutionNet.kind, FluxFormExplicitNet.kind]

    /// From a kind and its sizes, as a checkpoint holds them.
    public init(kind: String, size: (String) throws -> Int) throws {
        switch kind {
        case FluxFormImplicitNet.kind: self = .implicit(products: try size("products"), stresses: try size("stresses"))
        case FluxFormExplicitNet.kind: self = .fluxForm(products: try size("products"), stresses: try size("stresses"))
        case ExplicitConvolutionNet.kind:
            self = .explicit(products: try size("products"), linear: try size("linear"), hidden: try size("hidden"))
        default:
            throw SeicheError(
                .file, "there is no network of kind '\(kind)'; known are \(Self.kinds.joined(separator: ", "))",
                why: "the checkpoint may come from a later version")
        }
    }

    public func network() -> any EmulatorNetwork {
        switch self {
        case .implicit(let products, let stresses): FluxFormImplicitNet(products: products, stresses: stresses)
        case .fluxForm(let products, let stresses): FluxFormExplicitNet(products: products, stresses: stresses)
        case .explicit(let products, let linear, let hidden):
            ExplicitConvolutionNet(products: products, linear: linear, hidden: hidden)
        }
    }

    /// The explicit network whose number of parameters comes closest to that of `other`: a baseline of the same size.
    public static func explicit(matching other: NetworkSpecification, products: Int, linear: Int) -> NetworkSpecification {
        // The number of parameters grows by the same amount with every hidden channel.
        func count(_ hidden: Int) -> Int {
            NetworkSpecification.explicit(products: products, linear: linear, hidden: hidden).network().layout.count
        }
        let (one, each) = (count(1), count(2) - count(1))
        let hidden = 1 + Int((Double(other.network().layout.count - one) / Double(each)).rounded())
        return .explicit(products: products, linear: linear, hidden: max(1, hidden))
    }
}
