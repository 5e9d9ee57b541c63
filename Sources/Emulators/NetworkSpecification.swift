import Basics
import Layers

/// Kind and size of a network: what a checkpoint must name to build it again.
public enum NetworkSpecification: Equatable, Sendable {
    /// `FluxFormImplicitNet`
    case implicit(products: Int, stresses: Int)
    /// `FluxFormExplicitNet`
    case fluxForm(products: Int, stresses: Int)
    /// `ExplicitConvolutionNet`
    case explicit(products: Int, linear: Int, hidden: Int)
    /// `BilinearImplicitNet`
    case bilinearImplicit(stages: [BilinearConvolutionNet.Stage])
    /// `BilinearExplicitNet`
    case bilinearExplicit(stages: [BilinearConvolutionNet.Stage])
    /// `UNetStepNet`; channels of each level, the finest first.
    case unet(widths: [Int])
    /// `NonLocalNet`
    case nonLocal(NonLocalNet.Sizes)
    /// `ImplicitResidualNet`
    case implicitResidual(channels: Int, blocks: Int)

    /// The kinds that there are.
    public static let kinds = [
        FluxFormImplicitNet.kind, ExplicitConvolutionNet.kind, FluxFormExplicitNet.kind, BilinearImplicitNet.kind, BilinearExplicitNet.kind,
        UNetStepNet.kind, NonLocalNet.kind, ImplicitResidualNet.kind,
    ]

    /// Half a gigabyte in double precision.
    public static let mostWeights = 64_000_000

    public var kind: String {
        switch self {
        case .implicit: FluxFormImplicitNet.kind
        case .fluxForm: FluxFormExplicitNet.kind
        case .explicit: ExplicitConvolutionNet.kind
        case .bilinearImplicit: BilinearImplicitNet.kind
        case .bilinearExplicit: BilinearExplicitNet.kind
        case .unet: UNetStepNet.kind
        case .nonLocal: NonLocalNet.kind
        case .implicitResidual: ImplicitResidualNet.kind
        }
    }

    /// A size by its name in checkpoints, and the least that it can be.
    public struct Size: Equatable, Sendable {
        public let name: String
        public let value: Int
        let least: Int

        init(_ name: String, _ value: Int, least: Int = 1) {
            self.name = name
            self.value = value
            self.least = least
        }
    }

    /// In a fixed order; a list begins with how many it has.
    public var sizes: [Size] {
        switch self {
        case .implicit(let products, let stresses), .fluxForm(let products, let stresses):
            [Size("products", products), Size("stresses", stresses)]
        case .explicit(let products, let linear, let hidden):
            [Size("products", products, least: 0), Size("linear", linear, least: products == 0 ? 1 : 0), Size("hidden", hidden)]
        case .bilinearImplicit(let stages), .bilinearExplicit(let stages):
            [Size("stages", stages.count)] + stages.enumerated().flatMap { k, stage in
                [Size("linear_\(k)", stage.linear, least: 0), Size("products_\(k)", stage.products, least: stage.linear == 0 ? 1 : 0)]
            }
        case .unet(let widths): [Size("levels", widths.count)] + widths.enumerated().map { Size("width_\($0)", $1) }
        case .nonLocal(let sizes):
            [
                Size("nx", sizes.nx), Size("ny", sizes.ny), Size("coarsenings", sizes.coarsenings, least: 0), Size("hidden", sizes.hidden),
                Size("local", sizes.local),
            ]
        case .implicitResidual(let channels, let blocks): [Size("channels", channels, least: 2), Size("blocks", blocks)]
        }
    }

