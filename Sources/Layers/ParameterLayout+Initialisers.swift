extension ParameterLayout.Initialiser {
    /// Before rectified units: normal with variance 2 / fan-in, so that signals keep their size (He et al. 2015).
    public static func he(fanIn: Int) -> Self { .normal(gain: 2, fanIn: fanIn) }

    /// Before units that are linear near 0: uniform with variance 2 / (fan-in + fan-out), so that signals and gradients change size alike
    /// (Glorot and Bengio 2010).
    public static func xavier(fanIn: Int, fanOut: Int) -> Self { .uniform(bound: (6 / Double(fanIn + fanOut)).squareRoot()) }

    /// For layers that start by saying nothing.
    public static var zero: Self { .constant(0) }
}
