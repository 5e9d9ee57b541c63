import Assimilation
import Basics
import Configuration
import Dynamics
import Optimisation

extension Experiment.AnalysisScheme {
    /// 4D-Var with any model that has derivatives.
    ///
    /// - Parameters:
    ///   - covariance: B.
    ///   - modelErrorCovariance: Q; nil for strong constraint.
    func fourDVar<Model: AdjointModel & TangentLinearModel>(
        _ model: Model, _ covariance: any ErrorCovariance, modelErrorCovariance: (any ErrorCovariance)? = nil
    ) -> FourDVar<Model> {
        FourDVar(
            model: model, covariance: covariance, modelErrorCovariance: modelErrorCovariance, minimiser: minimiserSettings, tolerance: tolerance,
            memory: heldStates > 0 ? .checkpointed(states: heldStates) : .stored)
    }

    /// The scheme's method with any model.
    func assimilation<Model: AdjointModel & TangentLinearModel>(
        _ model: Model, _ covariance: any ErrorCovariance, modelErrorCovariance: (any ErrorCovariance)? = nil
    ) -> any AssimilationMethod<Model.State> {
        switch method {
        case .fourDVar: return fourDVar(model, covariance, modelErrorCovariance: modelErrorCovariance)
        case .threeDVar:
            let analysis = ThreeDVar<Model.State>(covariance: covariance, minimiser: minimiserSettings, tolerance: tolerance)
            return SequentialAssimilation(model: model, analysis: analysis)
        case .optimalInterpolation:
            return SequentialAssimilation(model: model, analysis: OptimalInterpolation<Model.State>(covariance: covariance))
        case .freeRun: return FreeRun(model: model)
        }
    }

    private var minimiserSettings: Assimilation.Minimiser {
        switch minimiser {
        case .gaussNewton: .gaussNewton(outerLoops: iterations, inner: ConjugateGradients(tolerance: 0.03, maximumIterations: 100))
        case .lbfgs: .lbfgs(LBFGS.Settings(), maximumIterations: iterations)
        }
    }
}