    /// From a kind and its sizes, as a checkpoint holds them.
    public init(kind: String, size: (String) throws -> Int) throws {
        func stages() throws -> [BilinearConvolutionNet.Stage] {
            try (0..<max(0, size("stages"))).map { try .init(linear: size("linear_\($0)"), products: size("products_\($0)")) }
        }
        switch kind {
        case FluxFormImplicitNet.kind: self = .implicit(products: try size("products"), stresses: try size("stresses"))
        case FluxFormExplicitNet.kind: self = .fluxForm(products: try size("products"), stresses: try size("stresses"))
        case ExplicitConvolutionNet.kind:
            self = .explicit(products: try size("products"), linear: try size("linear"), hidden: try size("hidden"))
        case BilinearImplicitNet.kind: self = .bilinearImplicit(stages: try stages())
        case BilinearExplicitNet.kind: self = .bilinearExplicit(stages: try stages())
        case UNetStepNet.kind: self = .unet(widths: try (0..<max(0, size("levels"))).map { try size("width_\($0)") })
        case NonLocalNet.kind:
            self = .nonLocal(
                NonLocalNet.Sizes(
                    nx: try size("nx"), ny: try size("ny"), coarsenings: try size("coarsenings"), hidden: try size("hidden"),
                    local: try size("local")))
        case ImplicitResidualNet.kind: self = .implicitResidual(channels: try size("channels"), blocks: try size("blocks"))
        default:
            throw SeicheError(
                .file, "there is no network of kind '\(kind)'; known are \(Self.kinds.joined(separator: ", "))",
                why: "the checkpoint may come from a later version")
        }
    }

    /// The network of these sizes.
    ///
    /// Throws `SeicheError` (invalidInput) for a size that no network can have, and for more than `mostWeights` weights.
    public func network() throws -> any EmulatorNetwork {
        // The bounds let every number of weights be counted without overflow; no experiment comes near them.
        for size in sizes {
            let most = ["stages": 64, "levels": 64, "blocks": 256, "coarsenings": 64][size.name] ?? 20_000
            guard size.value >= size.least, size.value <= most else {
                throw SeicheError(
                    .invalidInput, "a network of kind '\(kind)' cannot have '\(size.name)' \(size.value); expected from \(size.least) to \(most)")
            }
        }
        let network: any EmulatorNetwork =
            switch self {
            case .implicit(let products, let stresses): FluxFormImplicitNet(products: products, stresses: stresses)
            case .fluxForm(let products, let stresses): FluxFormExplicitNet(products: products, stresses: stresses)
            case .explicit(let products, let linear, let hidden): ExplicitConvolutionNet(products: products, linear: linear, hidden: hidden)
            case .bilinearImplicit(let stages): BilinearImplicitNet(stages: stages)
            case .bilinearExplicit(let stages): BilinearExplicitNet(stages: stages)
            case .unet(let widths): UNetStepNet(widths: widths)
            case .nonLocal(let sizes): NonLocalNet(sizes)
            case .implicitResidual(let channels, let blocks): ImplicitResidualNet(channels: channels, blocks: blocks)
            }
        guard network.layout.count <= Self.mostWeights else {
            throw SeicheError(
                .invalidInput,
                "a network of kind '\(kind)' with \(sizes.map { "\($0.name) \($0.value)" }.joined(separator: ", ")) would have "
                    + "\(network.layout.count) weights; at most \(Self.mostWeights) are possible",
                why: self.isNonLocal ? "its dense layers join every cell of the coarse grid to every hidden unit" : nil,
                remedy: self.isNonLocal ? "raise emulators.non_local.coarsenings, or lower its hidden" : "lower its sizes")
        }
        return network
    }

    private var isNonLocal: Bool { if case .nonLocal = self { true } else { false } }

    /// The explicit network whose number of parameters comes closest to that of `other`: a baseline of the same size.
    public static func explicit(matching other: NetworkSpecification, products: Int, linear: Int) throws -> NetworkSpecification {
        // The number of parameters grows by the same amount with every hidden channel.
        func count(_ hidden: Int) throws -> Int {
            try NetworkSpecification.explicit(products: products, linear: linear, hidden: hidden).network().layout.count
        }
        let (one, two) = (try count(1), try count(2))
        let hidden = 1 + Int((Double(try other.network().layout.count - one) / Double(two - one)).rounded())
        return .explicit(products: products, linear: linear, hidden: max(1, hidden))
    }
}
