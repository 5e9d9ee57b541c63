import Configuration
import Emulators
import Layers

/// The emulators that can be trained, each with its section in `emulators`.
enum EmulatorKind: String, EmulatorChoice {
    case implicit, explicit
    /// The implicit one without its solve; it has the implicit one's sizes.
    case fluxForm = "flux_form"
    case bilinearImplicit = "bilinear_implicit"
    case bilinearExplicit = "bilinear_explicit"
    case unet
    case nonLocal = "non_local"
    case implicitResidual = "implicit_residual"
}

extension Experiment {
    /// The network of a kind for a grid of nx x ny cells, with the explicit one's size matched to the implicit one's unless it is given.
    ///
    /// Throws where the explicit one's size cannot be matched.
    func specification(_ kind: EmulatorKind, nx: Int, ny: Int) throws -> NetworkSpecification {
        let implicit = NetworkSpecification.implicit(products: emulators.implicit.products, stresses: emulators.implicit.stresses)
        switch kind {
        case .implicit: return implicit
        case .fluxForm: return .fluxForm(products: emulators.implicit.products, stresses: emulators.implicit.stresses)
        case .explicit:
            let explicit = emulators.explicit
            if let hidden = explicit.hidden {
                return .explicit(products: explicit.products, linear: explicit.linear, hidden: hidden)
            }
            return try .explicit(matching: implicit, products: explicit.products, linear: explicit.linear)
        case .bilinearImplicit: return .bilinearImplicit(stages: stages(emulators.bilinearImplicit))
        case .bilinearExplicit: return .bilinearExplicit(stages: stages(emulators.bilinearExplicit))
        case .unet: return .unet(widths: emulators.unet.widths)
        case .nonLocal:
            let net = emulators.nonLocal
            return .nonLocal(.init(nx: nx, ny: ny, coarsenings: net.coarsenings, hidden: net.hidden, local: net.local))
        case .implicitResidual:
            return .implicitResidual(channels: emulators.implicitResidual.channels, blocks: emulators.implicitResidual.blocks)
        }
    }

    private func stages(_ net: Bilinear) -> [BilinearConvolutionNet.Stage] {
        zip(net.linear, net.products).map { .init(linear: $0, products: $1) }
    }

    /// How an emulator is trained, and its largest learning rate.
    func recipe(_ kind: EmulatorKind) -> (training: Training, learningRate: Double) {
        let recipe =
            switch kind {
            case .implicit: emulators.implicit.recipe
            case .explicit: emulators.explicit.recipe
            case .fluxForm: emulators.fluxForm ?? emulators.implicit.recipe
            case .bilinearImplicit: emulators.bilinearImplicit.recipe
            case .bilinearExplicit: emulators.bilinearExplicit.recipe
            case .unet: emulators.unet.recipe
            case .nonLocal: emulators.nonLocal.recipe
            case .implicitResidual: emulators.implicitResidual.recipe
            }
        return (recipe.training ?? training, recipe.learningRate)
    }
}
