extension Experiment {
    /// How one run of data assimilation makes its analyses, whatever the model is; its keys stand beside those of the run.
    public struct AnalysisScheme: Equatable, Sendable {
        public enum Method: String, ConfigurationChoice {
            case fourDVar = "4dvar"
            case threeDVar = "3dvar"
            case optimalInterpolation = "optimal_interpolation"
            /// Observations are not looked at.
            case freeRun = "free_run"

            public var isVariational: Bool { self == .fourDVar || self == .threeDVar }
        }

        public enum Minimiser: String, ConfigurationChoice {
            case gaussNewton = "gauss_newton"
            case lbfgs
        }

        public enum Precision: String, ConfigurationChoice { case single, double }

        public var method = Method.fourDVar
        /// What forecasts: `reference`, the Fortran model, or a trained emulator, as a run in training.directory or a checkpoint's path.
        public var model = reference
        public static let reference = "reference"
        /// What an emulator of shallow water computes in.
        public var precision = Precision.double
        public var minimiser = Minimiser.gaussNewton
        /// Outer loops of Gauss-Newton, or steps of L-BFGS, at most.
        public var iterations = 10
        /// Of the gradient, relative to that at the background.
        public var tolerance = 1.0e-3
        /// States of a window that are held at a time, the others computed again; 0 for all.
        public var heldStates = 0

        public init() {}

        public var usesEmulator: Bool { model != Self.reference }

        /// - Parameter hasPrecision: whether emulators compute in one or the other.
        mutating func exchange(with node: ConfigurationNode, hasPrecision: Bool = false) throws {
            try node.value("method", &method)
            try node.option("model", &model, default: Self.reference, .notEmpty)
            if usesEmulator, hasPrecision {
                try node.option("precision", &precision, default: .double)
            } else {
                node.notApplicable("precision", unless: "the model is an emulator of shallow water")
            }
            guard method.isVariational else {
                node.notApplicable("minimiser", "iterations", "tolerance", unless: "the method is 4dvar or 3dvar")
                return node.notApplicable("held_states", unless: "the method is 4dvar")
            }
            try node.value("minimiser", &minimiser)
            try node.value("iterations", &iterations, .within(1...100_000))
            try node.value("tolerance", &tolerance, .positive(below: 1))
            guard method == .fourDVar else { return node.notApplicable("held_states", unless: "the method is 4dvar") }
            try node.option("held_states", &heldStates, default: 0, .within(0...1_000_000))
        }
    }
}
